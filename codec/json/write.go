package json

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"

	"github.com/tandem-ws/tandem/internal/serde"
)

// format writes JSON without any white space.
type format struct{}

func (format) Name() string                                 { return "json" }
func (format) Textual() bool                                { return true }
func (format) ListStructs() bool                            { return true }
func (format) Custom(t reflect.Type) (*serde.Custom, error) { return custom(t) }
func (format) NewReader() serde.Reader                      { return new(reader) }
func (format) AppendNull(b []byte) []byte                   { return append(b, "null"...) }
func (format) AppendBool(b []byte, v bool) []byte           { return strconv.AppendBool(b, v) }
func (format) AppendInt(b []byte, v int64) []byte           { return strconv.AppendInt(b, v, 10) }
func (format) AppendUint(b []byte, v uint64) []byte         { return strconv.AppendUint(b, v, 10) }
func (format) OpenList(b []byte, _ int) []byte              { return append(b, '[') }
func (format) OpenMap(b []byte, _ int) []byte               { return append(b, '{') }

func (format) AppendBytes(b []byte, v []byte) []byte {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"')
}

func (format) AppendBig(b, digits, _ []byte, _, _ bool) ([]byte, error) {
	return append(b, digits...), nil
}

// AppendFloat writes a number as encoding/json does, which is as ECMAScript does.
func (format) AppendFloat(b []byte, v float64, bits int) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return b, serde.NewError(-1, strconv.FormatFloat(v, 'g', -1, 64)+" is no JSON number")
	}
	form := byte('f')
	if abs := math.Abs(v); abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			form = 'e'
		}
	}
	b = strconv.AppendFloat(b, v, form, -1, bits)
	if form == 'e' { // e-09 is written e-9
		if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
			b[n-2] = b[n-1]
			b = b[:n-1]
		}
	}
	return b, nil
}

func (format) AppendText(b []byte, s string) ([]byte, error) {
	n := plain(s)
	if n == len(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"'), nil
	}
	if err := serde.CheckText(s[n:]); err != nil {
		return b, err
	}
	b = append(b, '"')
	for {
		b = append(b, s[:n]...)
		if n == len(s) {
			return append(b, '"'), nil
		}
		b = escape(b, s[n])
		s = s[n+1:]
		for n = 0; n < len(s) && s[n] >= ' ' && s[n] != '"' && s[n] != '\\'; n++ {
		}
	}
}

// escape appends a byte that has to be escaped, or one of a longer character, which has not.
func escape(b []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	if c < ' ' {
		return append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	return append(b, c)
}
