package bind

import (
	"reflect"
	"slices"

	"github.com/tandem-ws/tandem/internal/say"
)

// Plan is a path declaration and a params struct that agree with each other. [Compile] makes one.
type Plan struct {
	typ     reflect.Type
	path    pattern
	fields  []Field
	paths   []binding
	query   []binding
	byKey   map[string]int // query name to index in query
	headers []binding
	cookies []binding
}

// Field describes one parameter.
type Field struct {
	// Name is the parameter's name on the wire.
	Name string
	// In is where it travels: "path", "query", "header" or "cookie".
	In string
	// GoName is the name of the struct field.
	GoName string
	// Type is the type of the struct field.
	Type reflect.Type
	// Optional is set if a request without the parameter is accepted: a pointer, slice or map, or a struct that
	// consists of such.
	Optional bool
}

// binding is a parameter with what it takes to move its value.
type binding struct {
	name  string
	index []int
	node  *node
}

// Source is an upgrade request to decode.
type Source interface {
	// PathValue returns the unescaped value of a path wildcard, "" if there is none.
	PathValue(name string) string
	// RawQuery returns the query string without "?".
	RawQuery() string
	// Header returns the values of all lines of a header. The name is spelled as in the declaration.
	Header(name string) []string
	// Cookie returns the value of a cookie and whether there is one.
	Cookie(name string) (string, bool)
}

// Request holds the parts of an upgrade request that carry parameters.
type Request struct {
	// Path is escaped and starts with "/". A caller that joins it to a base must keep the escapes: %2F is not "/".
	Path string
	// RawQuery is the query string without "?", "" for none.
	RawQuery string
	// Header holds names, spelled as in the declaration, and values. A name with several values appears several times.
	Header [][2]string
	// Cookies holds names and values, which are made of the characters RFC 6265 allows and need no quoting.
	Cookies [][2]string
}

// Pattern returns the path as http.ServeMux takes it: the declared path without its query tail.
func (p *Plan) Pattern() string { return p.path.text }

// Fields returns the parameters in the order of the struct's fields.
func (p *Plan) Fields() []Field { return slices.Clone(p.fields) }

// RequiredHeaders returns the names of headers that a request must have. A browser cannot send them.
func (p *Plan) RequiredHeaders() []string {
	var names []string
	for _, f := range p.fields {
		if f.In == InHeader && !f.Optional {
			names = append(names, f.Name)
		}
	}
	return names
}

// Decode fills the params struct that dst points to from a request; fields that are no parameters are zeroed. It looks
// at path, query, headers and cookies in this order and stops at the first fault. What it returns is an [*Error],
// unless dst has the wrong type. On error *dst is partly filled. Strings may share memory with the request.
//
// Query names that the plan does not know are ignored. The cost is bounded by the length of the request, whatever
// indices and depths it mentions.
func (p *Plan) Decode(src Source, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Type().Elem() != p.typ {
		return say.Errorf("decode params: got a %T, want a non-nil *%s", dst, p.typ)
	}
	v = v.Elem()
	v.SetZero()
	if err := p.decodePath(src, v); err != nil {
		return err
	}
	if len(p.query) > 0 {
		if err := p.decodeQuery(src.RawQuery(), v); err != nil {
			return err
		}
	}
	if err := p.decodeHeaders(src, v); err != nil {
		return err
	}
	return p.decodeCookies(src, v)
}

// Encode turns a params struct, or a pointer to one, into the parts of a request. A value that cannot be sent is an
// [*Error]: an empty path value, a header with a line break, NaN, text that is not valid UTF-8.
func (p *Plan) Encode(params any) (Request, error) {
	v := reflect.ValueOf(params)
	switch {
	case v.IsValid() && v.Type() == p.typ:
		// A copy that has an address, for MarshalText methods of pointers.
		c := reflect.New(p.typ).Elem()
		c.Set(v)
		v = c
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem() == p.typ:
		v = v.Elem()
	default:
		return Request{}, say.Errorf("encode params: got a %T, want a %s", params, p.typ)
	}
	var r Request
	var err error
	if r.Path, err = p.encodePath(v); err != nil {
		return Request{}, err
	}
	if r.RawQuery, err = p.encodeQuery(v); err != nil {
		return Request{}, err
	}
	if r.Header, err = p.encodeHeaders(v); err != nil {
		return Request{}, err
	}
	if r.Cookies, err = p.encodeCookies(v); err != nil {
		return Request{}, err
	}
	return r, nil
}
