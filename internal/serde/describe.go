package serde

import (
	"reflect"
	"strings"
)

// ShapeKind is what a type is in the data model, as [Describe] tells it.
type ShapeKind string

// The kinds of shapes.
const (
	ShapeBool     ShapeKind = "bool"
	ShapeInt      ShapeKind = "int" // Bits and Unsigned say which
	ShapeFloat    ShapeKind = "float"
	ShapeString   ShapeKind = "string"
	ShapeText     ShapeKind = "text"     // with MarshalText
	ShapeBytes    ShapeKind = "bytes"    // Len is -1 for a slice
	ShapeByteList ShapeKind = "byteList" // bytes as a list of integers; Len likewise
	ShapeBig      ShapeKind = "big"      // an integer of any size
	ShapeList     ShapeKind = "list"
	ShapeArray    ShapeKind = "array" // a list of Len elements
	ShapeMap      ShapeKind = "map"
	ShapeStruct   ShapeKind = "struct"
	ShapeTuple    ShapeKind = "tuple"
	ShapeOption   ShapeKind = "option" // null, or Elem
	ShapeAny      ShapeKind = "any"
	ShapeUnion    ShapeKind = "union"
	ShapeCustom   ShapeKind = "custom" // a form of its own in this format
)

// Shape describes what a type is on the wire. A type that contains itself has a shape that contains itself.
type Shape struct {
	Kind     ShapeKind
	Type     reflect.Type // the Go type; what a transparent wrapper holds, not the wrapper
	Bits     int
	Unsigned bool
	Len      int
	Elem     *Shape
	Key      *Shape
	Fields   []ShapeField
	Union    *Union         // a copy; nil for what is none
	Variants []ShapeVariant // of a union, sorted by tag
}

// ShapeField is a field of a struct or tuple.
type ShapeField struct {
	Name    string // on the wire
	Shape   *Shape
	Omitted bool // the field may be left out

	Owner  reflect.Type        // the struct that declares the field: another one where it is embedded
	Struct reflect.StructField // the declaration
}

// ShapeVariant is a variant of a union.
type ShapeVariant struct {
	Tag   string
	Shape *Shape
	Bare  bool // the tag is all there is
}

// Describe gives the shape of messages of type t in a format, nil meaning what all formats agree on. It reads the plan
// that the codecs walk, so what it says is what travels. The error is that of [Check].
func Describe(f Format, t reflect.Type) (*Shape, error) {
	if f == nil {
		f = neutral{}
	}
	if t == nil {
		return nil, Check(t)
	}
	n, err := compileMessage(f, t)
	if err != nil {
		return nil, err
	}
	return describer{}.shape(n), nil
}

// describer holds the shapes made so far.
type describer map[*node]*Shape

func (d describer) shape(n *node) *Shape {
	if n == nil {
		return nil
	}
	if s := d[n]; s != nil {
		return s
	}
	s := &Shape{Kind: n.kind(), Type: n.typ, Len: n.len, Unsigned: n.unsigned}
	d[n] = s
	switch s.Kind {
	case ShapeInt:
		s.Bits, s.Unsigned = n.typ.Bits(), n.op >= opUint
	case ShapeFloat:
		s.Bits = n.typ.Bits()
	case ShapeBytes, ShapeByteList:
		if n.typ.Kind() == reflect.Slice {
			s.Len = -1
		}
	}
	s.Elem, s.Key = d.shape(n.elem), d.shape(n.key)
	for i := range n.fields {
		f := &n.fields[i]
		owner, sf := f.declared(n.typ)
		s.Fields = append(s.Fields, ShapeField{
			Name: f.name, Shape: d.shape(f.node), Omitted: f.omit != omitNever || f.hops != nil, Owner: owner, Struct: sf,
		})
	}
	if n.union != nil {
		u := *n.union.Union
		s.Union = &u
		for _, v := range n.union.variants {
			s.Variants = append(s.Variants, ShapeVariant{Tag: v.tag, Shape: d.shape(v.node), Bare: v.bare()})
		}
	}
	return s
}

func (n *node) kind() ShapeKind {
	switch n.op {
	case opBool:
		return ShapeBool
	case opFloat32, opFloat64:
		return ShapeFloat
	case opString:
		return ShapeString
	case opText:
		return ShapeText
	case opBytes, opByteArray:
		return ShapeBytes
	case opByteList:
		return ShapeByteList
	case opBig:
		return ShapeBig
	case opSlice:
		return ShapeList
	case opArray:
		return ShapeArray
	case opMap:
		return ShapeMap
	case opStruct:
		return ShapeStruct
	case opTuple:
		return ShapeTuple
	case opPtr:
		return ShapeOption
	case opAny:
		return ShapeAny
	case opUnion:
		return ShapeUnion
	case opCustom:
		return ShapeCustom
	default:
		return ShapeInt
	}
}

// declared finds the declaration of a field of t: in t itself, or in what it embeds.
func (f *field) declared(t reflect.Type) (owner reflect.Type, sf reflect.StructField) {
	for i := range f.hops {
		t = f.hops[i].elem
	}
	owner, sf, _ = f.within(t, 0)
	return owner, sf
}

func (f *field) within(t reflect.Type, base uintptr) (owner reflect.Type, sf reflect.StructField, ok bool) {
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "" {
			name = sf.Name
		}
		if name == f.name && sf.Type == f.typ && base+sf.Offset == f.off {
			return t, sf, true
		}
	}
	for sf := range t.Fields() {
		if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
			if owner, found, ok := f.within(sf.Type, base+sf.Offset); ok {
				return owner, found, true
			}
		}
	}
	return nil, sf, false
}
