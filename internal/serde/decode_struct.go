package serde

import (
	"reflect"
	"slices"
)

// fieldSet remembers which fields have come. Most structs fit the array.
type fieldSet struct {
	bits [2]uint64
	more []uint64
}

// add tells whether i is new.
func (s *fieldSet) add(i int) bool {
	w, bit := i/64, uint64(1)<<(i%64)
	at := &s.bits
	if w < len(at) {
		if at[w]&bit != 0 {
			return false
		}
		at[w] |= bit
		return true
	}
	for w -= len(at); w >= len(s.more); {
		s.more = append(s.more, 0)
	}
	if s.more[w]&bit != 0 {
		return false
	}
	s.more[w] |= bit
	return true
}

// nameSet remembers names a struct does not know. It keeps a list until a map pays.
type nameSet struct {
	list []string
	m    map[string]struct{}
}

func (s *nameSet) add(name []byte) bool {
	if s.m != nil {
		if _, ok := s.m[string(name)]; ok {
			return false
		}
		s.m[string(name)] = struct{}{}
		return true
	}
	text := string(name)
	if slices.Contains(s.list, text) {
		return false
	}
	s.list = append(s.list, text)
	if len(s.list) > 16 {
		s.m = make(map[string]struct{}, 64)
		for _, n := range s.list {
			s.m[n] = struct{}{}
		}
	}
	return true
}

func (d *decoder) structure(n *node, p ref) error {
	switch k := d.r.Kind(); {
	case k == Map:
	case k == List && d.listStructs:
		return d.fields(n, p)
	case k == Null && len(n.fields) == 0:
		return d.r.Null()
	default:
		return d.r.Mismatch(Map.String())
	}
	count, err := d.r.Map()
	if err != nil {
		return err
	}
	var seen fieldSet
	var unknown nameSet
	next := 0
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
		i := next
		if i >= len(n.fields) || !d.r.MatchName(n.fields[i].encoded) {
			name, err := d.r.Text()
			if err != nil {
				return within(err, "{key}")
			}
			var ok bool
			if i, ok = n.byName[string(name)]; !ok {
				if !unknown.add(name) {
					return d.fail("the field " + Snippet(name) + " comes twice")
				}
				if err := d.r.Skip(); err != nil {
					return err
				}
				continue
			}
		}
		next = i + 1
		f := &n.fields[i]
		if !seen.add(i) {
			return d.fail("the field " + clip(f.name) + " comes twice")
		}
		q := at(p, f.off)
		if f.hops != nil {
			q = f.make(p)
		}
		if err := d.value(f.node, q); err != nil {
			return withinField(err, f.name)
		}
	}
	d.r.Leave()
	return nil
}

// make gives the address of a field, making the embedded pointers on the way.
func (f *field) make(p ref) ref {
	for i := range f.hops {
		h := &f.hops[i]
		q := as[ref](at(p, h.off))
		if *q == nil {
			*q = refOf(reflect.New(h.elem))
		}
		p = *q
	}
	return at(p, f.off)
}

func (d *decoder) tuple(n *node, p ref) error {
	if d.r.Kind() == Null && len(n.fields) == 0 {
		return d.r.Null()
	}
	return d.fields(n, p)
}

// fields reads a list with exactly one element for each field.
func (d *decoder) fields(n *node, p ref) error {
	count, err := d.r.List()
	if err != nil {
		return err
	}
	if count >= 0 && count != len(n.fields) {
		return d.lengthError(count, len(n.fields))
	}
	for i := range n.fields {
		if count < 0 {
			if more, err := d.r.More(); err != nil {
				return err
			} else if !more {
				return d.lengthError(i, len(n.fields))
			}
		}
		f := &n.fields[i]
		q := at(p, f.off)
		if f.hops != nil {
			q = f.make(p)
		}
		if err := d.value(f.node, q); err != nil {
			return withinField(err, f.name)
		}
	}
	return d.endList(count, len(n.fields))
}

// endList closes a list that must not be longer than want.
func (d *decoder) endList(count, want int) error {
	if count < 0 {
		if more, err := d.r.More(); err != nil {
			return err
		} else if more {
			return d.lengthError(want+1, want)
		}
	}
	d.r.Leave()
	return nil
}
