package serde

import (
	"bytes"
	"reflect"
)

func (d *decoder) union(n *node, p ref) error {
	if n.union.Tagging == Adjacent {
		return d.adjacent(n, p)
	}
	switch d.r.Kind() {
	case Text, Bytes: // whether bytes will do is for the reader to say
		return d.bareVariant(n, p)
	case Map:
	default:
		return d.r.Mismatch("a variant")
	}
	count, err := d.r.Map()
	if err != nil {
		return err
	}
	if count < 0 {
		more, err := d.r.More()
		if err != nil {
			return err
		}
		if !more {
			count = 0
		}
	}
	if count == 0 || count > 1 {
		return d.fail("a variant is a map of one key")
	}
	name, err := d.r.Name()
	if err != nil {
		return err
	}
	v := n.union.byTag[string(name)]
	if v == nil {
		if n.union.Unknown == nil || len(name) == 0 {
			return d.unknownTag(name)
		}
		x := Unknown{Tag: string(name), Codec: d.c.Name()}
		raw, err := d.r.Raw()
		if err != nil {
			return withinVariant(err, x.Tag)
		}
		x.Data = bytes.Clone(raw)
		n.union.setUnknown(n, p, x)
	} else if err := d.content(n, v, p); err != nil {
		return withinVariant(err, v.tag)
	}
	if count < 0 {
		if more, err := d.r.More(); err != nil {
			return err
		} else if more {
			return d.fail("a variant is a map of one key")
		}
	}
	d.r.Leave()
	return nil
}

func withinVariant(err error, tag string) error { return within(err, "("+clip(tag)+")") }

func (d *decoder) unknownTag(name []byte) error {
	return d.fail("unknown variant " + Snippet(name))
}

// bareVariant reads a variant that is its name alone.
func (d *decoder) bareVariant(n *node, p ref) error {
	name, err := d.r.Name()
	if err != nil {
		return err
	}
	v := n.union.byTag[string(name)]
	switch {
	case v != nil:
		return d.withoutContent(n, v, p)
	case n.union.Unknown == nil || len(name) == 0:
		return d.unknownTag(name)
	}
	n.union.setUnknown(n, p, Unknown{Tag: string(name), Codec: d.c.Name()})
	return nil
}

func (d *decoder) withoutContent(n *node, v *variant, p ref) error {
	if v.node.op != opStruct && v.node.op != opTuple || len(v.node.fields) > 0 {
		return d.fail("the variant " + clip(v.tag) + " needs its content")
	}
	v.store(n, p, v.room())
	return nil
}

// content reads a variant's content and stores the variant at p.
func (d *decoder) content(n *node, v *variant, p ref) error {
	q := v.room()
	var err error
	if v.bare() && d.r.Kind() == List { // Rust's tuple variant without fields
		err = d.fields(v.node, refOf(q))
	} else {
		err = d.value(v.node, refOf(q))
	}
	if err == nil {
		v.store(n, p, q)
	}
	return err
}

// room is a new value for the variant's content.
func (v *variant) room() reflect.Value { return reflect.New(v.base) }

// store makes the interface at p hold the variant that q points to.
func (v *variant) store(n *node, p ref, q reflect.Value) {
	if v.word != nil {
		setBoxed(p, v.word, refOf(q))
	} else {
		valueAt(n.typ, p).Set(q.Elem())
	}
}

func (u *unionPlan) setUnknown(n *node, p ref, x Unknown) {
	t := u.Unknown
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	q := reflect.New(t)
	*as[Unknown](at(refOf(q), u.unknownOff)) = x
	if !pointer {
		q = q.Elem()
	}
	valueAt(n.typ, p).Set(q)
}
