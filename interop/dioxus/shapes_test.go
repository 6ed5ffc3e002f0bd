package dioxus_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// codecs are the encodings that both sides have. Dioxus has postcard besides, tandem has not.
var codecs = []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec}

// shape is a kind of message: a Go type, its samples, and the endpoint of that name in src/shapes.rs.
type shape struct {
	name string
	in   []tandem.Codec
	// ask is the client's end against the server at base, answer puts the server's end on a mux.
	ask    func(t *testing.T, base string, codec tandem.Codec)
	answer func(m mount, codec tandem.Codec)
}

// count is the parameter of these endpoints: how many samples the client has.
type count struct {
	Count int `query:"count"`
}

// of makes a shape of its samples, in the codecs of both.
func of[T any](name string, samples ...T) shape { return by(name, equal[T], samples...) }

// by is of with another comparison than reflect.DeepEqual.
func by[T any](name string, same func(got, want T) bool, samples ...T) shape {
	endpoint := func(codec tandem.Codec) *tandem.Endpoint[count, T, T] {
		return &tandem.Endpoint[count, T, T]{
			Path: "/" + codec.Name() + "/" + name + "?count", Codec: codec, Limits: tandem.Limits{MaxClientMessage: 1 << 20},
		}
	}
	return shape{
		name: name,
		in:   codecs,
		ask: func(t *testing.T, base string, codec tandem.Codec) {
			t.Helper()
			ctx := within(t)
			c, err := endpoint(codec).Dial(ctx, base, count{len(samples)}, nil)
			assert.NoError(t, err)
			defer c.Close(tandem.CodeNormal, "")
			for i, sample := range samples {
				assert.NoError(t, c.Send(ctx, sample), "sample %d", i)
				got, err := c.Recv(ctx)
				assert.NoError(t, err, "sample %d", i)
				if !same(got, sample) {
					t.Fatalf("sample %d: %s", i, assert.Diff(got, sample))
				}
			}
			_, err = c.Recv(ctx)
			assert.ErrorIs(t, err, io.EOF, "after the last sample")
		},
		answer: func(m mount, codec tandem.Codec) {
			serve(m, endpoint(codec), func(ctx context.Context, p count, c *tandem.Conn[T, T]) error {
				if p.Count != len(samples) {
					return &tandem.CloseError{Code: tandem.CodeAppStop, Reason: fmt.Sprintf("%d samples here, %d there", len(samples), p.Count)}
				}
				for i, sample := range samples {
					got, err := c.Recv(ctx)
					if err != nil {
						return err
					}
					if !same(got, sample) {
						return &tandem.CloseError{Code: tandem.CodeAppStop, Reason: fmt.Sprintf("sample %d: %s", i, assert.Diff(got, sample))}
					}
					if err := c.Send(ctx, sample); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// only says in which codecs there is the shape.
func (s shape) only(in ...tandem.Codec) shape {
	s.in = in
	return s
}

func equal[T any](got, want T) bool { return reflect.DeepEqual(got, want) }

// sameFloat tells -0 from 0 and not NaN from NaN.
func sameFloat[T float32 | float64](got, want T) bool {
	a, b := float64(got), float64(want)
	return a == b && math.Signbit(a) == math.Signbit(b) || math.IsNaN(a) && math.IsNaN(b)
}

func sameInt(got, want *big.Int) bool { return got.Cmp(want) == 0 }

// sameUnit is for types with one value. What counts is that it can be decoded.
func sameUnit(_, _ *struct{}) bool { return true }

func bigInt(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return n
}

func record(a int32) Record {
	r := Record{A: a, C: []byte{1, 2, 200}}
	if a%2 == 0 {
		r.B = new(fmt.Sprint("record ", a))
	}
	return r
}

func records(n int32) []Record {
	list := make([]Record, 0, n)
	for i := range n {
		list = append(list, record(i))
	}
	return list
}

func chain(length uint8) Chain {
	c := Chain{Value: length}
	if length > 1 {
		c.Next = new(chain(length - 1))
	}
	return c
}

func nestTuple(a int8, b uint16, c string) NestTuple {
	t := NestTuple{N: a}
	t.T.N, t.T.C = b, c
	return t
}

var (
	choices = []Choice{
		ChoiceUnit{}, ChoiceNew("hi"), ChoiceTup{A: 1, B: -2}, ChoiceSt{X: 5}, ChoiceSt{X: -5, Y: new(true)}, ChoiceNewUnit{},
		ChoiceNewOpt{}, ChoiceNewOpt{new(uint8(3))}, ChoiceNewRecord(record(2)), ChoiceNewVec{}, ChoiceNewVec{1, -1},
		ChoiceNewMap{"k": ChoiceUnit{}}, ChoiceETup{},
	}
	tenFields = Ten{
		ID: 9007199254740, Name: "Grace Brewster Hopper", Email: "grace.hopper@navy.example", Active: true, Score: 98.6421, Age: 85,
		Tags: []string{"compilers", "cobol", "navy"}, Counts: []int{1, 22, 333, 4444}, Location: "Arlington, Virginia",
		Note: "It is often easier to ask for forgiveness than to ask for permission.",
	}
	localhost4, localhost6 = netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("2001:db8::1")
)

// The rows of docs/dioxus.md name these.
var shapes = []shape{
	of[ClientEvent]("client_event", TextInput("hi"), TextInput("")),
	of[ServerEvent]("server_event", Uppercase("HI")),

	of("text", "", "hi", strings.Repeat("a", 31), strings.Repeat("a", 32), strings.Repeat("b", 255), strings.Repeat("b", 256),
		strings.Repeat("c", 65_535), strings.Repeat("c", 65_536),
		"\"\\/\n\t\b\f\r\x00\x01\x7f <>&'", "größe 日本 \u2028\ufffd", "😀 \U0010ffff 👩‍🚀"),
	of("character", "a", "é", "日", "😀", "\U0010ffff", "\"", "\x00"),
	of("boolean", true, false),

	of[int8]("int8", math.MinInt8, -33, -32, -25, -24, -1, 0, 23, 24, math.MaxInt8),
	of[int16]("int16", math.MinInt16, -129, -128, 127, 128, 255, 256, math.MaxInt16),
	of[int32]("int32", math.MinInt32, -32_769, -32_768, 32_767, 32_768, 65_535, 65_536, math.MaxInt32),
	of[int64]("int64", math.MinInt64, -2_147_483_649, -9_007_199_254_740_993, 0, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_993, math.MaxInt64),
	of[uint8]("uint8", 0, 23, 24, 127, 128, math.MaxUint8),
	of[uint16]("uint16", 0, 255, 256, math.MaxUint16),
	of[uint32]("uint32", 0, 65_535, 65_536, math.MaxUint32),
	of[uint64]("uint64", 0, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_993, math.MaxInt64+1, math.MaxUint64),
	by("int128", sameInt, bigInt("-0x80000000000000000000000000000000"), bigInt("-0x8000000000000001"), bigInt("-1"), bigInt("0"), bigInt("5"),
		bigInt("0x10000000000000000"), bigInt("0x7fffffffffffffffffffffffffffffff")),
	by("uint128", func(got, want Wide) bool { return sameInt(got.N, want.N) }, Wide{N: bigInt("0")}, Wide{N: bigInt("5")},
		Wide{N: bigInt("0x10000000000000000")}, Wide{N: bigInt("0x80000000000000000000000000000000")}, Wide{N: bigInt("0xffffffffffffffffffffffffffffffff")}),
	of("ints", Ints{math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64, 0, 0, 0, 0, math.MinInt64, 0},
		Ints{math.MaxInt8, math.MaxInt16, math.MaxInt32, math.MaxInt64, math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64, math.MaxInt64, math.MaxUint64}),

	by("float32", sameFloat[float32], 0, float32(math.Copysign(0, -1)), 1, 1.5, 0.1, 16_777_216, 0x1p-126, math.SmallestNonzeroFloat32, -math.MaxFloat32, math.MaxFloat32),
	by("float64", sameFloat[float64], 0, math.Copysign(0, -1), 1, 1.5, 0.1, 65_504, 1e15, 1e16, 1e21, 1e-7, 9_007_199_254_740_993, math.SmallestNonzeroFloat64, -math.MaxFloat64, math.MaxFloat64),
	by("special32", sameFloat[float32], float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))).only(cbor.Codec, msgpack.Codec),
	by("special64", sameFloat[float64], math.NaN(), math.Inf(1), math.Inf(-1)).only(cbor.Codec, msgpack.Codec),

	by("unit", sameUnit, nil),
	by("unit_struct", sameUnit, nil),
	of("empty_struct", Empty{}),
	of[Meters]("newtype", 7, 300),
	of("tuple_struct", Pair{N: 1, S: "hi"}, Pair{N: 255}),
	of("tuple", Tuple{N: 1, S: "a"}, Tuple{N: -1, B: new(true)}),
	of("record", Record{A: -1, C: []byte{1, 2, 200}}, Record{A: 70_000, B: new("x"), C: []byte{}}),
	of("nested_structs", Outer{record(1), []Record{record(2), record(3)}, new(record(4)), 5}, Outer{record(1), []Record{}, nil, 0}),
	of("ten", tenFields),

	of("variants", choices...),
	of("nested_variants",
		Nest{
			ChoiceNewMap{"a": ChoiceTup{A: 1, B: -2}, "b": ChoiceNewMap{}},
			&tandem.OneOf[Choice]{Value: ChoiceSt{X: 1}}, choices, map[string][]*int32{"k": {new(int32(1)), nil}, "": {}},
			nestTuple(-1, 2, "😀"), 3,
		},
		Nest{ChoiceUnit{}, nil, []Choice{}, map[string][]*int32{}, nestTuple(0, 0, "a"), 0}),
	of("option", nil, new(int32(5)), new(int32(0))),
	of("option_text", nil, new(""), new("x")),
	of("option_variant", nil, &tandem.OneOf[Choice]{Value: ChoiceUnit{}}, &tandem.OneOf[Choice]{Value: ChoiceNew("x")}),
	of("options", []*int32{}, []*int32{nil, new(int32(1)), nil}),
	of[Result]("result", Ok(1), Err("no")),
	of[Tree]("tree", Node{Left: Leaf(1), Right: Node{Left: Leaf(2), Right: Leaf(3)}}),
	of("chain", chain(1), chain(30)),
	of[Renamed]("renamed", FirstCase{}, Second{1}),
	of("renamed_fields", RenamedFields{SomeField: 1, Other: 2}),

	of("list", []int32{}, []int32{-1, 0, 1}, make([]int32, 15), make([]int32, 16), slices.Repeat([]int32{7}, 65_536)),
	of("list_of_text", []string{}, []string{"", "a"}),
	of("list_of_structs", []Record{}, records(100)),
	of("list_of_variants", []Choice{}, choices),
	of("list_of_units", []*struct{}{}, []*struct{}{nil, nil}),
	of("array", [3]int32{1, 2, 3}),
	of("set", []int32{1, 2, 3}, []int32{}),

	of("map", map[string]int32{}, map[string]int32{"a": 2, "b": 1, "": 0}),
	of("hash_map", map[string][]uint16{}, map[string][]uint16{"one": {1}}),
	of("map_of_structs", map[string]Record{"r": record(1)}),
	of("map_by_int", map[int32]string{-2: "y", 10: "x", math.MinInt32: "z"}),
	of("map_by_bool", map[bool]int32{true: 1, false: 0}),
	of("map_by_char", map[string]int32{"c": 1, "😀": 2}),
	of("map_by_variant", map[Key]int32{"A": 1, "B": 2}),
	of("containers",
		Containers{[]string{}, [][]int32{}, map[string]int32{}, []int32{}, "", []byte{}, Empty{}, [0]int32{}, nil},
		Containers{[]string{""}, [][]int32{{}, {1}}, map[string]int32{"": 0}, []int32{0}, "\x00", []byte{0}, Empty{}, [0]int32{}, &[]int32{}}),

	of("bytes", []byte{}, []byte{0, 1, 127, 128, 255}, slices.Repeat([]byte{9}, 70_000)).only(cbor.Codec, msgpack.Codec),
	of("bytes_array", [3]byte{0, 127, 255}).only(cbor.Codec, msgpack.Codec),
	of("bytes_field", Bytes3{[3]byte{0, 127, 255}}),
	of("serde_bytes", Blob{[]byte{}}, Blob{[]byte{1, 2, 200}}),
	of("bytes_bytes", Blob{[]byte{}}, Blob{[]byte{1, 2, 200}}),

	by("time", time.Time.Equal, time.Unix(0, 0), time.Unix(1_704_164_645, 6_000_000), time.Unix(1_704_164_645, 123_456_789),
		time.Unix(-62_135_596_800, 0), time.Unix(253_402_300_799, 0)),
	of("duration", Duration{}, Duration{1, 500}, Duration{math.MaxUint64, 999_999_999}),
	of("system_time", SystemTime{1, 2}),
	by("event", func(got, want Moment) bool {
		return got.At.Equal(want.At) && got.Took == want.Took && got.Nanos == want.Nanos
	}, Moment{time.Unix(1, 2), Duration{3, 4}, 1500 * time.Millisecond}),

	of("skipped", Sparse{A: 1, C: 3}, Sparse{A: 1, B: new(int32(2)), C: 3}).only(json.Codec, cbor.Codec),
	of("not_skipped", Sparse{A: 1, B: new(int32(2)), C: 3}).only(msgpack.Codec),
	of("defaults", Defaults{}, Defaults{1, "x", true}),
	of("flattened", Flat{1, Inlined{2, "z"}}),
	of("flattened_map", map[string]int32{}, map[string]int32{"a": 1, "z": 9}),
	of[Adjacent]("adjacent", AdjacentA(1), AdjacentB{"x"}, AdjacentC{}).only(json.Codec, cbor.Codec),
	of[Adjacent]("adjacent_content", AdjacentA(1), AdjacentB{"x"}).only(msgpack.Codec),
	of("internal", Internal{"A", new(int32(1))}, Internal{"B", nil}).only(json.Codec, cbor.Codec),
	of("internal_content", Internal{"A", new(int32(1))}).only(msgpack.Codec),
	of[any]("untagged", int64(1), "q", []any{int64(1), int64(2)}),
	of[any]("value", nil, true, int64(-1), uint64(math.MaxUint64), 1.5, "x", []any{}, map[string]any{},
		map[string]any{"a": []any{int64(1), nil, 1.5}, "b": map[string]any{"c": "d"}}),
	of("range", Range{1, 3}),
	of("address_text", localhost4, localhost6).only(json.Codec),
	of[IPAddr]("address", IPv4(localhost4.As4()), IPv6(localhost6.As16())).only(cbor.Codec, msgpack.Codec),
	of("socket_address_text", netip.MustParseAddrPort("127.0.0.1:80"), netip.MustParseAddrPort("[::1]:443")).only(json.Codec),
	of[SocketAddr]("socket_address", SocketAddrV4{IP: localhost4.As4(), Port: 80}, SocketAddrV6{IP: netip.IPv6Loopback().As16(), Port: 443}).only(cbor.Codec, msgpack.Codec),
}

// A server of Dioxus, and a client in Go.
func TestServer_shapes(t *testing.T) {
	_, base := startServer(t)
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			for _, s := range shapes {
				if slices.Contains(s.in, codec) {
					t.Run(s.name, func(t *testing.T) { s.ask(t, base, codec) })
				}
			}
		})
	}
}

// A client of Dioxus, and a server in Go.
func TestClient_shapes(t *testing.T) {
	m, base := listen(t)
	p := startClient(t, base)
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			for _, s := range shapes {
				if slices.Contains(s.in, codec) {
					s.answer(m, codec)
					t.Run(s.name, func(t *testing.T) {
						p.do(t, command{"do": "shape", "name": s.name, "encoding": codec.Name()})
					})
				}
			}
		})
	}
}
