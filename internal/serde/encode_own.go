package serde

import (
	"encoding"
	"reflect"
)

// text appends the text a value makes of itself: first the text, then its encoding behind it, which then takes the
// text's place. So no buffer of its own is needed.
func (e *encoder) text(dst []byte, n *node, p ref) ([]byte, error) {
	start := len(dst)
	var out []byte
	var err error
	switch m := reflect.NewAt(n.typ, p).Interface().(type) {
	case encoding.TextAppender:
		out, err = m.AppendText(dst)
		if err == nil && (len(out) < start) {
			err = encodeError("AppendText returned less than it was given")
		}
	case encoding.TextMarshaler:
		var text []byte
		if text, err = m.MarshalText(); err == nil {
			return e.f.AppendText(dst, textOf(text))
		}
	}
	if err != nil {
		return dst, ownError(-1, "its text: ", err)
	}
	middle := len(out)
	out, err = e.f.AppendText(out, textOf(out[start:]))
	if err != nil {
		return dst, err
	}
	return append(out[:start], out[middle:]...), nil
}

// ownError carries the error of a type's own method. Encoding shows its text, decoding does not, see [Error.Err].
func ownError(offset int, what string, err error) *Error {
	if offset < 0 {
		what += err.Error()
	}
	return &Error{Msg: what, Err: err, offset: offset}
}

func (e *encoder) custom(b []byte, n *node, p ref) ([]byte, error) {
	out, err := n.custom.Append(b, reflect.NewAt(n.typ, p).Interface())
	if err != nil {
		return b, ownError(-1, "its own encoding: ", err)
	}
	return out, nil
}

// bigInt is what the walk needs of *big.Int.
type bigInt interface {
	Sign() int
	IsInt64() bool
	Int64() int64
	IsUint64() bool
	Uint64() uint64
	Bytes() []byte
	BitLen() int
	encoding.TextAppender
}

func (e *encoder) big(b []byte, n *node, p ref) ([]byte, error) {
	i, ok := reflect.NewAt(n.typ, p).Interface().(bigInt) //nolint:modernize // TypeAssert takes 18 ns, this 14
	switch {
	case !ok:
		return b, encodeError("not the big.Int of the standard library")
	case n.unsigned && (i.Sign() < 0 || i.BitLen() > 128):
		return b, encodeError("does not fit u128")
	case i.IsInt64():
		return e.f.AppendInt(b, i.Int64()), nil
	case i.IsUint64():
		return e.f.AppendUint(b, i.Uint64()), nil
	case i.BitLen() > MaxBigBytes*8:
		return b, encodeError("an integer of more than 8192 bits")
	}
	var digits []byte
	if e.textual {
		d, err := i.AppendText(nil)
		if err != nil {
			return b, ownError(-1, "its text: ", err)
		}
		digits = d
	}
	return e.f.AppendBig(b, digits, i.Bytes(), i.Sign() < 0, n.unsigned)
}
