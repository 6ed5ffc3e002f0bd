package schema

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/tandem-ws/tandem/internal/serde"
)

// message describes a message type.
func (b *builder) message(f serde.Format, t reflect.Type) (*Type, error) {
	s, err := serde.Describe(f, t)
	if err != nil {
		return nil, err
	}
	m := messages{b}
	return m.typ(s)
}

type messages struct{ *builder }

// typ gives a reference for a type with a name, else what it is.
func (m messages) typ(s *serde.Shape) (*Type, error) {
	decl := declared(s.Type)
	if decl == "" || s.Kind == serde.ShapeCustom || s.Kind == serde.ShapeByteList || s.Kind == serde.ShapeBig || s.Kind == serde.ShapeOption {
		return m.plain(s)
	}
	var err error
	ref := m.define(id(s.Type), Named{Name: s.Type.Name(), Decl: decl}, func() *Type {
		var t *Type
		t, err = m.plain(s)
		return t
	})
	return ref, err
}

var messageKinds = map[serde.ShapeKind]Kind{
	serde.ShapeBool: Bool, serde.ShapeInt: Int, serde.ShapeFloat: Float, serde.ShapeString: String, serde.ShapeText: String,
	serde.ShapeBytes: Bytes, serde.ShapeByteList: ByteList, serde.ShapeBig: Big, serde.ShapeList: List, serde.ShapeArray: Array,
	serde.ShapeMap: Map, serde.ShapeStruct: Struct, serde.ShapeTuple: Tuple, serde.ShapeOption: Option, serde.ShapeAny: Any,
	serde.ShapeUnion: Union, serde.ShapeCustom: Custom,
}

func (m messages) plain(s *serde.Shape) (_ *Type, err error) {
	t := &Type{Kind: messageKinds[s.Kind], Bits: s.Bits, Unsigned: s.Unsigned, Len: s.Len, Exact: s.Kind == serde.ShapeBig}
	t.Bits = bits(s.Type, s.Bits)
	switch s.Type {
	case timeType:
		t.Kind = Time
	case durationType:
		t.Kind = Duration
	}
	if s.Elem != nil {
		if t.Elem, err = m.typ(s.Elem); err != nil {
			return nil, err
		}
	}
	if s.Kind == serde.ShapeMap {
		if t.Key, err = m.typ(s.Key); err != nil {
			return nil, err
		}
	}
	for _, f := range s.Fields {
		field := Field{Name: f.Name, GoName: f.Struct.Name, Owner: declared(f.Owner), Optional: f.Omitted}
		if field.Type, err = m.typ(f.Shape); err == nil {
			field.Type, err = m.exact(field.Type, f.Struct.Tag)
		}
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", f.Owner, f.Struct.Name, err)
		}
		t.Fields = append(t.Fields, field)
	}
	return t, m.variants(t, s)
}

// bits are those of a number. An int has 64 whatever this machine thinks, so that a description is the same everywhere.
func bits(t reflect.Type, n int) int {
	switch t.Kind() {
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return min(n*64, 64) // none stay none: an int may have text
	default:
		return n
	}
}

func (m messages) variants(t *Type, s *serde.Shape) (err error) {
	if s.Union == nil {
		return nil
	}
	t.TagKey, t.ContentKey, t.Open = s.Union.TagKey, s.Union.ContentKey, s.Union.Unknown != nil
	for _, v := range s.Variants {
		variant := Variant{Tag: v.Tag, Decl: declared(v.Shape.Type)}
		if !v.Bare {
			if variant.Type, err = m.typ(v.Shape); err != nil {
				return err
			}
		}
		t.Variants = append(t.Variants, variant)
	}
	return nil
}

// exact applies the tag ts of a field, which makes bigints of its 64-bit integers.
func (b *builder) exact(t *Type, tag reflect.StructTag) (*Type, error) {
	switch option, ok := tag.Lookup("ts"); {
	case !ok:
		return t, nil
	case option != "bigint":
		return nil, fmt.Errorf("the tag ts:%q is not known; there is ts:\"bigint\"", option)
	}
	t, found := b.widen(t)
	if !found {
		return nil, errors.New("the tag ts:\"bigint\" is for 64-bit integers, and lists and maps of those")
	}
	return t, nil
}

// widen gives t with bigints for 64-bit integers. It does not look into structs, which others may use as well.
func (b *builder) widen(t *Type) (_ *Type, found bool) {
	if t.Kind == Ref {
		if n := b.made[t.Ref]; n == nil || n.Type == nil || n.Type.Kind != Int {
			return t, false
		}
		t = b.made[t.Ref].Type
	}
	wide := *t
	switch t.Kind {
	case Int, Duration:
		wide.Exact, found = t.Bits == 64, t.Bits == 64
	case Option, List, Array:
		wide.Elem, found = b.widen(t.Elem)
	case Map:
		var key bool
		wide.Elem, found = b.widen(t.Elem)
		wide.Key, key = b.widen(t.Key)
		found = found || key
	}
	return &wide, found
}
