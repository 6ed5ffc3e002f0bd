package cbor

import (
	"encoding/binary"
	"math"
	"reflect"

	"github.com/tandem-ws/tandem/internal/serde"
)

// Major types, in the upper three bits of an item's first byte.
const (
	majorUint  = 0 << 5
	majorNeg   = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorList  = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
	majorOther = 7 << 5
)

// First bytes with a meaning of their own.
const (
	itemFalse     = 0xf4
	itemTrue      = 0xf5
	itemNull      = 0xf6
	itemUndefined = 0xf7
	itemFloat16   = 0xf9
	itemFloat32   = 0xfa
	itemFloat64   = 0xfb
	itemBreak     = 0xff
)

const (
	tagBigPos = 2
	tagBigNeg = 3
)

// format writes CBOR.
type format struct{}

func (format) Name() string                               { return "cbor" }
func (format) Textual() bool                              { return false }
func (format) ListStructs() bool                          { return false }
func (format) Custom(reflect.Type) (*serde.Custom, error) { return nil, nil }
func (format) NewReader() serde.Reader                    { return new(reader) }
func (format) OpenList(b []byte, n int) []byte            { return head(b, majorList, uint64(n)) }
func (format) OpenMap(b []byte, n int) []byte             { return head(b, majorMap, uint64(n)) }
func (format) AppendNull(b []byte) []byte                 { return append(b, itemNull) }
func (format) AppendUint(b []byte, v uint64) []byte       { return head(b, majorUint, v) }
func (format) AppendBytes(b []byte, v []byte) []byte {
	return append(head(b, majorBytes, uint64(len(v))), v...)
}

func (format) AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, itemTrue)
	}
	return append(b, itemFalse)
}

func (format) AppendInt(b []byte, v int64) []byte {
	if v < 0 {
		return head(b, majorNeg, uint64(^v))
	}
	return head(b, majorUint, uint64(v))
}

func (format) AppendText(b []byte, s string) ([]byte, error) {
	if err := serde.CheckText(s); err != nil {
		return b, err
	}
	return append(head(b, majorText, uint64(len(s))), s...), nil
}

func (format) AppendFloat(b []byte, v float64, _ int) ([]byte, error) {
	f := float32(v)
	if float64(f) != v && v == v {
		return binary.BigEndian.AppendUint64(append(b, itemFloat64), math.Float64bits(v)), nil
	}
	if h, ok := toHalf(f); ok {
		return binary.BigEndian.AppendUint16(append(b, itemFloat16), h), nil
	}
	return binary.BigEndian.AppendUint32(append(b, itemFloat32), math.Float32bits(f)), nil
}

func (format) AppendBig(b, _, mag []byte, neg, _ bool) ([]byte, error) {
	if !neg {
		b = append(b, majorTag|tagBigPos)
		return append(head(b, majorBytes, uint64(len(mag))), mag...), nil
	}
	for i := len(mag) - 1; i >= 0; i-- { // tag 3 holds -1 - n; mag is ours
		mag[i]--
		if mag[i] != 0xff {
			break
		}
	}
	if mag[0] == 0 {
		mag = mag[1:]
	}
	b = append(b, majorTag|tagBigNeg)
	return append(head(b, majorBytes, uint64(len(mag))), mag...), nil
}

// head appends a major type with its argument in the shortest form.
func head(b []byte, major byte, arg uint64) []byte {
	switch {
	case arg < 24:
		return append(b, major|byte(arg))
	case arg <= math.MaxUint8:
		return append(b, major|24, byte(arg))
	case arg <= math.MaxUint16:
		return append(b, major|25, byte(arg>>8), byte(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), arg)
}

// toHalf gives the 16 bits that mean exactly f, if there are any. All NaN are one.
func toHalf(f float32) (uint16, bool) {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	exp := int(bits>>23&0xff) - 127
	man := bits & 0x7fffff
	switch {
	case f != f:
		return 0x7e00, true
	case f == 0:
		return sign, true
	case exp == 128:
		return sign | 0x7c00, true
	case exp >= -14 && exp <= 15 && man&0x1fff == 0:
		return sign | uint16(exp+15)<<10 | uint16(man>>13), true
	case exp >= -24 && exp < -14: // a subnormal half
		man |= 0x800000
		shift := 13 + uint(-14-exp)
		return sign | uint16(man>>shift), man&(1<<shift-1) == 0
	}
	return 0, false
}

func fromHalf(h uint16) float64 {
	exp, man := int(h>>10&0x1f), int(h&0x3ff)
	var v float64
	switch exp {
	case 0:
		v = math.Ldexp(float64(man), -24)
	case 31:
		v = math.Inf(1)
		if man != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(float64(man|0x400), exp-25)
	}
	if h&0x8000 != 0 {
		v = math.Copysign(v, -1)
	}
	return v
}
