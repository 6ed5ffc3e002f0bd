package serde

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
)

// decoder walks one message. It lives on the stack.
type decoder struct {
	r           Reader
	c           *Coder
	size        int // of the message
	budget      int // bytes that may still be allocated on the strength of declared lengths alone
	listStructs bool
	textual     bool
	texts       *texts
}

// budget is how many bytes declared lengths may reserve in a message of n bytes. Beyond it, lists and maps grow as
// their elements arrive. One budget serves the whole message, so that nested claims do not multiply. 16 bytes for each
// one that came is what a list of any needs that holds nothing but single bytes.
func budget(n int) int { return 16*n + 64 }

// reserve tells how many of n elements of the given size to make room for at once.
func (d *decoder) reserve(n int, size uintptr) int {
	if n <= 0 {
		return 0
	}
	if size == 0 {
		return n
	}
	n = min(n, d.budget/int(size))
	d.budget -= n * int(size)
	return n
}

// fail is an error about the value read last.
func (d *decoder) fail(msg string) *Error { return NewError(d.r.Start(), msg) }

func (d *decoder) value(n *node, p ref) error {
	switch n.op {
	case opString:
		b, err := d.r.Text()
		if err != nil {
			return err
		}
		*as[string](p) = d.texts.add(b)
		return nil
	case opInt, opInt8, opInt16, opInt32, opInt64:
		return d.int(n, p)
	case opUint, opUint8, opUint16, opUint32, opUint64:
		return d.uint(n, p)
	case opBool:
		v, err := d.r.Bool()
		*as[bool](p) = v
		return err
	case opFloat64:
		v, err := d.r.Float(64)
		*as[float64](p) = v
		return err
	case opFloat32:
		return d.float32(p)
	case opStruct:
		return d.structure(n, p)
	case opTuple:
		return d.tuple(n, p)
	case opSlice:
		return d.slice(n, p)
	case opArray:
		return d.array(n, p)
	case opBytes, opByteArray, opByteList:
		return d.bytes(n, p)
	case opMap:
		return d.mapping(n, p)
	case opPtr:
		return d.pointer(n, p)
	case opAny:
		v, err := d.any()
		*as[any](p) = v
		return err
	case opUnion:
		return d.union(n, p)
	case opText:
		return d.text(n, p)
	case opBig:
		return d.big(n, p)
	case opCustom:
		return d.custom(n, p)
	}
	return d.fail("the type is not compiled")
}

var bitsOf = [...]uint8{opInt: strconv.IntSize, opInt8: 8, opInt16: 16, opInt32: 32, opInt64: 64, opUint: strconv.IntSize, opUint8: 8, opUint16: 16, opUint32: 32, opUint64: 64}

func (d *decoder) int(n *node, p ref) error {
	mag, neg, err := d.r.Int()
	if err != nil {
		return err
	}
	v, ok := signed(mag, neg, bitsOf[n.op])
	if !ok {
		return d.outOfRange(mag, neg, n)
	}
	switch n.op {
	case opInt:
		*as[int](p) = int(v)
	case opInt8:
		*as[int8](p) = int8(v)
	case opInt16:
		*as[int16](p) = int16(v)
	case opInt32:
		*as[int32](p) = int32(v)
	default:
		*as[int64](p) = v
	}
	return nil
}

// signed is the integer of the given magnitude and sign, if it fits.
func signed(mag uint64, neg bool, bits uint8) (int64, bool) {
	limit := uint64(1) << (bits - 1)
	if neg {
		return -int64(mag), mag <= limit
	}
	return int64(mag), mag < limit
}

func (d *decoder) uint(n *node, p ref) error {
	mag, neg, err := d.r.Int()
	if err != nil {
		return err
	}
	bits := bitsOf[n.op]
	if neg || bits < 64 && mag>>bits != 0 {
		return d.outOfRange(mag, neg, n)
	}
	switch n.op {
	case opUint:
		*as[uint](p) = uint(mag)
	case opUint8:
		*as[uint8](p) = uint8(mag)
	case opUint16:
		*as[uint16](p) = uint16(mag)
	case opUint32:
		*as[uint32](p) = uint32(mag)
	default:
		*as[uint64](p) = mag
	}
	return nil
}

func (d *decoder) outOfRange(mag uint64, neg bool, n *node) error {
	digits := strconv.FormatUint(mag, 10)
	if neg {
		digits = "-" + digits
	}
	return d.fail(digits + " does not fit " + n.typ.Kind().String())
}

func (d *decoder) float32(p ref) error {
	v, err := d.r.Float(32)
	if err != nil {
		return err
	}
	f := float32(v)
	if math.IsInf(float64(f), 0) && !math.IsInf(v, 0) {
		return d.fail("a float that does not fit float32")
	}
	*as[float32](p) = f
	return nil
}

func (d *decoder) pointer(n *node, p ref) error {
	if d.r.Kind() == Null {
		*as[ref](p) = nil
		return d.r.Null()
	}
	v := reflect.New(n.typ.Elem())
	if err := d.value(n.elem, refOf(v)); err != nil {
		return err
	}
	*as[ref](p) = refOf(v)
	return nil
}

func (d *decoder) text(n *node, p ref) error {
	if n.typ.Kind() == reflect.Array && n.typ.Elem().Kind() == reflect.Uint8 && d.r.Kind() == Bytes {
		return d.bytes(&node{op: opByteArray, typ: n.typ, len: n.typ.Len()}, p) // a UUID in a binary format
	}
	b, err := d.r.Text()
	if err != nil {
		return err
	}
	return d.setText(n, p, b)
}

func (d *decoder) setText(n *node, p ref, b []byte) error {
	u, ok := reflect.NewAt(n.typ, p).Interface().(encoding.TextUnmarshaler) //nolint:modernize // TypeAssert takes 24 ns, this 15
	if !ok {
		return d.fail("the type takes no text")
	}
	if err := u.UnmarshalText(b); err != nil {
		return ownError(d.r.Start(), "not a valid "+clip(n.typ.String()), err)
	}
	return nil
}

func (d *decoder) big(n *node, p ref) error {
	b, err := d.r.Big(n.unsigned)
	if err != nil {
		return err
	}
	if err := d.setText(n, p, b); err != nil {
		return err
	}
	switch i, ok := reflect.NewAt(n.typ, p).Interface().(bigInt); { //nolint:modernize // TypeAssert takes 18 ns, this 14
	case !ok:
		return d.fail("not the big.Int of the standard library")
	case n.unsigned && (i.Sign() < 0 || i.BitLen() > 128):
		return d.fail("an integer that does not fit u128")
	case i.BitLen() > MaxBigBytes*8:
		return d.fail("an integer of more than 8192 bits")
	}
	return nil
}

func (d *decoder) custom(n *node, p ref) error {
	raw, err := d.r.Raw()
	if err != nil {
		return err
	}
	if err := n.custom.Decode(raw, reflect.NewAt(n.typ, p).Interface()); err != nil {
		return ownError(d.r.Start(), "not a valid "+clip(n.typ.String()), err)
	}
	return nil
}
