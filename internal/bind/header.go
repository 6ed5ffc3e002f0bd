package bind

import (
	"reflect"
	"strings"
)

// decodeHeaders fills the header parameters of v.
func (p *Plan) decodeHeaders(src Source, v reflect.Value) error {
	for i := range p.headers {
		b := &p.headers[i]
		if f := setValues(b.node, v.FieldByIndex(b.index), src.Header(b.name)); f.bad() {
			return f.at(InHeader, b.name)
		}
	}
	return nil
}

// decodeCookies fills the cookie parameters of v.
func (p *Plan) decodeCookies(src Source, v reflect.Value) error {
	for i := range p.cookies {
		b := &p.cookies[i]
		var one [1]string
		var ok bool
		values := one[:0]
		if one[0], ok = src.Cookie(b.name); ok {
			values = one[:]
		}
		if f := setValues(b.node, v.FieldByIndex(b.index), values); f.bad() {
			return f.at(InCookie, b.name)
		}
	}
	return nil
}

// setValues sets a leaf, a pointer to one or a list of them from the values of a header.
func setValues(n *node, v reflect.Value, values []string) fault {
	switch {
	case n.shape == list:
		if len(values) == 0 {
			return fault{}
		}
		v.Set(reflect.MakeSlice(n.typ, len(values), len(values)))
		for i, s := range values {
			if f := n.elem.scalar.set(v.Index(i), trimOWS(s)); f.bad() {
				return f
			}
		}
		return fault{}
	case len(values) > 1:
		return fault{reason: reasonRepeated}
	case n.shape == maybe:
		if len(values) == 0 || trimOWS(values[0]) == "" {
			return fault{}
		}
		p := reflect.New(n.elem.typ)
		v.Set(p)
		return n.elem.scalar.set(p.Elem(), trimOWS(values[0]))
	case len(values) == 0:
		return fault{reason: reasonMissing}
	}
	return n.scalar.set(v, trimOWS(values[0]))
}

// trimOWS removes the optional white space around a field value, RFC 9110, section 5.5.
func trimOWS(s string) string { return strings.Trim(s, " \t") }

func (p *Plan) encodeHeaders(v reflect.Value) ([][2]string, error) {
	return encodeValues(p.headers, v, InHeader, checkHeaderValue)
}

func (p *Plan) encodeCookies(v reflect.Value) ([][2]string, error) {
	return encodeValues(p.cookies, v, InCookie, checkCookieValue)
}

// encodeValues returns the names and values of header or cookie parameters.
func encodeValues(bs []binding, v reflect.Value, in string, check func(string) fault) ([][2]string, error) {
	var out [][2]string
	add := func(b *binding, s *scalar, v reflect.Value) error {
		text, f := s.format(nil, v)
		if !f.bad() {
			f = check(string(text))
		}
		if f.bad() {
			return f.at(in, b.name)
		}
		out = append(out, [2]string{b.name, string(text)})
		return nil
	}
	for i := range bs {
		b := &bs[i]
		n, field := b.node, v.FieldByIndex(b.index)
		switch n.shape {
		case leaf:
			if err := add(b, n.scalar, field); err != nil {
				return nil, err
			}
		case maybe:
			if field.IsNil() {
				continue
			}
			if err := add(b, n.elem.scalar, field.Elem()); err != nil {
				return nil, err
			}
		case list:
			for i := range field.Len() {
				if err := add(b, n.elem.scalar, field.Index(i)); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

// checkHeaderValue refuses what would end the line and start another, or would not arrive as it was sent.
func checkHeaderValue(s string) fault {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fault{reason: quote(s) + " contains a control character, which a header cannot carry"}
		}
	}
	if trimOWS(s) != s {
		return fault{reason: quote(s) + " starts or ends with white space, which a header cannot carry"}
	}
	return fault{}
}

// checkCookieValue accepts the cookie-octets of RFC 6265, section 4.1.1. Others need quotes or escapes, about which
// servers disagree.
func checkCookieValue(s string) fault {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`",;\`, c) >= 0 {
			return fault{reason: quote(s) + " contains a character that a cookie cannot carry"}
		}
	}
	return fault{}
}
