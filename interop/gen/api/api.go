// Package api has a message with everything that a message may hold, for tests of the schemas that are made of it.
package api

import (
	"math/big"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Feed is the only endpoint.
var Feed = &tandem.Endpoint[struct{}, Event, Everything]{Path: "/feed", Codec: json.Codec}

// Everything is what its name says.
type Everything struct {
	Header
	*Trace

	Text   string           `json:"text"`
	Yes    bool             `json:"yes"`
	Ints   Ints             `json:"ints"`
	F32    float32          `json:"f32"`
	F64    float64          `json:"f64,omitempty"`
	Any    any              `json:"any"`
	Maybe  *string          `json:"maybe"`
	Absent *int             `json:"absent,omitempty"`
	Zero   time.Time        `json:"zero,omitzero"`
	At     time.Time        `json:"at"`
	Took   time.Duration    `json:"took"`
	Data   []byte           `json:"data"`
	Key    [4]byte          `json:"key"`
	Listed []byte           `json:"listed,format:array"`
	Big    big.Int          `json:"big"`
	List   []Point          `json:"list"`
	Array  [3]int8          `json:"array"`
	Scores map[string]int   `json:"scores"`
	ByID   map[int16]string `json:"byId"`
	ByUint map[uint8]bool   `json:"byUint"`
	ByBool map[bool]int     `json:"byBool"`
	Roles  map[Role]float64 `json:"roles"`
	Role   Role             `json:"role"`
	Level  Level            `json:"level"`
	Page   Page[Role]       `json:"page"`
	Tree   *Tree            `json:"tree"`
	Events []Event          `json:"events"`
	Open   OpenEvent        `json:"open"`
	Shape  Shape            `json:"shape"`
	Unit   struct{}         `json:"unit"`
}

// Ints are integers of all sizes.
type Ints struct {
	I8  int8
	I16 int16
	I32 int32
	U8  uint8
	U16 uint16
	U32 uint32
	I64 int64  `ts:"bigint"`
	U64 uint64 `ts:"bigint"`
}

// Header is embedded.
type Header struct {
	ID uint32 `json:"id"`
}

// Trace is embedded with a pointer.
type Trace struct {
	Span string `json:"span"`
}

// Point is a tuple.
type Point struct {
	tandem.Tuple

	X, Y int32
	Name *string
}

// Role is text with constants.
type Role string

// The roles.
const (
	RoleAdmin Role = "admin"
	RoleGuest Role = "guest"
)

// Level is an integer with constants.
type Level int

// The levels.
const (
	Low Level = iota
	Middle
	High
)

// Page is generic.
type Page[T any] struct {
	Items []T `json:"items"`
}

// Tree contains itself.
type Tree struct {
	Value    int     `json:"value"`
	Children []*Tree `json:"children"`
}

// Event is tagged externally.
type Event interface{ event() }

// Said is text.
type Said string

// Moved is a struct.
type Moved struct{ X, Y int8 }

// Left has no content.
type Left struct{}

func (Said) event()   {}
func (*Moved) event() {}
func (Left) event()   {}

// OpenEvent takes unknown tags.
type OpenEvent interface{ open() }

// Other is a tag that is not known.
type Other struct{ tandem.Unknown }

func (Said) open()  {}
func (Left) open()  {}
func (Other) open() {}

// Shape is tagged adjacently.
type Shape interface{ shape() }

// Circle is a number.
type Circle float64

func (Circle) shape() {}
func (Left) shape()   {}

// The unions.
var (
	Events = tandem.Union[Event](map[string]Event{"Said": Said(""), "Moved": &Moved{}, "Left": Left{}})
	Opens  = tandem.UnionWith(map[string]OpenEvent{"Said": Said(""), "Left": Left{}}, &tandem.UnionOptions{Unknown: Other{}})
	Shapes = tandem.UnionWith(map[string]Shape{"circle": Circle(0), "none": Left{}}, &tandem.UnionOptions{Adjacent: true})
)
