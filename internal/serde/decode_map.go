package serde

import (
	"reflect"
	"strconv"
)

func (d *decoder) mapping(n *node, p ref) error {
	count, err := d.r.Map()
	if err != nil {
		return err
	}
	m := reflect.MakeMapWithSize(n.typ, d.reserve(count, n.size))
	valueAt(n.typ, p).Set(m)
	if count == 0 {
		d.r.Leave()
		return nil
	}
	s := n.getScratch(n.typ.Key(), n.typ.Elem())
	for size := 0; ; size++ {
		if count == 0 {
			break
		} else if count > 0 {
			count--
		} else if more, err := d.r.More(); err != nil {
			return err
		} else if !more {
			break
		}
		s.key.SetZero()
		s.elem.SetZero()
		if err := d.key(n.key, s.keyRef); err != nil {
			return within(err, "{key}")
		}
		start := d.r.Start()
		if err := d.value(n.elem, s.elemRef); err != nil {
			return within(err, "["+s.keyName()+"]")
		}
		m.SetMapIndex(s.key, s.elem)
		if m.Len() == size {
			return within(NewError(start, "the key comes twice"), "["+s.keyName()+"]")
		}
	}
	n.putScratch(s)
	d.r.Leave()
	return nil
}

// keyName is a map's key as error paths show it.
func (s *scratch) keyName() string {
	switch {
	case s.key.Kind() == reflect.String:
		return Snippet(s.key.String())
	case s.key.CanInt():
		return strconv.FormatInt(s.key.Int(), 10)
	case s.key.CanUint():
		return strconv.FormatUint(s.key.Uint(), 10)
	}
	return "key"
}

// key reads a map's key. Textual formats write integers and bools as text, in the one spelling we write ourselves.
func (d *decoder) key(n *node, p ref) error {
	if !d.textual || n.op == opString || n.op == opText {
		return d.value(n, p)
	}
	b, err := d.r.Text()
	if err != nil {
		return err
	}
	v := valueAt(n.typ, p)
	var ok bool
	switch {
	case n.op == opBool:
		ok = string(b) == "true" || string(b) == "false"
		v.SetBool(string(b) == "true")
	case v.CanInt():
		i, err := strconv.ParseInt(textOf(b), 10, int(bitsOf[n.op]))
		ok = err == nil && plainDigits(b)
		v.SetInt(i)
	default:
		i, err := strconv.ParseUint(textOf(b), 10, int(bitsOf[n.op]))
		ok = err == nil && plainDigits(b)
		v.SetUint(i)
	}
	if !ok {
		return d.fail(Snippet(b) + " is no " + v.Kind().String())
	}
	return nil
}

// plainDigits refuses the other spellings strconv takes: a plus sign, leading zeros, minus zero.
func plainDigits(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
		return len(b) > 0 && b[0] != '0'
	}
	return len(b) == 1 || len(b) > 1 && b[0] != '0' && b[0] != '+'
}
