package json

import (
	"errors"
	"reflect"

	"github.com/tandem-ws/tandem/internal/serde"
)

// marshaler and unmarshaler are those of encoding/json, which is not imported for two interfaces.
type marshaler interface{ MarshalJSON() ([]byte, error) }

type unmarshaler interface{ UnmarshalJSON([]byte) error }

var (
	marshalerType   = reflect.TypeFor[marshaler]()
	unmarshalerType = reflect.TypeFor[unmarshaler]()
)

// maxOwnDepth bounds the nesting of what a type's own MarshalJSON returns.
const maxOwnDepth = 1000

// custom recognises types that have a JSON form of their own.
func custom(t reflect.Type) (*serde.Custom, error) {
	p := reflect.PointerTo(t)
	m, u := p.Implements(marshalerType), p.Implements(unmarshalerType)
	switch {
	case m && u:
		return &serde.Custom{Append: appendOwn, Decode: decodeOwn}, nil
	case m:
		return nil, errors.New(t.String() + " has MarshalJSON but no UnmarshalJSON, a message needs both")
	case u:
		return nil, errors.New(t.String() + " has UnmarshalJSON but no MarshalJSON, a message needs both")
	}
	if _, ok := p.MethodByName("MarshalJSONTo"); ok {
		return nil, errors.New(t.String() + " has MarshalJSONTo but no MarshalJSON")
	}
	return nil, nil
}

func decodeOwn(raw []byte, v any) error { return v.(unmarshaler).UnmarshalJSON(raw) }

func appendOwn(dst []byte, v any) ([]byte, error) {
	raw, err := v.(marshaler).MarshalJSON()
	if err != nil {
		return dst, err
	}
	var r reader
	r.Reset(raw, 0, maxOwnDepth)
	if _, err := r.Raw(); err != nil {
		return dst, err
	}
	if err := r.End(); err != nil {
		return dst, err
	}
	return compact(dst, raw), nil
}

// compact appends valid JSON without the white space around its tokens.
func compact(dst, raw []byte) []byte {
	inText := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			dst = append(dst, c, raw[i+1])
			i++
		case c == '"':
			inText = !inText
			dst = append(dst, c)
		case !inText && c <= ' ':
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
