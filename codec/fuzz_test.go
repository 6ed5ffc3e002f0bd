package codec_test

import (
	"bytes"
	"math/big"
	"net/netip"
	"reflect"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/serde"
)

// everything has a field for each thing the walk can do. Its names are short, so that a fuzzer finds them.
type everything struct {
	B  bool
	I  int8
	U  uint32
	L  int64
	F  float64
	G  float32
	S  string
	X  []byte
	Y  []byte `json:",format:array"`
	Z  [2]byte
	A  any
	P  *everything
	Q  []everything
	M  map[string]any
	N  map[int16]string
	K  map[netip.Addr]bool
	T  time.Time
	D  time.Duration
	W  *big.Int
	V  *big.Int `json:",format:u128"`
	R  [2]*int
	H  fuzzPair
	E  *fuzzBox
	C  []fuzzBox
	J  map[string]fuzzTagged
	O  struct{}
	O1 int `json:"o,omitempty"`
	fuzzBase
}

type (
	fuzzBase struct{ B1, B2 string }
	fuzzPair struct {
		serde.Tuple
		A string
		B *int
	}
	fuzzBox    struct{ Value fuzzEvent }
	fuzzTagged struct{ Value fuzzShape }

	fuzzEvent   interface{ fuzzEvent() }
	fuzzText    string
	fuzzUnit    struct{}
	fuzzStruct  struct{ X, Y int }
	fuzzMap     map[string]fuzzBox
	fuzzUnknown struct{ serde.Unknown }

	fuzzShape  interface{ fuzzShape() }
	fuzzCircle struct{ R float64 }
	fuzzEmpty  struct{ serde.Tuple }
	fuzzOther  struct{ serde.Unknown }
)

func (fuzzBox) TandemTransparent()    {}
func (fuzzTagged) TandemTransparent() {}
func (fuzzText) fuzzEvent()           {}
func (*fuzzUnit) fuzzEvent()          {}
func (fuzzStruct) fuzzEvent()         {}
func (fuzzMap) fuzzEvent()            {}
func (fuzzUnknown) fuzzEvent()        {}
func (fuzzCircle) fuzzShape()         {}
func (fuzzEmpty) fuzzShape()          {}
func (*fuzzOther) fuzzShape()         {}

var (
	_ = union(serde.Union{Unknown: reflect.TypeFor[fuzzUnknown]()},
		map[string]fuzzEvent{"T": fuzzText(""), "U": &fuzzUnit{}, "S": fuzzStruct{}, "M": fuzzMap{}})
	_ = union(serde.Union{Tagging: serde.Adjacent, TagKey: "t", ContentKey: "c", Unknown: reflect.TypeFor[*fuzzOther]()},
		map[string]fuzzShape{"C": fuzzCircle{}, "E": fuzzEmpty{}})
)

func fuzzMessages() []any {
	one := 1
	return []any{
		&everything{
			S: "ü\n", X: []byte{1}, Q: []everything{{}}, M: map[string]any{"a": []any{1, "x", nil, 1.5, map[string]any{}}}, N: map[int16]string{-1: "a", 2: "b"},
			K: map[netip.Addr]bool{netip.MustParseAddr("::1"): true}, T: time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC), D: 1, W: new(big.Int).Lsh(big.NewInt(-1), 100),
			V: new(big.Int).Lsh(big.NewInt(1), 127), R: [2]*int{&one, nil}, H: fuzzPair{A: "a"}, E: &fuzzBox{fuzzText("t")}, C: []fuzzBox{{&fuzzUnit{}}, {fuzzStruct{1, 2}}},
			J: map[string]fuzzTagged{"a": {fuzzCircle{1}}, "b": {fuzzEmpty{}}},
		},
		&[]fuzzBox{{fuzzMap{"a": {fuzzMap{}}}}, {fuzzText("")}},
		&map[string]any{"c": map[string]any{"R": 1.5}, "t": "C", "zz": []any{nil}},
		&map[string]any{"Strange": []any{1, nil}},
	}
}

func FuzzJSON(f *testing.F)    { fuzzCodec(f, json.Codec) }
func FuzzCBOR(f *testing.F)    { fuzzCodec(f, cbor.Codec) }
func FuzzMsgPack(f *testing.F) { fuzzCodec(f, msgpack.Codec) }

// FuzzUnion gives one input to the union decoders of all codecs.
func FuzzUnion(f *testing.F) {
	for _, c := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
		seed(f, c)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, c := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
			for _, v := range []any{new(fuzzEvent), new(fuzzShape), new([]fuzzShape)} {
				fuzzOne(t, c, src, v)
			}
		}
	})
}

func seed(f *testing.F, c tandem.Codec) {
	f.Helper()
	for _, m := range fuzzMessages() {
		src, err := c.Append(nil, m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
}

func fuzzCodec(f *testing.F, c tandem.Codec) {
	f.Helper()
	seed(f, c)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, v := range []any{new(any), new(everything), new([]everything)} {
			fuzzOne(t, c, src, v)
		}
	})
}

// everythingSize is what one byte of input may stand for: an element of []everything without fields.
var everythingSize = uint64(reflect.TypeFor[everything]().Size())

// costOf is what decoding src allocates. The counters of the runtime lag behind for small objects and count what other
// goroutines do, so a cost that is too high is measured again, exactly and several times.
func costOf(c tandem.Codec, src []byte, v any, limit uint64) (cost uint64, err error) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	err = c.Decode(src, v)
	metrics.Read(sample)
	cost = sample[0].Value.Uint64() - before
	for range 5 {
		if cost <= limit {
			break
		}
		again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		start := memory().TotalAlloc
		_ = c.Decode(src, again)
		cost = min(cost, memory().TotalAlloc-start)
	}
	return cost, err
}

// fuzzOne decodes src. What is accepted has to go out, come back and go out again as the same bytes, and nothing may
// cost more than its size allows.
func fuzzOne(t *testing.T, c tandem.Codec, src []byte, v any) {
	before := bytes.Clone(src)
	limit := 4 * everythingSize * uint64(len(src)+64)
	cost, err := costOf(c, src, v, limit)
	if cost > limit {
		t.Fatalf("%s: %d bytes of memory for %d bytes of input as %T", c.Name(), cost, len(src), v)
	}
	if !bytes.Equal(src, before) {
		t.Fatalf("%s: Decode changed its input", c.Name())
	}
	if err != nil {
		if e, ok := err.(*serde.Error); !ok || e.Offset() < 0 || e.Offset() > len(src) || len(e.Error()) > 200 {
			t.Fatalf("%s: the error %#v for %q as %T", c.Name(), err, src, v)
		}
		return
	}
	first, err := c.Append(nil, v)
	if err != nil {
		t.Fatalf("%s: %q as %T cannot be encoded: %v", c.Name(), src, v, err)
	}
	again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
	if err := c.Decode(first, again); err != nil {
		t.Fatalf("%s: %q as %T went out as %q: %v", c.Name(), src, v, first, err)
	}
	second, err := c.Append(nil, again)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("%s: %q as %T went out as %q, then as %q, %v", c.Name(), src, v, first, second, err)
	}
}
