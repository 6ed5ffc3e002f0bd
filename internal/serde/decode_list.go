package serde

import (
	"reflect"
	"slices"
	"strconv"
)

func (d *decoder) lengthError(got, want int) error {
	return d.fail("a list of " + strconv.Itoa(got) + " where " + strconv.Itoa(want) + " belong")
}

// guessLen is the room made for a list that does not tell its length.
const guessLen = 4

func (d *decoder) slice(n *node, p ref) error {
	count, err := d.r.List()
	if err != nil {
		return err
	}
	head := as[sliceHead](p)
	*head = emptyList
	if count == 0 {
		d.r.Leave()
		return nil
	}
	guess := count
	if count < 0 {
		guess = guessLen
	}
	if r := d.reserve(guess, n.size); r > 0 {
		n.grow(p, r)
	}
	for i := 0; ; i++ {
		if count < 0 {
			if another, err := d.r.More(); err != nil {
				return err
			} else if !another {
				break
			}
		} else if i == count {
			break
		}
		if i == head.cap {
			n.grow(p, more(i, count))
		}
		head.len = i + 1
		if err := d.value(n.elem, at(head.data, uintptr(i)*n.size)); err != nil {
			return withinIndex(err, i)
		}
	}
	d.r.Leave()
	return nil
}

// grow makes room for k more elements behind those of the list at p. For the commonest kinds it goes past package reflect.
func (n *node) grow(p ref, k int) {
	switch n.elem.op {
	case opString:
		s := as[[]string](p)
		*s = slices.Grow(*s, k)
	case opInt64, opUint64, opFloat64:
		s := as[[]int64](p)
		*s = slices.Grow(*s, k)
	case opInt, opUint:
		s := as[[]int](p)
		*s = slices.Grow(*s, k)
	default:
		valueAt(n.typ, p).Grow(k)
	}
}

// more tells by how many elements a full list of n grows when count are declared: it doubles, so that a long list costs
// twice its size, not five times as append would have it.
func more(n, count int) int {
	grow := max(n, guessLen)
	if count > n {
		grow = min(grow, count-n)
	}
	return grow
}

func (d *decoder) array(n *node, p ref) error {
	count, err := d.r.List()
	if err != nil {
		return err
	}
	if count >= 0 && count != n.len {
		return d.lengthError(count, n.len)
	}
	for i := range n.len {
		if count < 0 {
			if another, err := d.r.More(); err != nil {
				return err
			} else if !another {
				return d.lengthError(i, n.len)
			}
		}
		if err := d.value(n.elem, at(p, uintptr(i)*n.size)); err != nil {
			return withinIndex(err, i)
		}
	}
	return d.endList(count, n.len)
}

// bytes reads a byte string or a list of integers into a slice or an array of bytes.
func (d *decoder) bytes(n *node, p ref) error {
	var b []byte
	var err error
	fixed := n.len >= 0
	if fixed {
		b = bytesAt(p, n.len)[:0]
	}
	if d.r.Kind() == List {
		b, err = d.byteList(b, fixed)
	} else {
		b, err = d.r.AppendBytes(b)
	}
	switch {
	case err != nil:
		return err
	case !fixed:
		if b == nil {
			b = []byte{}
		}
		valueAt(n.typ, p).SetBytes(b)
	case len(b) != n.len:
		return d.fail(strconv.Itoa(len(b)) + " bytes where " + strconv.Itoa(n.len) + " belong")
	default:
		copy(bytesAt(p, n.len), b) // a decoder of base64 may have asked for more room than the array has
	}
	return nil
}

var uint8Node = &node{op: opUint8, typ: reflect.TypeFor[uint8]()}

func (d *decoder) byteList(b []byte, fixed bool) ([]byte, error) {
	count, err := d.r.List()
	if err != nil {
		return nil, err
	}
	if !fixed && count > 0 {
		b = make([]byte, 0, count) // at most a byte for each one left
	}
	for i := 0; ; i++ {
		if count < 0 {
			if more, err := d.r.More(); err != nil {
				return nil, err
			} else if !more {
				break
			}
		} else if i == count {
			break
		}
		mag, neg, err := d.r.Int()
		if err != nil {
			return nil, withinIndex(err, i)
		}
		if neg || mag > 0xff {
			return nil, withinIndex(d.outOfRange(mag, neg, uint8Node), i)
		}
		b = append(b, byte(mag))
	}
	d.r.Leave()
	return b, nil
}
