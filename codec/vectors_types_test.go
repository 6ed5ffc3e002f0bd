package codec_test

import (
	"math/big"
	"net/netip"
	"reflect"
	"time"

	"github.com/tandem-ws/tandem/internal/serde"
)

// The types of this file are what a Go program declares to talk to the Rust types of spec/vectors/codec/values.json.
// Those named alike mirror each other.
type (
	Meters uint32

	Pair struct {
		serde.Tuple
		N uint8
		S string
	}

	Empty struct{}

	Record struct {
		A int32   `json:"a"`
		B *string `json:"b"`
		C []byte  `json:"c,format:array"`
	}

	// Blob holds bytes as a byte string, BlobAsList as the list of integers that a Rust peer wants in JSON.
	Blob struct {
		B []byte `json:"b"`
	}
	BlobAsList struct {
		B []byte `json:"b,format:array"`
	}

	Sparse struct {
		A int32  `json:"a"`
		B *int32 `json:"b,omitempty"`
		C int32  `json:"c"`
	}

	// Internal is an internally tagged enum: the fields of all variants beside the tag.
	Internal struct {
		T string `json:"t"`
		X *int32 `json:"x,omitempty"`
	}

	Key string

	NumberAndText struct {
		serde.Tuple
		N int32
		S string
	}

	TwoNumbers struct {
		serde.Tuple
		A, B int32
	}

	Duration struct {
		Secs  uint64 `json:"secs"`
		Nanos uint32 `json:"nanos"`
	}

	SystemTime struct {
		Secs  uint64 `json:"secs_since_epoch"`
		Nanos uint32 `json:"nanos_since_epoch"`
	}

	Range struct {
		Start int32 `json:"start"`
		End   int32 `json:"end"`
	}

	// Tree nests as deep as its sender likes.
	Tree struct {
		Children []Tree `json:"c"`
	}
)

// UUID is text in JSON. The Rust crate writes bytes in the other codecs, where Go declares a [16]byte.
type UUID [16]byte

func (u UUID) MarshalText() ([]byte, error) {
	const digits = "0123456789abcdef"
	var out []byte
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[b>>4], digits[b&15])
	}
	return out, nil
}

func (u *UUID) UnmarshalText(text []byte) error {
	hex := make([]byte, 0, 32)
	for _, c := range text {
		if c != '-' {
			hex = append(hex, c)
		}
	}
	n, ok := new(big.Int).SetString(string(hex), 16)
	if !ok || len(hex) != 32 {
		return errNotUUID
	}
	n.FillBytes(u[:])
	return nil
}

var errNotUUID = textError("not a UUID")

type textError string

func (e textError) Error() string { return string(e) }

// Choice is an enum with every shape of variant.
type Choice interface{ choice() }

type (
	ChoiceUnit struct{}
	ChoiceNew  string
	ChoiceTup  struct {
		serde.Tuple
		A uint8
		B int64
	}
	ChoiceSt struct {
		X int32 `json:"x"`
		Y *bool `json:"y"`
	}
	// ChoiceNewUnit and ChoiceNewOpt hold an option as a variant's whole content, which no defined type but a
	// transparent one can do: a pointer type has no methods.
	ChoiceNewUnit struct{ Value *struct{} }
	ChoiceNewOpt  struct{ Value *uint8 }
	ChoiceNewVec  []byte
	ChoiceETup    struct{ serde.Tuple }
)

func (ChoiceUnit) choice()    {}
func (ChoiceNew) choice()     {}
func (ChoiceTup) choice()     {}
func (ChoiceSt) choice()      {}
func (ChoiceNewUnit) choice() {}
func (ChoiceNewOpt) choice()  {}
func (ChoiceNewVec) choice()  {}
func (ChoiceETup) choice()    {}

func (ChoiceNewUnit) TandemTransparent() {}
func (ChoiceNewOpt) TandemTransparent()  {}

type ClientEvent interface{ clientEvent() }

type TextInput string

func (TextInput) clientEvent() {}

type ServerEvent interface{ serverEvent() }

type Uppercase string

func (Uppercase) serverEvent() {}

type Renamed interface{ renamed() }

type (
	FirstCase struct{}
	Second    struct {
		SomeField int32 `json:"some_field"`
	}
)

func (FirstCase) renamed() {}
func (Second) renamed()    {}

type Adjacent interface{ adjacent() }

type (
	AdjacentA int32
	AdjacentB struct{}
)

func (AdjacentA) adjacent() {}
func (AdjacentB) adjacent() {}

type Result interface{ result() }

type (
	ResultOk  int32
	ResultErr string
)

func (ResultOk) result()  {}
func (ResultErr) result() {}

// SocketAddr and IPAddr are what the Rust standard library's addresses are in binary codecs. In JSON they are text,
// which is netip's.
type SocketAddr interface{ socketAddr() }

type (
	SocketAddrV4 struct {
		serde.Tuple
		IP   [4]byte
		Port uint16
	}
	SocketAddrV6 struct {
		serde.Tuple
		IP   [16]byte
		Port uint16
	}
)

func (SocketAddrV4) socketAddr() {}
func (SocketAddrV6) socketAddr() {}

type IPAddr interface{ ipAddr() }

type (
	IPAddrV4 [4]byte
	IPAddrV6 [16]byte
)

func (IPAddrV4) ipAddr() {}
func (IPAddrV6) ipAddr() {}

var (
	_ = union(serde.Union{}, map[string]Choice{
		"Unit": ChoiceUnit{}, "New": ChoiceNew(""), "Tup": ChoiceTup{}, "St": ChoiceSt{},
		"NewUnit": ChoiceNewUnit{}, "NewOpt": ChoiceNewOpt{}, "NewVec": ChoiceNewVec{}, "ETup": ChoiceETup{},
	})
	_ = union(serde.Union{}, map[string]ClientEvent{"TextInput": TextInput("")})
	_ = union(serde.Union{}, map[string]ServerEvent{"Uppercase": Uppercase("")})
	_ = union(serde.Union{}, map[string]Renamed{"firstCase": FirstCase{}, "2nd": Second{}})
	_ = union(serde.Union{Tagging: serde.Adjacent, TagKey: "t", ContentKey: "c"},
		map[string]Adjacent{"A": AdjacentA(0), "B": AdjacentB{}})
	_ = union(serde.Union{}, map[string]Result{"Ok": ResultOk(0), "Err": ResultErr("")})
	_ = union(serde.Union{}, map[string]SocketAddr{"V4": SocketAddrV4{}, "V6": SocketAddrV6{}})
	_ = union(serde.Union{}, map[string]IPAddr{"V4": IPAddrV4{}, "V6": IPAddrV6{}})
)

// union registers the variants of T, as tandem.Union does.
func union[T any](u serde.Union, variants map[string]T) struct{} {
	u.Interface = reflect.TypeFor[T]()
	u.Variants = make(map[string]reflect.Type, len(variants))
	for tag, v := range variants {
		u.Variants[tag] = reflect.TypeOf(v)
	}
	if err := serde.Register(u); err != nil {
		panic(err)
	}
	return struct{}{}
}

// goTypes are the types the vectors name.
var goTypes = map[string]reflect.Type{
	"any":        reflect.TypeFor[any](),
	"bool":       reflect.TypeFor[bool](),
	"int8":       reflect.TypeFor[int8](),
	"int32":      reflect.TypeFor[int32](),
	"int64":      reflect.TypeFor[int64](),
	"uint8":      reflect.TypeFor[uint8](),
	"uint16":     reflect.TypeFor[uint16](),
	"uint32":     reflect.TypeFor[uint32](),
	"uint64":     reflect.TypeFor[uint64](),
	"float32":    reflect.TypeFor[float32](),
	"float64":    reflect.TypeFor[float64](),
	"string":     reflect.TypeFor[string](),
	"*big.Int":   reflect.TypeFor[*big.Int](),
	"*string":    reflect.TypeFor[*string](),
	"*int32":     reflect.TypeFor[*int32](),
	"*struct{}":  reflect.TypeFor[*struct{}](),
	"*Empty":     reflect.TypeFor[*Empty](),
	"time.Time":  reflect.TypeFor[time.Time](),
	"netip.Addr": reflect.TypeFor[netip.Addr](), "netip.AddrPort": reflect.TypeFor[netip.AddrPort](),
	"UUID": reflect.TypeFor[UUID](), "[16]byte": reflect.TypeFor[[16]byte](),
	"[]byte": reflect.TypeFor[[]byte](), "[3]byte": reflect.TypeFor[[3]byte](),
	"[]int32": reflect.TypeFor[[]int32](), "[0]int32": reflect.TypeFor[[0]int32](),
	"[]*struct{}":      reflect.TypeFor[[]*struct{}](),
	"[][]int32":        reflect.TypeFor[[][]int32](),
	"map[string]int32": reflect.TypeFor[map[string]int32](),
	"map[int32]int32":  reflect.TypeFor[map[int32]int32](),
	"map[int32]string": reflect.TypeFor[map[int32]string](),
	"map[Key]int32":    reflect.TypeFor[map[Key]int32](),
	"Meters":           reflect.TypeFor[Meters](), "Pair": reflect.TypeFor[Pair](),
	"Empty": reflect.TypeFor[Empty](), "Record": reflect.TypeFor[Record](),
	"Blob": reflect.TypeFor[Blob](), "BlobAsList": reflect.TypeFor[BlobAsList](),
	"Sparse": reflect.TypeFor[Sparse](), "Internal": reflect.TypeFor[Internal](),
	"NumberAndText": reflect.TypeFor[NumberAndText](), "TwoNumbers": reflect.TypeFor[TwoNumbers](),
	"Duration": reflect.TypeFor[Duration](), "SystemTime": reflect.TypeFor[SystemTime](),
	"Range": reflect.TypeFor[Range](), "Tree": reflect.TypeFor[Tree](),
	"Choice": reflect.TypeFor[Choice](), "ClientEvent": reflect.TypeFor[ClientEvent](),
	"ServerEvent": reflect.TypeFor[ServerEvent](), "Renamed": reflect.TypeFor[Renamed](),
	"Adjacent": reflect.TypeFor[Adjacent](), "Result": reflect.TypeFor[Result](),
	"SocketAddr": reflect.TypeFor[SocketAddr](), "IPAddr": reflect.TypeFor[IPAddr](),
}

// goValues are the Go values behind the vectors, by Go type and the value's text, which is what serde_json writes for
// it. Plain bools, numbers and texts need no entry.
var goValues = map[string]any{
	`any 1`:                      int64(1),
	`any "q"`:                    "q",
	`any {"a":[1,null,1.5]}`:     map[string]any{"a": []any{int64(1), nil, 1.5}},
	`*string ""`:                 new(""),
	`*int32 null`:                (*int32)(nil),
	`*int32 5`:                   new(int32(5)),
	`*struct{} null`:             (*struct{})(nil),
	`*struct{} {}`:               &struct{}{},
	`*Empty null`:                (*Empty)(nil),
	`*Empty {}`:                  &Empty{},
	`Empty {}`:                   Empty{},
	`[]*struct{} [null,null]`:    []*struct{}{nil, nil},
	`[0]int32 []`:                [0]int32{},
	`[]int32 []`:                 []int32{},
	`[]int32 [1,2]`:              []int32{1, 2},
	`[]byte [1,2]`:               []byte{1, 2},
	`[]byte [1,2,3]`:             []byte{1, 2, 3},
	`[]byte [1,2,200]`:           []byte{1, 2, 200},
	`[3]byte [1,2,3]`:            [3]byte{1, 2, 3},
	`Meters 7`:                   Meters(7),
	`Meters 300`:                 Meters(300),
	`Pair [1,"hi"]`:              Pair{N: 1, S: "hi"},
	`NumberAndText [1,"a"]`:      NumberAndText{N: 1, S: "a"},
	`TwoNumbers [1,2]`:           TwoNumbers{A: 1, B: 2},
	`Blob {"b":[1,2]}`:           Blob{[]byte{1, 2}},
	`Blob {"b":[1,2,3]}`:         Blob{[]byte{1, 2, 3}},
	`Blob {"b":[1,2,200]}`:       Blob{[]byte{1, 2, 200}},
	`BlobAsList {"b":[1,2]}`:     BlobAsList{[]byte{1, 2}},
	`BlobAsList {"b":[1,2,200]}`: BlobAsList{[]byte{1, 2, 200}},

	`[]int32 [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]`:   make([]int32, 15),
	`[]int32 [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]`: make([]int32, 16),

	`Record {"a":-1,"b":null,"c":[1,2,200]}`: Record{A: -1, C: []byte{1, 2, 200}},
	`Record {"a":70000,"b":"x","c":[]}`:      Record{A: 70000, B: new("x"), C: []byte{}},
	`Record {}`:                              Record{},
	`Record {"a":0,"b":null,"c":[]}`:         Record{C: []byte{}},
	`Record {"a":1,"b":null,"c":[]}`:         Record{A: 1, C: []byte{}},
	`Record {"a":1,"b":null,"c":[1]}`:        Record{A: 1, C: []byte{1}},
	`Record {"a":1,"b":null,"c":[2]}`:        Record{A: 1, C: []byte{2}},
	`Record {"a":1,"b":null,"c":[1,2]}`:      Record{A: 1, C: []byte{1, 2}},
	`Sparse {"a":1,"c":3}`:                   Sparse{A: 1, C: 3},
	`Sparse {"a":1,"b":2,"c":3}`:             Sparse{A: 1, B: new(int32(2)), C: 3},
	`Internal {"t":"A","x":1}`:               Internal{T: "A", X: new(int32(1))},
	`Internal {"t":"B"}`:                     Internal{T: "B"},
	`Duration {"secs":1,"nanos":500}`:        Duration{1, 500},
	`Range {"start":1,"end":3}`:              Range{1, 3},

	`SystemTime {"secs_since_epoch":1,"nanos_since_epoch":0}`: SystemTime{1, 0},

	`map[string]int32 {}`:                  map[string]int32{},
	`map[string]int32 {"a":2,"b":1}`:       map[string]int32{"a": 2, "b": 1},
	`map[string]int32 {"a":1,"z":9}`:       map[string]int32{"a": 1, "z": 9},
	`map[string]int32 {"c":1}`:             map[string]int32{"c": 1},
	`map[int32]int32 {"1":1}`:              map[int32]int32{1: 1},
	`map[int32]int32 {"1":2}`:              map[int32]int32{1: 2},
	`map[int32]int32 {"5":1}`:              map[int32]int32{5: 1},
	`map[int32]string {"-2":"y","10":"x"}`: map[int32]string{-2: "y", 10: "x"},
	`map[Key]int32 {"A":1}`:                map[Key]int32{"A": 1},

	`ClientEvent {"TextInput":"hi"}`:       TextInput("hi"),
	`ServerEvent {"Uppercase":"HI"}`:       Uppercase("HI"),
	`Renamed "firstCase"`:                  FirstCase{},
	`Renamed {"2nd":{"some_field":1}}`:     Second{1},
	`Choice "Unit"`:                        ChoiceUnit{},
	`Choice {"New":"hi"}`:                  ChoiceNew("hi"),
	`Choice {"New":"a"}`:                   ChoiceNew("a"),
	`Choice {"Tup":[1,-2]}`:                ChoiceTup{A: 1, B: -2},
	`Choice {"Tup":[1,2]}`:                 ChoiceTup{A: 1, B: 2},
	`Choice {"St":{"x":1,"y":null}}`:       ChoiceSt{X: 1},
	`Choice {"St":{"x":1,"y":true}}`:       ChoiceSt{X: 1, Y: new(true)},
	`Choice {"St":{"x":5,"y":null}}`:       ChoiceSt{X: 5},
	`Choice {"St":{"x":5,"y":true}}`:       ChoiceSt{X: 5, Y: new(true)},
	`Choice {"NewUnit":null}`:              ChoiceNewUnit{},
	`Choice {"NewOpt":null}`:               ChoiceNewOpt{},
	`Choice {"NewOpt":3}`:                  ChoiceNewOpt{new(uint8(3))},
	`Choice {"ETup":[]}`:                   ChoiceETup{},
	`Adjacent {"t":"A","c":1}`:             AdjacentA(1),
	`Adjacent {"t":"B"}`:                   AdjacentB{},
	`Result {"Ok":1}`:                      ResultOk(1),
	`SocketAddr "127.0.0.1:80"`:            SocketAddrV4{IP: [4]byte{127, 0, 0, 1}, Port: 80},
	`IPAddr "127.0.0.1"`:                   IPAddrV4{127, 0, 0, 1},
	`netip.Addr "127.0.0.1"`:               netip.MustParseAddr("127.0.0.1"),
	`netip.AddrPort "127.0.0.1:80"`:        netip.MustParseAddrPort("127.0.0.1:80"),
	`time.Time "2024-01-02T03:04:05Z"`:     time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
	`time.Time "2024-01-02T03:04:05.006Z"`: time.Date(2024, 1, 2, 3, 4, 5, 6e6, time.UTC),

	`UUID "67e55044-10b1-426f-9247-bb680e5fe0c8"`:     UUID(exampleUUID),
	`[16]byte "67e55044-10b1-426f-9247-bb680e5fe0c8"`: exampleUUID,
}

var exampleUUID = [16]byte{0x67, 0xe5, 0x50, 0x44, 0x10, 0xb1, 0x42, 0x6f, 0x92, 0x47, 0xbb, 0x68, 0x0e, 0x5f, 0xe0, 0xc8}
