// Package say formats the texts of errors in packages that browsers download. It knows what these need of package fmt, which
// costs a page 44 kB more (brotli, 1.13 MB in all without it): the verbs %s, %q, %d, %v, %w, %T and %%, without flags, for
// strings, bytes, numbers, bools, types, errors and what has a String method. For these it says what fmt says.
package say

import (
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Errorf is fmt.Errorf.
func Errorf(format string, args ...any) error {
	text, wrapped := appendf(nil, format, args)
	switch len(wrapped) {
	case 0:
		return plain(text)
	case 1:
		return &wrapper{string(text), wrapped[0]}
	}
	return &joiner{string(text), wrapped}
}

// Sprintf is fmt.Sprintf.
func Sprintf(format string, args ...any) string {
	text, _ := appendf(nil, format, args)
	return string(text)
}

type plain string

func (e plain) Error() string { return string(e) }

type wrapper struct {
	text string
	err  error
}

func (e *wrapper) Error() string { return e.text }
func (e *wrapper) Unwrap() error { return e.err }

type joiner struct {
	text string
	errs []error
}

func (e *joiner) Error() string   { return e.text }
func (e *joiner) Unwrap() []error { return e.errs }

// appendf appends the text, and gives the errors that %w wraps.
func appendf(dst []byte, format string, args []any) (text []byte, wrapped []error) {
	next := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			dst = append(dst, format[i])
			continue
		}
		if i++; i == len(format) {
			return append(dst, "%!(NOVERB)"...), wrapped
		}
		verb := format[i]
		if verb == '%' {
			dst = append(dst, '%')
			continue
		}
		if next == len(args) {
			dst = append(append(append(dst, "%!"...), verb), "(MISSING)"...)
			continue
		}
		arg := args[next]
		next++
		if err, ok := arg.(error); ok && verb == 'w' {
			wrapped = append(wrapped, err)
		}
		dst = appendArg(dst, verb, arg)
	}
	return dst, wrapped
}

func appendArg(dst []byte, verb byte, arg any) []byte {
	switch verb {
	case 'T':
		if arg == nil {
			return append(dst, "<nil>"...)
		}
		return append(dst, reflect.TypeOf(arg).String()...)
	case 'q':
		switch arg := arg.(type) {
		case byte:
			return strconv.AppendQuoteRune(dst, rune(arg))
		case rune:
			return strconv.AppendQuoteRune(dst, arg)
		}
		return strconv.AppendQuote(dst, string(appendValue(nil, arg)))
	}
	return appendValue(dst, arg)
}

func appendValue(dst []byte, arg any) []byte {
	switch arg := arg.(type) {
	case nil:
		return append(dst, "<nil>"...)
	case error:
		return append(dst, arg.Error()...)
	case interface{ String() string }:
		return append(dst, arg.String()...)
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.String:
		return append(dst, v.String()...)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool())
	default:
		if b, ok := arg.([]byte); ok && utf8.Valid(b) {
			return append(dst, b...)
		}
		return append(append(append(dst, "%!("...), v.Type().String()...), ')')
	}
}
