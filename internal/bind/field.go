package bind

import (
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/say"
)

// field is a struct field with what its tag says. in is empty without a tag.
type field struct {
	goName string
	typ    reflect.Type
	index  []int
	in     string
	name   string
}

// flatten returns the fields of a struct that are parameters, those of embedded structs in their place.
func flatten(t reflect.Type) ([]field, error) {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		in, name, err := readTag(sf.Tag)
		if err != nil {
			return nil, say.Errorf("field %s: %w", sf.Name, err)
		}
		if name == "-" {
			continue
		}
		if sf.Anonymous && in == "" {
			inner, ok, err := inline(sf.Type)
			if err != nil {
				return nil, say.Errorf("embedded %s: %w", sf.Type, err)
			}
			if ok {
				for _, f := range inner {
					f.index = append([]int{i}, f.index...)
					fields = append(fields, f)
				}
				continue
			}
		}
		if !sf.IsExported() {
			if in != "" {
				return nil, say.Errorf("field %s: it has a %s tag but is not exported; export it or remove the tag", sf.Name, in)
			}
			continue
		}
		if in == "" {
			name = strings.ToLower(sf.Name)
		}
		fields = append(fields, field{goName: sf.Name, typ: sf.Type, index: []int{i}, in: in, name: name})
	}
	return fields, nil
}

// inline returns the fields of an embedded type, and false if it is to be taken as one parameter.
func inline(t reflect.Type) ([]field, bool, error) {
	switch {
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		return nil, false, errors.New("a pointer cannot be inlined; embed the struct itself, or give it a query tag")
	case t.Kind() != reflect.Struct:
		return nil, false, nil
	}
	if s, err := scalarOf(t); s != nil || err != nil {
		return nil, false, err
	}
	if isTuple(t) {
		return nil, false, errors.New("a tuple cannot be inlined; give it a query tag")
	}
	fields, err := flatten(t)
	return fields, true, err
}

// readTag returns where a tag binds a field and the name it gives.
func readTag(tag reflect.StructTag) (in, name string, err error) {
	for _, key := range []string{InPath, InQuery, InHeader, InCookie} {
		value, ok := tag.Lookup(key)
		if !ok {
			continue
		}
		if in != "" {
			return "", "", say.Errorf("it has a %s and a %s tag; a parameter travels one way only", in, key)
		}
		if value == "" {
			return "", "", say.Errorf("its %s tag is empty; write the name", key)
		}
		in, name = key, value
	}
	return in, name, nil
}

// checkQueryName refuses names that the query grammar, or the ?a&b tail, would read as something else.
func checkQueryName(name string) error {
	if !utf8.ValidString(name) {
		return say.Errorf("query name %q is not valid UTF-8", name)
	}
	for _, c := range name {
		if c <= ' ' || c == 0x7f || strings.ContainsRune("[]&=?#%+,{}", c) {
			return say.Errorf("query name %q contains %q, which a name cannot have", name, c)
		}
	}
	return nil
}

// checkToken refuses names that are no token of RFC 9110, section 5.6.2.
func checkToken(name string) error {
	for i := range len(name) {
		if c := name[i]; !isAlnum(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return say.Errorf("name %q contains %q, which a name of a header or cookie cannot have", name, c)
		}
	}
	return nil
}

// checkHeaderName refuses header names that are no parameters because the handshake itself owns them.
func checkHeaderName(name string) error {
	lower := strings.ToLower(name)
	switch lower {
	case "cookie":
		return errors.New("the Cookie header is read with cookie tags")
	case "host", "connection", "upgrade", "content-length", "transfer-encoding":
		return say.Errorf("the header %s belongs to the handshake and cannot be a parameter", name)
	}
	if strings.HasPrefix(lower, "sec-websocket-") {
		return say.Errorf("the header %s belongs to the handshake and cannot be a parameter", name)
	}
	return checkToken(name)
}
