package msgpack

import (
	"encoding/binary"
	"math"
	"reflect"

	"github.com/tandem-ws/tandem/internal/serde"
)

// First bytes.
const (
	fixMap    = 0x80
	fixList   = 0x90
	fixStr    = 0xa0
	codeNil   = 0xc0
	codeFalse = 0xc2
	codeTrue  = 0xc3
	bin8      = 0xc4
	bin32     = 0xc6
	ext8      = 0xc7
	ext32     = 0xc9
	float32_  = 0xca
	float64_  = 0xcb
	uint8_    = 0xcc
	uint64_   = 0xcf
	int8_     = 0xd0
	int64_    = 0xd3
	fixExt1   = 0xd4
	fixExt16  = 0xd8
	str8      = 0xd9
	str32     = 0xdb
	list16    = 0xdc
	list32    = 0xdd
	map16     = 0xde
	map32     = 0xdf
	negFix    = 0xe0
)

// format writes MessagePack.
type format struct{}

func (format) Name() string                               { return "msgpack" }
func (format) Textual() bool                              { return false }
func (format) ListStructs() bool                          { return true }
func (format) Custom(reflect.Type) (*serde.Custom, error) { return nil, nil }
func (format) NewReader() serde.Reader                    { return new(reader) }
func (format) AppendNull(b []byte) []byte                 { return append(b, codeNil) }

func (format) OpenList(b []byte, n int) []byte {
	if n < 16 {
		return append(b, fixList|byte(n))
	}
	return length(b, list16, n)
}

func (format) OpenMap(b []byte, n int) []byte {
	if n < 16 {
		return append(b, fixMap|byte(n))
	}
	return length(b, map16, n)
}

func (format) AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, codeTrue)
	}
	return append(b, codeFalse)
}

func (format) AppendUint(b []byte, v uint64) []byte {
	switch {
	case v < 0x80:
		return append(b, byte(v))
	case v <= math.MaxUint8:
		return append(b, uint8_, byte(v))
	case v <= math.MaxUint16:
		return append(b, uint8_+1, byte(v>>8), byte(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, uint8_+2), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, uint64_), v)
}

func (f format) AppendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return f.AppendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= math.MinInt8:
		return append(b, int8_, byte(v))
	case v >= math.MinInt16:
		return append(b, int8_+1, byte(v>>8), byte(v))
	case v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, int8_+2), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, int64_), uint64(v))
}

func (format) AppendFloat(b []byte, v float64, bits int) ([]byte, error) {
	if bits == 32 {
		return binary.BigEndian.AppendUint32(append(b, float32_), math.Float32bits(float32(v))), nil
	}
	return binary.BigEndian.AppendUint64(append(b, float64_), math.Float64bits(v)), nil
}

func (format) AppendText(b []byte, s string) ([]byte, error) {
	if err := serde.CheckText(s); err != nil {
		return b, err
	}
	switch n := len(s); {
	case n < 32:
		b = append(b, fixStr|byte(n))
	case n <= math.MaxUint8:
		b = append(b, str8, byte(n))
	default:
		b = length(b, str8+1, n)
	}
	return append(b, s...), nil
}

func (format) AppendBytes(b []byte, v []byte) []byte {
	if n := len(v); n <= math.MaxUint8 {
		b = append(b, bin8, byte(n))
	} else {
		b = length(b, bin8+1, n)
	}
	return append(b, v...)
}

// AppendBig writes i128 or u128 as rmp-serde does.
func (format) AppendBig(b, _, mag []byte, neg, unsigned bool) ([]byte, error) {
	var v [16]byte
	if len(mag) > len(v) {
		return b, serde.NewError(-1, "an integer beyond 128 bits")
	}
	copy(v[len(v)-len(mag):], mag)
	if neg {
		negate(&v)
	}
	if !unsigned && (v[0] >= 0x80) != neg {
		return b, serde.NewError(-1, "an integer beyond i128")
	}
	return append(append(b, bin8, byte(len(v))), v[:]...), nil
}

// negate turns a 128-bit integer into its two's complement.
func negate(v *[16]byte) {
	carry := true
	for i := len(v) - 1; i >= 0; i-- {
		v[i] = ^v[i]
		if carry {
			v[i]++
			carry = v[i] == 0
		}
	}
}

// length appends a length of 16 bits behind code, or one of 32 bits behind the code that follows it.
func length(b []byte, code byte, n int) []byte {
	if n <= math.MaxUint16 {
		return append(b, code, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code+1), uint32(n))
}
