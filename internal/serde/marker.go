package serde

import "reflect"

// Tuple makes a struct that embeds it an array of its fields in declaration order, of exactly that length: what Rust
// calls a tuple or a tuple struct. It takes no room when it is embedded first.
//
//	type Point struct {
//		tandem.Tuple
//		X, Y int
//	}
//
// A Point is [1,2] on the wire. Tags that leave fields out (omitempty, omitzero) are refused in a tuple.
type Tuple struct{}

// Unknown makes a struct that embeds it able to hold a variant its union does not know. See [Union.Unknown]. Encoding
// it again with the same codec gives the same variant; with another codec it is an error.
type Unknown struct {
	// Tag is the variant's name.
	Tag string
	// Codec is the name of the codec Data is encoded in.
	Codec string
	// Data is the variant's content as it came, a copy. It is empty for a bare tag.
	Data []byte
}

// Transparent marks a struct with one field that is nothing but that field on the wire: struct{ Value T } with this
// method, on the struct itself, is encoded and decoded as the T. It serves to give a union, which is an interface type,
// a place inside other types. A struct with more fields is an ordinary one, whatever methods it has.
type Transparent interface{ TandemTransparent() }

var (
	tupleType       = reflect.TypeFor[Tuple]()
	unknownType     = reflect.TypeFor[Unknown]()
	transparentType = reflect.TypeFor[Transparent]()
)

// unwrap follows transparent wrappers to the type that matters.
func unwrap(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Struct && t.NumField() == 1 && t.Implements(transparentType) {
		t = t.Field(0).Type
	}
	return t
}
