package dioxus_test

import (
	"math/big"
	"time"

	"github.com/tandem-ws/tandem"
)

// The types of src/model.rs, under the same names.

type ClientEvent interface{ clientEvent() }

type TextInput string

func (TextInput) clientEvent() {}

type ServerEvent interface{ serverEvent() }

type Uppercase string

func (Uppercase) serverEvent() {}

type (
	Meters uint32

	Pair struct {
		tandem.Tuple
		N uint8
		S string
	}

	Empty struct{}

	Record struct {
		A int32   `json:"a"`
		B *string `json:"b"`
		C []byte  `json:"c,format:array"`
	}

	Outer struct {
		Record  Record   `json:"record"`
		Records []Record `json:"records"`
		Maybe   *Record  `json:"maybe"`
		Meters  Meters   `json:"meters"`
	}
)

// Choice has every kind of variant.
type Choice interface{ choice() }

type (
	ChoiceUnit struct{}
	ChoiceNew  string
	ChoiceTup  struct {
		tandem.Tuple
		A uint8
		B int64
	}
	ChoiceSt struct {
		X int32 `json:"x"`
		Y *bool `json:"y"`
	}
	// A pointer type has no methods, so an option that is all of a variant stands in a struct that is not seen.
	ChoiceNewUnit   struct{ Value *struct{} }
	ChoiceNewOpt    struct{ Value *uint8 }
	ChoiceNewRecord Record
	ChoiceNewVec    []int32
	ChoiceNewMap    map[string]Choice
	ChoiceETup      struct{ tandem.Tuple }
)

func (ChoiceUnit) choice()      {}
func (ChoiceNew) choice()       {}
func (ChoiceTup) choice()       {}
func (ChoiceSt) choice()        {}
func (ChoiceNewUnit) choice()   {}
func (ChoiceNewOpt) choice()    {}
func (ChoiceNewRecord) choice() {}
func (ChoiceNewVec) choice()    {}
func (ChoiceNewMap) choice()    {}
func (ChoiceETup) choice()      {}

func (ChoiceNewUnit) TandemTransparent() {}
func (ChoiceNewOpt) TandemTransparent()  {}

type Nest struct {
	E Choice                `json:"e"`
	O *tandem.OneOf[Choice] `json:"o"`
	V []Choice              `json:"v"`
	M map[string][]*int32   `json:"m"`
	T NestTuple             `json:"t"`
	B Meters                `json:"b"`
}

type NestTuple struct {
	tandem.Tuple
	N int8
	T struct {
		tandem.Tuple
		N uint16
		C string
	}
}

type Tree interface{ tree() }

type (
	Leaf int32
	Node struct {
		tandem.Tuple
		Left, Right Tree
	}
)

func (Leaf) tree() {}
func (Node) tree() {}

type Chain struct {
	Value uint8  `json:"value"`
	Next  *Chain `json:"next"`
}

type Renamed interface{ renamed() }

type (
	FirstCase struct{}
	Second    struct {
		SomeField int32 `json:"some_field"`
	}
)

func (FirstCase) renamed() {}
func (Second) renamed()    {}

type RenamedFields struct {
	SomeField int32 `json:"someField"`
	Other     uint8 `json:"X"`
	Hidden    int32 `json:"-"`
}

type Ints struct {
	A int8   `json:"a"`
	B int16  `json:"b"`
	C int32  `json:"c"`
	D int64  `json:"d"`
	E uint8  `json:"e"`
	F uint16 `json:"f"`
	G uint32 `json:"g"`
	H uint64 `json:"h"`
	I int    `json:"i"`
	J uint   `json:"j"`
}

// Wide is (u128,): what is more than 64 bits wide without a sign says so in a tag.
type Wide struct {
	tandem.Tuple
	N *big.Int `json:",format:u128"`
}

type (
	Blob struct {
		B []byte `json:"b,format:array"`
	}
	Bytes3 struct {
		B [3]byte `json:"b,format:array"`
	}
	Containers struct {
		List  []string         `json:"list"`
		Lists [][]int32        `json:"lists"`
		Map   map[string]int32 `json:"map"`
		Set   []int32          `json:"set"`
		Text  string           `json:"text"`
		Bytes []byte           `json:"bytes,format:array"`
		Empty Empty            `json:"empty"`
		Array [0]int32         `json:"array"`
		Maybe *[]int32         `json:"maybe"`
	}
)

type (
	Duration struct {
		Secs  uint64 `json:"secs"`
		Nanos uint32 `json:"nanos"`
	}
	SystemTime struct {
		Secs  uint64 `json:"secs_since_epoch"`
		Nanos uint32 `json:"nanos_since_epoch"`
	}
	Moment struct {
		At    time.Time     `json:"at"`
		Took  Duration      `json:"took"`
		Nanos time.Duration `json:"nanos"`
	}
)

type (
	Sparse struct {
		A int32  `json:"a"`
		B *int32 `json:"b,omitempty"`
		C int32  `json:"c"`
	}
	Defaults struct {
		A int32  `json:"a,omitzero"`
		B string `json:"b,omitempty"`
		C bool   `json:"c"`
	}
	Flat struct {
		A int32 `json:"a"`
		Inlined
	}
	Inlined struct {
		X int32  `json:"x"`
		Y string `json:"y"`
	}
)

type Adjacent interface{ adjacent() }

type (
	AdjacentA int32
	AdjacentB struct {
		Text string `json:"text"`
	}
	AdjacentC struct{}
)

func (AdjacentA) adjacent() {}
func (AdjacentB) adjacent() {}
func (AdjacentC) adjacent() {}

// Internal has the fields of all variants beside the tag.
type Internal struct {
	T string `json:"t"`
	X *int32 `json:"x,omitempty"`
}

type Key string

type (
	Before struct {
		A int32 `json:"a"`
	}
	After struct {
		A int32   `json:"a"`
		B *string `json:"b"`
	}
)

type Ten struct {
	ID       uint64   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Active   bool     `json:"active"`
	Score    float64  `json:"score"`
	Age      int      `json:"age"`
	Tags     []string `json:"tags"`
	Counts   []int    `json:"counts"`
	Location string   `json:"location"`
	Note     string   `json:"note"`
}

// Tuple is (i32, String, Option<bool>).
type Tuple struct {
	tandem.Tuple
	N int32
	S string
	B *bool
}

// Result is Result<i32, String>.
type Result interface{ result() }

type (
	Ok  int32
	Err string
)

func (Ok) result()  {}
func (Err) result() {}

type Range struct {
	Start int32 `json:"start"`
	End   int32 `json:"end"`
}

// IPAddr and SocketAddr are what the standard library's addresses are in binary encodings. In JSON they are text.
type IPAddr interface{ ipAddr() }

type (
	IPv4 [4]byte
	IPv6 [16]byte
)

func (IPv4) ipAddr() {}
func (IPv6) ipAddr() {}

type SocketAddr interface{ socketAddr() }

type (
	SocketAddrV4 struct {
		tandem.Tuple
		IP   [4]byte
		Port uint16
	}
	SocketAddrV6 struct {
		tandem.Tuple
		IP   [16]byte
		Port uint16
	}
)

func (SocketAddrV4) socketAddr() {}
func (SocketAddrV6) socketAddr() {}

var (
	_ = tandem.Union[ClientEvent](map[string]ClientEvent{"TextInput": TextInput("")})
	_ = tandem.Union[ServerEvent](map[string]ServerEvent{"Uppercase": Uppercase("")})
	_ = tandem.Union[Choice](map[string]Choice{
		"Unit": ChoiceUnit{}, "New": ChoiceNew(""), "Tup": ChoiceTup{}, "St": ChoiceSt{}, "NewUnit": ChoiceNewUnit{},
		"NewOpt": ChoiceNewOpt{}, "NewRecord": ChoiceNewRecord{}, "NewVec": ChoiceNewVec{}, "NewMap": ChoiceNewMap{},
		"ETup": ChoiceETup{},
	})
	_ = tandem.Union[Tree](map[string]Tree{"Leaf": Leaf(0), "Node": Node{}})
	_ = tandem.Union[Renamed](map[string]Renamed{"firstCase": FirstCase{}, "2nd": Second{}})
	_ = tandem.UnionWith[Adjacent](map[string]Adjacent{"A": AdjacentA(0), "B": AdjacentB{}, "C": AdjacentC{}},
		&tandem.UnionOptions{Adjacent: true})
	_ = tandem.Union[Result](map[string]Result{"Ok": Ok(0), "Err": Err("")})
	_ = tandem.Union[IPAddr](map[string]IPAddr{"V4": IPv4{}, "V6": IPv6{}})
	_ = tandem.Union[SocketAddr](map[string]SocketAddr{"V4": SocketAddrV4{}, "V6": SocketAddrV6{}})
)
