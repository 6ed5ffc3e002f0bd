package bind

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/say"
)

// scalar converts between a value and its text. What it does is in methods, not in functions that it holds: a browser, which
// decodes no parameters, then does not download how.
type scalar struct {
	kind scalarKind
	bits int          // of a number
	typ  reflect.Type // of what has text methods
	text bool         // any text may be a value
	key  bool         // may be the key of a map
}

type scalarKind uint8

const (
	stringKind scalarKind = iota
	bytesKind
	boolKind
	intKind
	uintKind
	floatKind
	durationKind
	textKind // has text methods, whether they belong to the value or to the pointer
)

var (
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType    = reflect.TypeFor[time.Duration]()
	timeType        = reflect.TypeFor[time.Time]()
)

// scalarOf returns the scalar of a type, nil if it is none.
func scalarOf(t reflect.Type) (*scalar, error) {
	kind := t.Kind()
	if kind == reflect.Pointer || kind == reflect.Interface {
		return nil, nil
	}
	if t == durationType {
		return &scalar{kind: durationKind}, nil
	}
	if ok, err := hasText(t); err != nil {
		return nil, err
	} else if ok {
		return &scalar{kind: textKind, typ: t, text: true, key: true}, nil
	}
	switch kind {
	case reflect.String:
		return &scalar{kind: stringKind, text: true, key: true}, nil
	case reflect.Bool:
		return &scalar{kind: boolKind}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &scalar{kind: intKind, bits: t.Bits(), key: true}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &scalar{kind: uintKind, bits: t.Bits(), key: true}, nil
	case reflect.Float32, reflect.Float64:
		return &scalar{kind: floatKind, bits: t.Bits()}, nil
	case reflect.Slice:
		// Text, unless the elements have text of their own.
		if e := t.Elem(); e.Kind() == reflect.Uint8 {
			if ok, err := hasText(e); err != nil || !ok {
				return &scalar{kind: bytesKind, text: true}, err
			}
		}
	}
	return nil, nil
}

// hasText reports whether a type, or the pointer to it, has both text methods.
func hasText(t reflect.Type) (bool, error) {
	p := reflect.PointerTo(t)
	m, u := p.Implements(textMarshaler), p.Implements(textUnmarshaler)
	switch {
	case m && !u:
		return false, say.Errorf("%s has MarshalText but no UnmarshalText; a parameter needs both", t)
	case u && !m:
		return false, say.Errorf("%s has UnmarshalText but no MarshalText; a parameter needs both", t)
	}
	return m, nil
}

// set parses text into v, which has an address.
func (s *scalar) set(v reflect.Value, text string) fault {
	if !utf8.ValidString(text) {
		return fault{reason: quote(text) + " is not valid UTF-8"}
	}
	switch s.kind {
	case stringKind:
		v.SetString(text)
	case bytesKind:
		v.SetBytes([]byte(text))
	case boolKind:
		if text != "true" && text != "false" {
			return fault{reason: quote(text) + " is neither true nor false"}
		}
		v.SetBool(text == "true")
	case intKind:
		n, err := strconv.ParseInt(text, 10, s.bits)
		if err != nil {
			return numFault(text, "an int", err)
		}
		v.SetInt(n)
	case uintKind:
		// ParseInt takes a plus sign, and so does Rust for both; ParseUint does not.
		n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, s.bits)
		if err != nil {
			return numFault(text, "an unsigned int", err)
		}
		v.SetUint(n)
	case floatKind:
		// ParseFloat also knows NaN, Inf, hexadecimal and underscores.
		if strings.Trim(text, "0123456789+-.eE") != "" {
			return numFault(text, "a number", strconv.ErrSyntax)
		}
		x, err := strconv.ParseFloat(text, s.bits)
		if err != nil {
			return numFault(text, "a number", err)
		}
		v.SetFloat(x)
	case durationKind:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fault{reason: quote(text) + " is not a duration such as 1m30s", err: err}
		}
		v.SetInt(int64(d))
	case textKind:
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			reason := " is not valid"
			if s.typ == timeType {
				reason = " is not a time such as 2006-01-02T15:04:05Z"
			}
			return fault{reason: quote(text) + reason, err: err}
		}
	}
	return fault{}
}

func numFault(text, noun string, err error) fault {
	if errors.Is(err, strconv.ErrRange) {
		return fault{reason: quote(text) + " is out of range", err: strconv.ErrRange}
	}
	return fault{reason: quote(text) + " is not " + noun, err: strconv.ErrSyntax}
}

// format appends the text of v to dst.
func (s *scalar) format(dst []byte, v reflect.Value) ([]byte, fault) {
	start := len(dst)
	dst, f := s.append(dst, v)
	if !f.bad() && !utf8.Valid(dst[start:]) {
		f.reason = quote(string(dst[start:])) + " is not valid UTF-8"
	}
	return dst, f
}

func (s *scalar) append(dst []byte, v reflect.Value) ([]byte, fault) {
	switch s.kind {
	case stringKind:
		return append(dst, v.String()...), fault{}
	case bytesKind:
		return append(dst, v.Bytes()...), fault{}
	case boolKind:
		return strconv.AppendBool(dst, v.Bool()), fault{}
	case intKind:
		return strconv.AppendInt(dst, v.Int(), 10), fault{}
	case uintKind:
		return strconv.AppendUint(dst, v.Uint(), 10), fault{}
	case floatKind:
		x := v.Float()
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return dst, fault{reason: say.Sprintf("%v cannot be sent", x)}
		}
		return strconv.AppendFloat(dst, x, 'f', -1, s.bits), fault{}
	case durationKind:
		return append(dst, time.Duration(v.Int()).String()...), fault{}
	default:
		return s.appendText(dst, v)
	}
}

func (s *scalar) appendText(dst []byte, v reflect.Value) ([]byte, fault) {
	if !v.CanAddr() { // the key or value of a map
		c := reflect.New(s.typ).Elem()
		c.Set(v)
		v = c
	}
	b, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return dst, fault{reason: "it has no text: " + err.Error(), err: err}
	}
	return append(dst, b...), fault{}
}
