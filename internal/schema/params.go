package schema

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/tandem-ws/tandem/internal/bind"
)

// params describes the parameters of an endpoint and gives the ID of the type that holds them.
func (b *builder) params(decl Declaration, plan *bind.Plan) (string, error) {
	fields := plan.Describe()
	if len(fields) == 0 {
		return "", nil
	}
	multi := map[string]bool{}
	for _, s := range plan.Segments() {
		multi[s.Name] = s.Multi
	}
	// A path decides where the fields without a tag travel, so endpoints share a type only if theirs agree about that.
	var places strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&places, " %s %s %t %t", f.Name, f.In, f.Optional, multi[f.Name])
	}
	key := "params " + id(decl.Params) + places.String()
	n := Named{Name: decl.Params.Name(), Decl: declared(decl.Params), Params: true}
	if n.Name == "" {
		n.Name = decl.Name + "Params"
		key += " of " + decl.Name
	}
	p := params{b}
	var err error
	ref := b.define(key, n, func() *Type {
		t := &Type{Kind: Struct}
		for _, f := range fields {
			field := Field{Name: f.Name, GoName: f.GoName, Owner: declared(f.Owner), In: f.In, Optional: f.Optional, Multi: f.In == bind.InPath && multi[f.Name]}
			if field.Type, err = p.field(f.Shape, f.Struct, f.Optional); err != nil {
				return t
			}
			t.Fields = append(t.Fields, field)
		}
		return t
	})
	return ref.Ref, err
}

type params struct{ *builder }

// field describes a field. Whether it may be missing is said by Optional, so a pointer does not say it again.
func (p params) field(s *bind.Shape, sf reflect.StructField, optional bool) (*Type, error) {
	if optional && s.Kind == "option" {
		s = s.Elem
	}
	t, err := p.exact(p.typ(s), sf.Tag)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sf.Name, err)
	}
	return t, nil
}

func (p params) typ(s *bind.Shape) *Type {
	decl := declared(s.Type)
	if decl == "" || s.Kind == "option" {
		return p.plain(s)
	}
	key := id(s.Type)
	if !p.shared(s) {
		key = "params " + key
	}
	return p.define(key, Named{Name: s.Type.Name(), Decl: decl, Params: key != id(s.Type)}, func() *Type { return p.plain(s) })
}

// shared tells whether a type is the same in a message: what has fields has other names there, bytes are no text, and
// elements are looked at there with other eyes.
func (p params) shared(s *bind.Shape) bool {
	switch s.Kind {
	case "record", "tuple", "list", "array", "map":
		return false
	case "string":
		return s.Type.Kind() != reflect.Slice || reflect.PointerTo(s.Type).Implements(textMarshaler)
	}
	return true
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

var paramKinds = map[string]Kind{
	"string": String, "bool": Bool, "int": Int, "uint": Int, "float": Float, "duration": Duration, "option": Option,
	"list": List, "array": Array, "map": Map, "record": Struct, "tuple": Tuple,
}

func (p params) plain(s *bind.Shape) *Type {
	t := &Type{Kind: paramKinds[s.Kind], Bits: bits(s.Type, s.Bits), Unsigned: s.Kind == "uint", Len: s.Len}
	if s.Type == timeType {
		t.Kind = Time
	}
	if s.Elem != nil {
		t.Elem = p.typ(s.Elem)
	}
	if s.Key != nil {
		t.Key = p.typ(s.Key)
	}
	for _, f := range s.Fields {
		field := Field{Name: f.Name, GoName: f.Struct.Name, Owner: declared(f.Owner), Optional: f.Optional}
		inner, err := p.field(f.Shape, f.Struct, f.Optional)
		if err != nil {
			p.faults = errors.Join(p.faults, fmt.Errorf("params: %s.%w", s.Type, err))
			continue
		}
		field.Type = inner
		t.Fields = append(t.Fields, field)
	}
	return t
}
