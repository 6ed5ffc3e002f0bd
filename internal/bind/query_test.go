package bind_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

type (
	name   string
	count  uint16
	names  []name
	counts map[name]count
	raw    []byte
	tree   struct {
		Label string
		Kids  []tree
		Next  *tree
	}
	hue   uint8 // a byte with a text of its own
	level struct{ n int }
)

func (h hue) MarshalText() ([]byte, error) { return []byte(strings.Repeat("#", int(h))), nil }
func (h *hue) UnmarshalText(b []byte) error {
	*h = hue(len(b))
	return nil
}

func (l *level) MarshalText() ([]byte, error) {
	if l.n < 0 {
		return nil, errors.New("below ground")
	}
	return strconv.AppendInt(nil, int64(l.n), 10), nil
}

var errLevel = errors.New("no such level")

func (l *level) UnmarshalText(b []byte) (err error) {
	if l.n, err = strconv.Atoi(string(b)); err != nil {
		return errLevel
	}
	return nil
}

// TestQuery_roundTrip checks what is written and that it reads back.
func TestQuery_roundTrip(t *testing.T) {
	type one[T any] struct{ V T }
	for _, row := range []struct {
		params any
		query  string
	}{
		{one[string]{"a b&=ü"}, "v=a+b%26%3D%C3%BC"},
		{one[string]{""}, "v="},
		{one[name]{"x"}, "v=x"},
		{one[bool]{true}, "v=true"},
		{one[int]{-1}, "v=-1"},
		{one[int8]{-128}, "v=-128"},
		{one[int64]{math.MinInt64}, "v=-9223372036854775808"},
		{one[uint64]{math.MaxUint64}, "v=18446744073709551615"},
		{one[count]{65535}, "v=65535"},
		{one[rune]{'x'}, "v=120"},
		{one[float64]{1}, "v=1"},
		{one[float64]{1e21}, "v=1000000000000000000000"},
		{one[float64]{-1e-10}, "v=-0.0000000001"},
		{one[float64]{math.MaxFloat64}, "v=179769313486231570" + strings.Repeat("0", 291)},
		{one[float32]{1.1}, "v=1.1"},
		{one[time.Duration]{90 * time.Second}, "v=1m30s"},
		{one[time.Time]{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}, "v=2026-01-02T03%3A04%3A05.000000006Z"},
		{one[netip.Addr]{netip.MustParseAddr("::1")}, "v=%3A%3A1"},
		{one[level]{level{7}}, "v=7"},
		{one[[]byte]{[]byte("a b")}, "v=a+b"},
		{one[raw]{raw("x")}, "v=x"},
		{one[struct{}]{}, "v="},

		{one[*string]{nil}, ""},
		{one[*string]{new("x")}, "v=x"},
		{one[*int]{new(0)}, "v=0"},
		{one[*level]{&level{7}}, "v=7"},
		{one[*big.Int]{big.NewInt(-5)}, "v=-5"},
		{one[*[]int]{&[]int{1}}, "v[0]=1"},
		{one[*tree]{&tree{Label: "a"}}, "v[label]=a"},

		{one[[]string]{nil}, ""},
		{one[[]string]{[]string{""}}, "v[0]="},
		{one[names]{names{"a", "b"}}, "v[0]=a&v[1]=b"},
		{one[[]hue]{[]hue{2, 0}}, "v[0]=%23%23&v[1]="},
		{one[[]level]{[]level{{1}}}, "v[0]=1"},
		{one[[]*int]{[]*int{new(1), nil, new(3), nil}}, "v[0]=1&v[1]=&v[2]=3&v[3]="},
		{one[[][]int]{[][]int{{1, 2}, nil, {3}}}, "v[0][0]=1&v[0][1]=2&v[1]=&v[2][0]=3"},
		{one[[]one[*int]]{[]one[*int]{{nil}, {new(1)}}}, "v[0]=&v[1][v]=1"},
		{one[[]struct{}]{make([]struct{}, 2)}, "v[0]=&v[1]="},
		{one[[2]int]{[2]int{1, 2}}, "v[0]=1&v[1]=2"},
		{one[[1]*int]{}, "v[0]="},
		{one[[1][]int]{}, "v[0]="},
		{one[[0]int]{}, ""},
		{one[[4]byte]{[4]byte{1, 2, 3, 4}}, "v[0]=1&v[1]=2&v[2]=3&v[3]=4"},
		{one[point]{point{X: 1, Y: 2}}, "v[0]=1&v[1]=2"},
		{one[[]point]{[]point{{X: 1}}}, "v[0][0]=1&v[0][1]=0"},

		{one[map[string]int]{nil}, ""},
		{one[map[string]int]{map[string]int{"b": 2, "a": 1, "": 3, "[x]": 4}}, "v[]=3&v[%5Bx%5D]=4&v[a]=1&v[b]=2"},
		{one[counts]{counts{"k 1": 2}}, "v[k+1]=2"},
		{one[map[int8]bool]{map[int8]bool{-1: true, 10: false}}, "v[-1]=true&v[10]=false"},
		{one[map[level]string]{map[level]string{{1}: "a"}}, "v[1]=a"},
		{one[map[string]level]{map[string]level{"a": {1}}}, "v[a]=1"},
		{one[map[string][]int]{map[string][]int{"a": nil, "b": {1}}}, "v[a]=&v[b][0]=1"},
		{one[map[string]*string]{map[string]*string{"a": nil}}, "v[a]="},
		{one[map[string]map[string]int]{map[string]map[string]int{"a": {"b": 1}}}, "v[a][b]=1"},

		{tree{Label: "a", Kids: []tree{{Label: "b"}}, Next: &tree{Label: "c"}},
			"label=a&kids[0][label]=b&next[label]=c"},
		{struct {
			A struct {
				B string `query:"b.c"`
				embedded
			} `query:"a-1"`
		}{}, "a-1[b.c]=&a-1[a]="},
	} {
		typ := reflect.TypeOf(row.params)
		p, err := bind.Compile(typ, "/")
		assert.NoError(t, err)
		r, err := p.Encode(row.params)
		assert.NoError(t, err, typ)
		assert.Equal(t, r.RawQuery, row.query, typ)
		for _, query := range []string{row.query, strings.NewReplacer("[", "%5B", "]", "%5d").Replace(row.query)} {
			if query != row.query && strings.Contains(row.query, "%5B") {
				continue // then the brackets in the key cannot be told from those around it
			}
			back := reflect.New(typ)
			assert.NoError(t, p.Decode(source{query: query}, back.Interface()), query)
			assert.Equal(t, back.Elem().Interface(), row.params, query)
		}
	}
}

// TestQuery_lossy shows the only values that change on the way: optionals that hold nothing.
func TestQuery_lossy(t *testing.T) {
	type params struct {
		S *string
		L *[]int
		T *struct{ A *int }
		E []int
		M map[string]int
	}
	q := encodeQuery(t, params{S: new(""), L: &[]int{}, T: &struct{ A *int }{}, E: []int{}, M: map[string]int{}})
	assert.Equal(t, q, "s=")
	back, err := decodeQuery[params](t, q)
	assert.NoError(t, err)
	assert.Equal(t, back, params{})
}

func TestQuery_decode(t *testing.T) {
	type params struct {
		V []string
		P *[]string
		M map[string]string
		B *bool
		Q *struct{ A, B *int }
		T *point
	}
	for query, want := range map[string]params{
		"v=a":                           {V: []string{"a"}},
		"v=a&v=b":                       {V: []string{"a", "b"}},
		"v[]=a&v[]=b":                   {V: []string{"a", "b"}},
		"v%5B%5D=a&v%5b%5d=b":           {V: []string{"a", "b"}},
		"v[1]=b&v[0]=a":                 {V: []string{"a", "b"}},
		"v[10]=c&v[9]=b&v[0]=a":         {V: []string{"a", "b", "c"}},
		"v[4294967295]=b&v[1]=a":        {V: []string{"a", "b"}},
		"v[18446744073709551615]=b&v=c": {V: []string{"b", "c"}},
		"v=z&v[1]=b&v[]=y&v[0]=a":       {V: []string{"a", "b", "z", "y"}},
		"v=":                            {},
		"v":                             {},
		"v=&v=":                         {V: []string{"", ""}},
		"v[]=":                          {V: []string{""}},
		"v[000]=a&v[01]=b":              {V: []string{"a", "b"}},
		"v=a,b":                         {V: []string{"a,b"}},
		"v=a;b":                         {V: []string{"a;b"}},
		"v=a=b":                         {V: []string{"a=b"}},
		"v=%":                           {V: []string{"%"}},
		"v=%4":                          {V: []string{"%4"}},
		"v=%zz%41%":                     {V: []string{"%zzA%"}},
		"%76=a":                         {V: []string{"a"}},
		"%76%5B%30%5D=a":                {V: []string{"a"}},
		"&&v=a&&":                       {V: []string{"a"}},
		"=x&=&v=a&[0]=1&[&]":            {V: []string{"a"}},
		"V=a&v2=b&v.=c&v]=d":            {},
		"%ff=%ff&x[%ff=1&x[[=2":         {}, // unknown names are ignored, whatever is wrong with them
		"p=":                            {},
		"p[]=":                          {P: &[]string{""}},
		"m=":                            {},
		"m[]=x":                         {M: map[string]string{"": "x"}},
		"m[a%5D%5Bb]=x":                 {M: map[string]string{"a][b": "x"}},
		"m[%26%3D]=x":                   {M: map[string]string{"&=": "x"}},
		"m[0]=x&m[1]=y":                 {M: map[string]string{"0": "x", "1": "y"}},
		"m&m[a]":                        {M: map[string]string{"a": ""}},
		"b":                             {},
		"b=":                            {},
		"b=false":                       {B: new(false)},
		"q=":                            {},
		"q[a]=":                         {},
		"q[c]=1":                        {},
		"q[b]=1&q[c]=2":                 {Q: &struct{ A, B *int }{B: new(1)}},
		"t[1]=2&t[0]=1":                 {T: &point{X: 1, Y: 2}},
		"t[]=1&t[]=2":                   {T: &point{X: 1, Y: 2}},
	} {
		got, err := decodeQuery[params](t, query)
		assert.NoError(t, err, query)
		assert.Equal(t, got, want, query)
	}
}

func TestQuery_decode_refused(t *testing.T) {
	type params struct {
		Age  *int8
		U    *uint
		F    *float32
		OK   *bool
		D    *time.Duration
		At   *time.Time
		L    *level
		S    *string
		List []int
		Arr  *[2]int
		Obj  *struct{ Name string }
		Map  map[int]string
		Deep [][]map[string][]int
		Pt   *point
		Unit struct{}
	}
	long := strings.Repeat("é", 40)
	for query, want := range map[string]string{
		"age=abc":                                `query parameter "age": "abc" is not an int`,
		"age=128":                                `query parameter "age": "128" is out of range`,
		"age=1_0":                                `query parameter "age": "1_0" is not an int`,
		"age=0x1":                                `query parameter "age": "0x1" is not an int`,
		"age=1.0":                                `query parameter "age": "1.0" is not an int`,
		"age=+1":                                 `query parameter "age": " 1" is not an int`,
		"age=1&age=1":                            `query parameter "age": given more than once`,
		"age=&age=":                              `query parameter "age": given more than once`,
		"age[]=1":                                `query parameter "age": it is a single value, without brackets`,
		"age=1&age[a]=1":                         `query parameter "age": it is a single value, without brackets`,
		"age=%00%0a%22":                          `query parameter "age": "\x00\n\"" is not an int`,
		"age=" + long:                            `query parameter "age": "` + long[:32] + `"… is not an int`,
		"age=x" + long:                           `query parameter "age": "x` + long[:30] + `"… is not an int`,
		"u=-1":                                   `query parameter "u": "-1" is not an unsigned int`,
		"u=%2B-1":                                `query parameter "u": "+-1" is not an unsigned int`,
		"f=NaN":                                  `query parameter "f": "NaN" is not a number`,
		"f=-inf":                                 `query parameter "f": "-inf" is not a number`,
		"f=0x1p3":                                `query parameter "f": "0x1p3" is not a number`,
		"f=1e39":                                 `query parameter "f": "1e39" is out of range`,
		"ok=1":                                   `query parameter "ok": "1" is neither true nor false`,
		"ok=True":                                `query parameter "ok": "True" is neither true nor false`,
		"d=5":                                    `query parameter "d": "5" is not a duration such as 1m30s`,
		"at=today":                               `query parameter "at": "today" is not a time such as 2006-01-02T15:04:05Z`,
		"l=up":                                   `query parameter "l": "up" is not valid`,
		"s=%ff":                                  `query parameter "s": "\xff" is not valid UTF-8`,
		"s=\xff":                                 `query parameter "s": "\xff" is not valid UTF-8`,
		"list=1,2":                               `query parameter "list[]": "1,2" is not an int`,
		"list[]=x":                               `query parameter "list[]": "x" is not an int`,
		"list[7]=x":                              `query parameter "list[7]": "x" is not an int`,
		"list[x]=1":                              `query parameter "list": "x" is not a list index`,
		"list[-1]=1":                             `query parameter "list": "-1" is not a list index`,
		"list[+1]=1":                             `query parameter "list": " 1" is not a list index`,
		"list[1]=1&list[1]=2":                    `query parameter "list[1]": given more than once`,
		"list[1]=1&list[01]=2":                   `query parameter "list[1]": given more than once`,
		"list[1][0]=1":                           `query parameter "list[1]": it is a single value, without brackets`,
		"list[99999999999999999999]=1":           `query parameter "list": "99999999999999999999" is not a list index`,
		"list[1=1":                               `query parameter "list": the brackets of "[1" do not match`,
		"list[[1]]=1":                            `query parameter "list": the brackets of "[[1]]" do not match`,
		"list[1]]=1":                             `query parameter "list": the brackets of "[1]]" do not match`,
		"list[1]x=1":                             `query parameter "list": the brackets of "[1]x" do not match`,
		"list%5B1=1":                             `query parameter "list": the brackets of "[1" do not match`,
		"arr[0]=1":                               `query parameter "arr": 1 elements instead of 2`,
		"arr=1&arr=2&arr=3":                      `query parameter "arr": 3 elements instead of 2`,
		"obj=x":                                  `query parameter "obj": "x" is not an object`,
		"obj[x]=1":                               `query parameter "obj[name]": missing`,
		"obj[name]=a&obj[name]=b":                `query parameter "obj[name]": given more than once`,
		"map=x":                                  `query parameter "map": "x" is not a map`,
		"map[k]=x":                               `query parameter "map[k]": "k" is not an int`,
		"map[1]=x&map[01]=y":                     `query parameter "map[1]": given more than once`,
		"map[%ff]=x":                             `query parameter "map": "\xff" is not valid UTF-8`,
		"map[" + long + "]=x":                    `query parameter "map[` + long[:32] + `]": "` + long[:32] + `"… is not an int`,
		"deep[0][1][%22][2]=x":                   `query parameter "deep[0][1][\"][2]": "x" is not an int`,
		"deep" + strings.Repeat("[0]", 9) + "=x": `query parameter "deep": nested deeper than 8`,
		"pt[2]=1":                                `query parameter "pt": "2" is not the index of an element`,
		"pt[0]=1":                                `query parameter "pt[1]": missing`,
		"unit=x":                                 `query parameter "unit": "x" is not an object`,
		strings.Repeat("x&", 1025):               `query: more than 1024 pairs`,
	} {
		_, err := decodeQuery[params](t, query)
		e := assert.ErrorAs[*bind.Error](t, err, query)
		assert.Equal(t, e.Error(), want, query)
		assert.Equal(t, e.In, "query")
	}
	_, err := decodeQuery[params](t, "l=up")
	assert.ErrorIs(t, err, errLevel)
	_, err = decodeQuery[params](t, "age=128")
	assert.ErrorIs(t, err, strconv.ErrRange)
	_, err = decodeQuery[params](t, strings.Repeat("x&", 1024))
	assert.NoError(t, err)
}

func TestQuery_decode_missing(t *testing.T) {
	for want, p := range map[string]any{
		`query parameter "a": missing`:       struct{ A string }{},
		`query parameter "b": missing`:       struct{ B time.Time }{},
		`query parameter "c": missing`:       struct{ C [2]int }{},
		`query parameter "d[e]": missing`:    struct{ D struct{ E []byte } }{},
		`query parameter "f[0]": missing`:    struct{ F point }{},
		`query parameter "g[h][i]": missing`: struct{ G struct{ H struct{ I bool } } }{},
	} {
		plan, err := bind.Compile(reflect.TypeOf(p), "/")
		assert.NoError(t, err)
		assert.Equal(t, plan.Fields()[0].Optional, false, want)
		for _, query := range []string{"", "x=1"} {
			err = plan.Decode(source{query: query}, reflect.New(reflect.TypeOf(p)).Interface())
			assert.Equal(t, fmt.Sprint(err), want)
		}
	}
}

func TestQuery_encode_refused(t *testing.T) {
	type params struct {
		F    float64
		S    string
		B    []byte
		L    *level
		Tree *tree
		M    map[name][]map[name]int
		N    []int
	}
	deep := &tree{}
	for range 9 {
		deep = &tree{Next: deep}
	}
	cycle := &tree{}
	cycle.Next = cycle
	for want, p := range map[string]params{
		`query parameter "f": NaN cannot be sent`:                                                {F: math.NaN()},
		`query parameter "f": +Inf cannot be sent`:                                               {F: math.Inf(1)},
		`query parameter "s": "\xff" is not valid UTF-8`:                                         {S: "\xff"},
		`query parameter "b": "\xff" is not valid UTF-8`:                                         {B: []byte("\xff")},
		`query parameter "l": it has no text: below ground`:                                      {L: &level{-1}},
		`query parameter "tree[next][kids][1][label]": "\xff" is not valid UTF-8`:                {Tree: &tree{Next: &tree{Kids: []tree{{}, {Label: "\xff"}}}}},
		`query parameter "tree` + strings.Repeat("[next]", 8) + `[label]": nested deeper than 8`: {Tree: deep},
		`query parameter "n[1021]": more than 1024 pairs`:                                        {N: make([]int, 1024)},
		`query parameter "m": "\xff" is not valid UTF-8`:                                         {M: map[name][]map[name]int{"\xff": nil}},
		`query parameter "m[a][0]": "\xff" is not valid UTF-8`:                                   {M: map[name][]map[name]int{"a": {{"\xff": 1}}}},
	} {
		_, err := compile[params](t, "/").Encode(p)
		assert.Equal(t, fmt.Sprint(err), want)
		_, ok := errors.AsType[*bind.Error](err)
		assert.True(t, ok, want)
	}
	_, err := compile[params](t, "/").Encode(params{Tree: cycle})
	assert.True(t, err != nil, "a cycle is refused")

	type holes struct{ V []*int }
	_, err = compile[holes](t, "/").Encode(holes{make([]*int, 1025)})
	assert.Equal(t, fmt.Sprint(err), `query parameter "v[1024]": more than 1024 pairs`)
	type deepest struct{ V [][][][][][][][][]int }
	_, err = compile[deepest](t, "/").Encode(deepest{[][][][][][][][][]int{{{{{{{{{1}}}}}}}}}})
	assert.Equal(t, fmt.Sprint(err), `query parameter "v`+strings.Repeat("[0]", 9)+`": nested deeper than 8`)

	type twice struct{ M map[vague]int }
	_, err = compile[twice](t, "/").Encode(twice{M: map[vague]int{1: 1, 2: 2}})
	assert.Equal(t, fmt.Sprint(err), `query parameter "m[same]": two keys have this text`)
}

// vague is a type whose values have all the same text.
type vague int

func (vague) MarshalText() ([]byte, error) { return []byte("same"), nil }
func (*vague) UnmarshalText([]byte) error  { return nil }

// What a stranger can make Decode allocate is in proportion to what he sends.
func TestQuery_decode_cost(t *testing.T) {
	type params struct {
		V [][][][][][][][]int
		M map[string]map[string]map[string]int
	}
	var b strings.Builder
	for i := range 512 {
		fmt.Fprintf(&b, "v[%d]%s=1&m[%d][%d][%d]=1&", 4294967295-i, strings.Repeat("[4294967295]", 7), i, i, i)
	}
	p := compile[params](t, "/")
	query := b.String()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var v params
	assert.NoError(t, p.Decode(source{query: query}, &v))
	runtime.ReadMemStats(&after)
	assert.Equal(t, len(v.V), 512)
	assert.Equal(t, len(v.M), 512)
	if got := after.TotalAlloc - before.TotalAlloc; got > 32*uint64(len(query)) {
		t.Errorf("%d bytes allocated for a query of %d", got, len(query))
	}
}
