package serde

import (
	"maps"
	"reflect"
	"slices"
	"sync"
)

// unionPlan is the plan of a union in one format.
type unionPlan struct {
	*Union
	variants   []*variant
	byTag      map[string]*variant
	tagKey     []byte // the keys of adjacent tagging as the format writes them
	contentKey []byte
	unknownOff uintptr
}

type variant struct {
	tag     string
	key     []byte // the tag as the format writes it as a key
	text    []byte // and as a text
	typ     reflect.Type
	base    reflect.Type // typ, or what it points to
	pointer bool
	word    ref       // the first word of an interface that holds the variant, nil where the second is not a pointer to it
	node    *node     // of base
	scratch sync.Pool // *scratch of base
}

// bare tells whether the variant has no content. The node may have been under construction when the plan was made, so
// this is asked each time.
func (v *variant) bare() bool { return v.node.op == opStruct && len(v.node.fields) == 0 }

func (c *compiler) union(n *node, u *Union, path string) error {
	plan := &unionPlan{Union: u, byTag: map[string]*variant{}}
	n.union = plan
	key := func(s string) ([]byte, error) {
		b, err := c.format.AppendText(nil, s)
		if err != nil {
			return nil, fault(path, "a tag or key is not valid UTF-8")
		}
		if c.format.Textual() {
			b = append(b, ':')
		}
		return b, nil
	}
	var err error
	if plan.tagKey, err = key(u.TagKey); err != nil {
		return err
	}
	if plan.contentKey, err = key(u.ContentKey); err != nil {
		return err
	}
	for _, tag := range slices.Sorted(maps.Keys(u.Variants)) {
		v := &variant{tag: tag, typ: u.Variants[tag]}
		v.base = v.typ
		if v.typ.Kind() == reflect.Pointer {
			v.base, v.pointer = v.typ.Elem(), true
		}
		if v.pointer || isBoxed(v.typ) {
			held := reflect.New(u.Interface)
			held.Elem().Set(reflect.New(v.typ).Elem())
			v.word = method(refOf(held))
		}
		if v.key, err = key(tag); err != nil {
			return err
		}
		v.text, _ = c.format.AppendText(nil, tag)
		if v.node, err = c.compile(v.base, "", path+"("+tag+")"); err != nil {
			return err
		}
		plan.variants = append(plan.variants, v)
		plan.byTag[tag] = v
	}
	if u.Unknown != nil {
		plan.unknownOff, _ = unknownField(u.Unknown)
	}
	return nil
}

// of finds the variant for a dynamic type. Unions are small: comparing beats a map up to about a dozen.
func (u *unionPlan) of(t reflect.Type) *variant {
	for _, v := range u.variants {
		if v.typ == t {
			return v
		}
	}
	return nil
}

func (v *variant) get() *scratch {
	if s, ok := v.scratch.Get().(*scratch); ok {
		return s
	}
	p := reflect.New(v.base)
	return &scratch{elem: p.Elem(), elemRef: refOf(p)}
}

func (v *variant) put(s *scratch) {
	s.elem.SetZero()
	v.scratch.Put(s)
}
