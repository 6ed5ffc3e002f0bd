package serde

import (
	"reflect"
	"slices"
)

// union writes the interface value at p.
func (e *encoder) union(b []byte, n *node, p ref) (_ []byte, err error) {
	u := n.union
	held := valueAt(n.typ, p).Elem()
	if !held.IsValid() {
		return b, encodeError("nil is no variant")
	}
	t := held.Type()
	v := u.of(t)
	if v == nil {
		if t == u.Unknown {
			return e.unknown(b, u, held)
		}
		return b, encodeError(t.String() + " is no variant of " + n.typ.String())
	}
	switch {
	case v.pointer:
		if held.IsNil() {
			return b, encodeError("a nil " + t.String() + " is no variant")
		}
		b, err = e.variant(b, u, v, refOf(held))
	case v.word != nil:
		b, err = e.variant(b, u, v, boxed(p))
	default:
		s := v.get()
		s.elem.Set(held)
		b, err = e.variant(b, u, v, s.elemRef)
		v.put(s)
	}
	if err != nil {
		return b, within(err, "("+clip(v.tag)+")")
	}
	return b, nil
}

func (e *encoder) variant(b []byte, u *unionPlan, v *variant, p ref) (_ []byte, err error) {
	if v.bare() && u.Tagging == External {
		return append(b, v.text...), nil
	}
	if b, err = e.openVariant(b, u, v.key, v.text, !v.bare()); err != nil {
		return b, err
	}
	if !v.bare() {
		if b, err = e.value(b, v.node, p); err != nil {
			return b, err
		}
	}
	return e.closeVariant(b), nil
}

func (e *encoder) openVariant(b []byte, u *unionPlan, key, text []byte, content bool) ([]byte, error) {
	if err := e.enter(); err != nil {
		return b, err
	}
	if u.Tagging == External {
		return append(e.f.OpenMap(b, 1), key...), nil
	}
	n := 1
	if content {
		n = 2
	}
	b = append(append(e.f.OpenMap(b, n), u.tagKey...), text...)
	if content {
		if e.textual {
			b = append(b, ',')
		}
		b = append(b, u.contentKey...)
	}
	return b, nil
}

func (e *encoder) closeVariant(b []byte) []byte {
	if e.textual {
		b = append(b, '}')
	}
	e.depth--
	return b
}

// unknown writes a variant this side does not know, as it came.
func (e *encoder) unknown(b []byte, u *unionPlan, held reflect.Value) ([]byte, error) {
	if held.Kind() == reflect.Pointer {
		if held.IsNil() {
			return b, encodeError("a nil " + held.Type().String() + " is no variant")
		}
	} else {
		p := reflect.New(u.Unknown)
		p.Elem().Set(held)
		held = p
	}
	x := as[Unknown](at(refOf(held), u.unknownOff))
	switch {
	case x.Tag == "":
		return b, encodeError("an unknown variant without a tag")
	case u.byTag[x.Tag] != nil:
		return b, encodeError("the unknown variant " + Snippet(x.Tag) + " is known")
	case x.Codec != e.f.Name():
		return b, encodeError("the unknown variant " + Snippet(x.Tag) + " came in " + Snippet(x.Codec))
	}
	text, err := e.f.AppendText(nil, x.Tag)
	if err != nil {
		return b, err
	}
	if len(x.Data) == 0 && u.Tagging == External {
		return append(b, text...), nil
	}
	if err := e.c.verify(x.Data, e.depth+1); err != nil {
		return b, within(err, "("+clip(x.Tag)+")")
	}
	key := text
	if e.textual {
		key = append(slices.Clip(text), ':')
	}
	if b, err = e.openVariant(b, u, key, text, len(x.Data) > 0); err != nil {
		return b, err
	}
	b = append(b, x.Data...)
	return e.closeVariant(b), nil
}

// verify refuses raw content that is not exactly one value: a program may have made it up.
func (c *Coder) verify(raw []byte, depth int) error {
	if len(raw) == 0 {
		return nil
	}
	in := c.inputs.Get().(*input)
	r := in.r
	r.Reset(raw, depth, c.maxDepth)
	_, err := r.Raw()
	if err == nil {
		err = r.End()
	}
	r.Reset(nil, 0, 0)
	c.inputs.Put(in)
	if err != nil {
		return encodeError("the data of an unknown variant is not one value")
	}
	return nil
}
