package codectest

import (
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/serde"
)

// RunStrict is [Run] and the data model of the codecs of this module: a nil slice and a nil map come back empty, missing
// fields keep their zero value, times are text, types outside the model are refused, unions of both shapes, tuples,
// the depth limit in both directions, equal bytes for equal maps, and errors with path and offset.
func RunStrict(t *testing.T, c tandem.Codec) {
	Run(t, c)
	t.Run("model", func(t *testing.T) {
		for _, m := range modelMessages() {
			t.Run(m.name, func(t *testing.T) { roundTrip(t, c, m.value) })
		}
	})
	t.Run("nil", func(t *testing.T) { checkNil(t, c) })
	t.Run("any", func(t *testing.T) { checkAny(t, c) })
	t.Run("omitted", func(t *testing.T) { checkOmitted(t, c) })
	t.Run("sorted", func(t *testing.T) { checkSorted(t, c) })
	t.Run("depth", func(t *testing.T) { checkDepth(t, c) })
	t.Run("unions", func(t *testing.T) { checkUnions(t, c) })
	t.Run("refused types", func(t *testing.T) { checkRefused(t, c) })
	t.Run("errors", func(t *testing.T) { checkErrors(t, c) })
	t.Run("allocations", func(t *testing.T) { checkAllocations(t, c) })
}

type (
	celsius float64
	state   uint8
	rgb     [3]byte
	pair    struct {
		serde.Tuple
		Name string
		N    int
	}
	base struct {
		ID   int
		Kind string
	}
	extended struct {
		base
		*Inner
		Kind string // hides base.Kind
		Note string `json:"note"`
	}
	tree struct {
		Value    int     `json:"v"`
		Children []*tree `json:"c"`
		Next     *tree   `json:"n"`
	}
	octets struct {
		Raw  []byte    `json:"raw"`
		List []byte    `json:"list,format:array"`
		RGB  rgb       `json:"rgb"`
		Nums [2]uint16 `json:"nums"`
	}
)

func modelMessages() []namedMessage {
	huge, _ := new(big.Int).SetString("-170141183460469231731687303715884105728", 10)
	return []namedMessage{
		{"named kinds", &struct {
			C celsius
			S state
			D time.Duration
		}{36.6, 3, time.Minute}},
		{"time", new(time.Date(2024, 1, 2, 3, 4, 5, 6007008, time.UTC))},
		{"address", new(netip.MustParseAddr("127.0.0.1"))},
		{"keys", new(map[netip.Addr]bool{netip.MustParseAddr("::1"): true})},
		{"keys of bool", new(map[bool]int{true: 1, false: 0})},
		{"keys of uint8", new(map[uint8][]string{255: {"x"}, 0: {}})},
		{"big", new([]*big.Int{big.NewInt(5), big.NewInt(-5), huge, new(big.Int).Lsh(big.NewInt(1), 64), nil})},
		{"tuple", new([]pair{{Name: "a", N: 1}, {Name: "", N: -1}})},
		{"embedded", &extended{base: base{ID: 1}, Inner: &Inner{"a", 2}, Kind: "k", Note: "n"}},
		{"embedded nil", &extended{base: base{ID: 1}, Kind: "k"}},
		{"recursive", &tree{1, []*tree{{2, []*tree{}, nil}, nil}, &tree{3, []*tree{{4, []*tree{}, nil}}, nil}}},
		{"bytes", &octets{[]byte{0, 255}, []byte{1, 128}, rgb{1, 2, 3}, [2]uint16{1, 65535}}},
		{"empty bytes", &octets{[]byte{}, []byte{}, rgb{}, [2]uint16{}}},
		{"units", new([]struct{}{{}, {}})},
		{"options", new([]*bool{new(true), nil, new(false)})},
		{"interface", new(any(map[string]any{"a": []any{int64(1), "x", nil, true, 1.5}, "m": map[string]any{}}))},
	}
}

func checkNil(t *testing.T, c tandem.Codec) {
	type lists struct {
		S []string
		M map[string]int
		B []byte
		L []byte `json:",format:array"`
	}
	src := mustAppend(t, c, nil, &lists{})
	got, err := decodeNew(c, src, &lists{})
	if want := (&lists{[]string{}, map[string]int{}, []byte{}, []byte{}}); err != nil || !reflect.DeepEqual(got, any(want)) {
		t.Errorf("nil lists came back as %+v, %v", got, err)
	}
	null := mustAppend(t, c, nil, new(*int))
	for _, v := range []any{new(string), new(int), new(float64), new(bool), new([]int), new([]byte), new([1]byte), new([1]int), new(map[string]int), new(Inner), new(pair), new(time.Time), new(big.Int)} {
		if err := c.Decode(null, v); err == nil {
			t.Errorf("null was taken for a %T", v)
		}
	}
	for _, v := range []any{new(*string), new(any), new(struct{})} {
		if err := c.Decode(null, v); err != nil {
			t.Errorf("null was refused for a %T: %v", v, err)
		}
	}
}

func checkAny(t *testing.T, c tandem.Codec) {
	for _, v := range []struct{ in, out any }{
		{7, int64(7)}, {int8(-7), int64(-7)}, {uint64(1) << 63, uint64(1) << 63}, {float32(1.5), 1.5}, {state(3), int64(3)},
		{&Inner{"a", 1}, map[string]any{"a": "a", "b": int64(1)}}, {[]int{1}, []any{int64(1)}}, {map[string]bool{"x": true}, map[string]any{"x": true}},
		{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), "2024-01-02T03:04:05Z"}, {(*int)(nil), nil},
	} {
		src := mustAppend(t, c, nil, &v.in)
		var got any
		if err := c.Decode(src, &got); err != nil || !reflect.DeepEqual(got, v.out) {
			t.Errorf("%T went out as %q and came back as %T %v, %v, want %v", v.in, src, got, got, err, v.out)
		}
	}
}

func checkOmitted(t *testing.T, c tandem.Codec) {
	type full struct {
		A, B string
		T    time.Time
		P    *int
		L    []int
	}
	type spare struct {
		A string    `json:",omitempty"`
		B string    `json:"B"`
		T time.Time `json:",omitzero"`
		P *int      `json:",omitempty"`
		L []int     `json:",omitempty"`
		h int
	}
	src := mustAppend(t, c, nil, &spare{B: "b", h: 1})
	if want := mustAppend(t, c, nil, &struct{ B string }{"b"}); string(src) != string(want) {
		t.Errorf("empty fields went out: %q", src)
	}
	got, err := decodeNew(c, src, &full{})
	if err != nil || !reflect.DeepEqual(got, any(&full{B: "b"})) {
		t.Errorf("missing fields came back as %+v, %v", got, err)
	}
	src = mustAppend(t, c, nil, sample())
	got, err = decodeNew(c, src, &struct {
		Int int `json:"int"`
	}{})
	if err != nil || !reflect.DeepEqual(got, any(&struct {
		Int int `json:"int"`
	}{-1815})) {
		t.Errorf("with unknown fields: %+v, %v", got, err)
	}
	if got, err = decodeNew(c, src, &struct{ INT int }{}); err != nil || !reflect.DeepEqual(got, any(&struct{ INT int }{})) {
		t.Errorf("a name in another case matched: %+v, %v", got, err)
	}
}

func checkSorted(t *testing.T, c tandem.Codec) {
	m := map[string]map[int]string{}
	for i := range 50 {
		k := string(rune('a'+i%26)) + string(rune('a'+i/26))
		m[k] = map[int]string{i: "x", -i - 1: "y", 1000 * i: "z"}
	}
	first := mustAppend(t, c, nil, &m)
	for range 20 {
		if again := mustAppend(t, c, nil, &m); string(again) != string(first) {
			t.Fatal("equal maps gave different bytes")
		}
	}
	roundTrip(t, c, &m)
}

func checkDepth(t *testing.T, c tandem.Codec) {
	nest := func(n int) any {
		var v any = []any{}
		for range n - 1 {
			v = []any{v}
		}
		return v
	}
	at, past := nest(serde.DefaultMaxDepth), nest(serde.DefaultMaxDepth+1)
	roundTrip(t, c, &at)
	if _, err := c.Append(nil, &past); err == nil {
		t.Error("one level too many was encoded")
	}
	loop := &tree{}
	loop.Next = loop
	if _, err := c.Append(nil, loop); err == nil {
		t.Error("a value that contains itself was encoded")
	}
	var self any
	self = &self
	if _, err := c.Append(nil, &self); err == nil {
		t.Error("a pointer to itself was encoded")
	}
}

func checkErrors(t *testing.T, c tandem.Codec) {
	type item struct {
		Age any `json:"age"`
	}
	type wide struct {
		Items []item         `json:"items"`
		Names map[string]any `json:"names"`
	}
	type narrow struct {
		Items []struct {
			Age uint8 `json:"age"`
		} `json:"items"`
		Names map[string]bool `json:"names"`
	}
	for _, row := range []struct {
		in   wide
		path string
	}{
		{wide{Items: []item{{1}, {255}, {256}}}, ".items[2].age"},
		{wide{Items: []item{{"x"}}}, ".items[0].age"},
		{wide{Names: map[string]any{"x": 1}}, `.names["x"]`},
	} {
		src := mustAppend(t, c, nil, &row.in)
		err := c.Decode(src, &narrow{})
		e, ok := errors.AsType[*serde.Error](err)
		if !ok || e.Path != row.path || e.Codec != c.Name() || e.Offset() <= 0 || e.Offset() >= len(src) {
			t.Errorf("the error is %#v, want one at %s", err, row.path)
		}
	}
	_, err := c.Append(nil, &wide{Names: map[string]any{"k": []any{"\xff"}}})
	if e, ok := errors.AsType[*serde.Error](err); !ok || e.Path != `.names["k"][0]` || e.Offset() != -1 {
		t.Errorf("the error is %#v, want one at .names[\"k\"][0]", err)
	}
}

func checkRefused(t *testing.T, c tandem.Codec) {
	for _, v := range []any{new(chan int), new(func()), new(complex128), new(error), new(map[float64]int), new(map[pair]int), &struct{ C chan int }{}} {
		if _, err := c.Append(nil, v); err == nil {
			t.Errorf("a %T was encoded", v)
		}
		if err := c.Decode([]byte("1"), v); err == nil {
			t.Errorf("a %T was decoded", v)
		}
	}
	for _, v := range []any{nil, 7, (*int)(nil)} {
		if _, err := c.Append(nil, v); err == nil {
			t.Errorf("%T instead of a pointer was encoded", v)
		}
	}
}

func checkAllocations(t *testing.T, c tandem.Codec) {
	m := sample()
	m.Names = nil // walking a map is not free
	buf := mustAppend(t, c, nil, m)
	if n := testing.AllocsPerRun(100, func() { buf, _ = c.Append(buf[:0], m) }); n > 0 {
		t.Errorf("encoding made %v allocations", n)
	}
	small := &Inner{"hello", 1}
	src := mustAppend(t, c, nil, small)
	if n := testing.AllocsPerRun(100, func() {
		*small = Inner{}
		_ = c.Decode(src, small)
	}); n > 1 && !raceEnabled {
		t.Errorf("decoding one string made %v allocations", n)
	}
}
