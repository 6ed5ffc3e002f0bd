package serde

import "bytes"

// adjacent reads {"type": tag, "data": content} with its keys in any order. Content that comes before its tag is kept
// raw until the tag says what it is.
func (d *decoder) adjacent(n *node, p ref) error {
	u := n.union
	switch k := d.r.Kind(); {
	case k == Map:
	case k == List && d.listStructs:
		return d.adjacentList(n, p)
	default:
		return d.r.Mismatch("a variant")
	}
	count, err := d.r.Map()
	if err != nil {
		return err
	}
	var a adjacentState
	var others nameSet
	for {
		if count == 0 {
			break
		} else if count > 0 {
			count--
		} else if more, err := d.r.More(); err != nil {
			return err
		} else if !more {
			break
		}
		key, err := d.r.Text()
		if err != nil {
			return within(err, "{key}")
		}
		switch {
		case string(key) == u.TagKey:
			err = d.adjacentTag(u, &a)
		case string(key) == u.ContentKey:
			err = d.adjacentContent(n, p, &a)
		case !others.add(key):
			err = d.fail("the field " + Snippet(key) + " comes twice")
		default:
			err = d.r.Skip()
		}
		if err != nil {
			return err
		}
	}
	d.r.Leave()
	return d.adjacentEnd(n, p, &a)
}

// adjacentList reads [tag, content] or [tag]: formats that take a list for a struct take it here as well.
func (d *decoder) adjacentList(n *node, p ref) error {
	count, err := d.r.List()
	if err != nil {
		return err
	}
	var a adjacentState
	read := 0
	for ; ; read++ {
		if count < 0 {
			if more, err := d.r.More(); err != nil {
				return err
			} else if !more {
				break
			}
		} else if read == count {
			break
		}
		switch read {
		case 0:
			err = d.adjacentTag(n.union, &a)
		case 1:
			err = d.adjacentContent(n, p, &a)
		default:
			err = d.fail("a variant is a list of tag and content")
		}
		if err != nil {
			return err
		}
	}
	d.r.Leave()
	return d.adjacentEnd(n, p, &a)
}

type adjacentState struct {
	tagged  bool
	tag     string
	v       *variant
	content bool   // content has come
	done    bool   // and is decoded
	raw     []byte // or waits for the tag, where it lies in the message
	rawAt   int
}

func (d *decoder) adjacentTag(u *unionPlan, a *adjacentState) error {
	if a.tagged {
		return d.fail("the field " + u.TagKey + " comes twice")
	}
	name, err := d.r.Name()
	if err != nil {
		return withinField(err, u.TagKey)
	}
	a.tagged = true
	if a.v = u.byTag[string(name)]; a.v == nil {
		if u.Unknown == nil || len(name) == 0 {
			return d.unknownTag(name)
		}
		a.tag = string(name)
	}
	return nil
}

func (d *decoder) adjacentContent(n *node, p ref, a *adjacentState) error {
	if a.content {
		return d.fail("the field " + n.union.ContentKey + " comes twice")
	}
	a.content = true
	if a.v != nil {
		a.done = true
		if err := d.content(n, a.v, p); err != nil {
			return withinVariant(err, a.v.tag)
		}
		return nil
	}
	raw, err := d.r.Raw()
	if err != nil {
		return err
	}
	a.raw, a.rawAt = raw, d.r.Start()
	return nil
}

func (d *decoder) adjacentEnd(n *node, p ref, a *adjacentState) error {
	switch {
	case !a.tagged:
		return d.fail("a variant without " + clip(n.union.TagKey))
	case a.v == nil:
		n.union.setUnknown(n, p, Unknown{Tag: a.tag, Codec: d.c.Name(), Data: bytes.Clone(a.raw)})
		return nil
	case a.done:
		return nil
	case !a.content:
		return d.withoutContent(n, a.v, p)
	}
	if err := d.later(n, a, p); err != nil {
		return withinVariant(err, a.v.tag)
	}
	return nil
}

// later decodes content that came before its tag.
func (d *decoder) later(n *node, a *adjacentState, p ref) error {
	in := d.c.inputs.Get().(*input)
	r := in.r
	r.Reset(a.raw, d.r.Depth()+1, d.c.maxDepth)
	sub := *d
	sub.r, sub.size = r, len(a.raw)
	err := sub.content(n, a.v, p)
	if err == nil {
		err = r.End()
	}
	d.budget = sub.budget
	r.Reset(nil, 0, 0)
	d.c.inputs.Put(in)
	if e, ok := err.(*Error); ok {
		e.offset += a.rawAt
	}
	return err
}
