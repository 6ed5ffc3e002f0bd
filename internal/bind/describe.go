package bind

import "reflect"

// Shape describes how the values of a parameter lie in a request, for generators.
type Shape struct {
	// Kind is "string", "bool", "int", "uint", "float" or "duration" for what is one text; "option", "list", "array",
	// "map", "record" or "tuple" for what is made of others. Types with text methods and bytes are strings.
	Kind string
	Type reflect.Type
	Bits int // of a number
	Len  int // of an array
	Elem *Shape
	Key  *Shape // of a map
	// Fields are those of a record or tuple.
	Fields []ShapeField
}

// ShapeField is a field of a record or tuple.
type ShapeField struct {
	Name     string // on the wire
	Optional bool
	Owner    reflect.Type // the struct that declares the field
	Struct   reflect.StructField
	Shape    *Shape
}

// Param is a parameter with its shape.
type Param struct {
	Field
	Owner  reflect.Type // the struct that declares the field
	Struct reflect.StructField
	Shape  *Shape
}

// Describe gives the parameters in the order of the struct's fields.
func (p *Plan) Describe() []Param {
	d := shapes{}
	params := make([]Param, 0, len(p.fields))
	for i := range p.fields {
		f := p.fields[i]
		for _, group := range [][]binding{p.paths, p.query, p.headers, p.cookies} {
			for j := range group {
				b := &group[j]
				if owner, sf := declared(p.typ, b.index); b.name == f.Name && sf.Name == f.GoName && sf.Type == f.Type {
					params = append(params, Param{Field: f, Owner: owner, Struct: sf, Shape: d.of(b.node)})
				}
			}
		}
	}
	return params
}

// Segment is a piece of the path between two slashes.
type Segment struct {
	Literal string // escaped; "" for a wildcard, and for what stands behind a slash at the end
	Name    string // of a wildcard
	Multi   bool   // the wildcard spans slashes
}

// Segments gives the pieces of the path.
func (p *Plan) Segments() []Segment {
	out := make([]Segment, len(p.path.segments))
	for i, s := range p.path.segments {
		out[i] = Segment{Literal: s.literal, Name: s.name, Multi: s.multi}
	}
	return out
}

// shapes holds those made so far, because a type may contain itself.
type shapes map[*node]*Shape

func (d shapes) of(n *node) *Shape {
	if n == nil {
		return nil
	}
	if s := d[n]; s != nil {
		return s
	}
	s := &Shape{Type: n.typ}
	d[n] = s
	if s.Elem = d.of(n.elem); n.shape == leaf {
		s.Kind, s.Bits = n.scalar.describe()
		return s
	}
	switch n.shape {
	case maybe:
		s.Kind = "option"
	case list:
		s.Kind = "list"
	case array:
		s.Kind, s.Len = "array", n.typ.Len()
	case table:
		s.Kind, s.Key = "map", &Shape{Type: n.typ.Key()}
		s.Key.Kind, s.Key.Bits = n.scalar.describe()
	case record:
		s.Kind = "record"
	case tuple:
		s.Kind = "tuple"
	}
	for i := range n.fields {
		f := &n.fields[i]
		owner, sf := declared(n.typ, f.index)
		s.Fields = append(s.Fields, ShapeField{Name: f.name, Optional: f.node.optional(), Owner: owner, Struct: sf, Shape: d.of(f.node)})
	}
	return s
}

func (s *scalar) describe() (kind string, bits int) {
	switch s.kind {
	case boolKind:
		return "bool", 0
	case intKind:
		return "int", s.bits
	case uintKind:
		return "uint", s.bits
	case floatKind:
		return "float", s.bits
	case durationKind:
		return "duration", 0
	default:
		return "string", 0
	}
}

// declared gives the field that an index leads to, and the struct that declares it.
func declared(t reflect.Type, index []int) (reflect.Type, reflect.StructField) {
	for _, i := range index[:len(index)-1] {
		t = t.Field(i).Type
	}
	return t, t.Field(index[len(index)-1])
}
