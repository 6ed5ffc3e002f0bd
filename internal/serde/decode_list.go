package serde

import (
	"reflect"
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
	from := d.r.Start()
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
			n.grow(p, d.more(i, count, from, n.size))
		}
		head.len = i + 1
		if err := d.value(n.elem, at(head.data, uintptr(i)*n.size)); err != nil {
			return withinIndex(err, i)
		}
	}
	d.r.Leave()
	if tooLoose(head.len, head.cap) {
		v := valueAt(n.typ, p)
		tight := reflect.MakeSlice(n.typ, head.len, head.len)
		reflect.Copy(tight, v)
		v.Set(tight)
	}
	return nil
}

// grow makes room for k more elements behind those of the list at p, and for no more. For the commonest kinds it goes past package
// reflect.
func (n *node) grow(p ref, k int) {
	switch n.elem.op {
	case opString:
		grow(as[[]string](p), k)
	case opInt64, opUint64, opFloat64:
		grow(as[[]int64](p), k)
	case opInt, opUint:
		grow(as[[]int](p), k)
	default:
		v := valueAt(n.typ, p)
		if v.Cap() == 0 {
			v.Grow(k)
			return
		}
		grown := reflect.MakeSlice(n.typ, v.Len(), v.Len()+k)
		reflect.Copy(grown, v)
		v.Set(grown)
	}
}

func grow[T any](s *[]T, k int) {
	grown := make([]T, len(*s), len(*s)+k)
	copy(grown, *s)
	*s = grown
}

// more tells by how many elements a full list of n grows that began at from. When count are declared it doubles, so that a long list
// costs twice its size, not five times as append would have it. When nothing is declared it takes the rest of the message for elements
// like those that have come, as soon as there are enough to tell: a list of 300 structs takes 1.3 times its size.
func (d *decoder) more(n, count, from int, size uintptr) int {
	double := max(n, guessLen)
	if count > n {
		return min(double, count-n)
	}
	at := d.r.Start()
	if n == 0 || at <= from {
		return double
	}
	like := int64(d.size-at) * int64(n) / int64(at-from)
	like += like/8 + 1
	if n < enough {
		like = min(like, 7*int64(n))
	}
	if k := int(like); k > double {
		return max(double, d.reserve(k, size))
	}
	return max(int(like), n/4+1)
}

// enough elements tell how long the others will be.
const enough = 32

// tooLoose tells whether a list has much more room than it needs, as when what comes behind it was taken for more of it.
func tooLoose(n, room int) bool { return room > 2*max(n, guessLen) }

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
