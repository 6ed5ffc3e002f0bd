package bind

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/internal/say"
)

// Compile checks a path declaration against the type of a params struct and returns the plan, which the caller keeps
// per endpoint. Its errors are for the developer: they name the type, the field and what to do.
func Compile(params reflect.Type, path string) (*Plan, error) {
	if err := checkParams(params); err != nil {
		return nil, err
	}
	pattern, err := parsePattern(path)
	if err != nil {
		return nil, say.Errorf("path %q: %w", path, err)
	}
	fields, err := flatten(params)
	if err != nil {
		return nil, say.Errorf("params %s: %w", params, err)
	}
	for i := range fields {
		if f := &fields[i]; f.in == "" {
			f.in = InQuery
			if pattern.has(f.name) {
				f.in = InPath
			}
		}
	}
	if err := agreePath(params, fields, pattern); err != nil {
		return nil, say.Errorf("path %q: %w", path, err)
	}
	if err := agreeTail(params, fields, pattern); err != nil {
		return nil, say.Errorf("path %q: %w", path, err)
	}
	if err := checkNames(fields); err != nil {
		return nil, say.Errorf("params %s: %w", params, err)
	}
	p := &Plan{typ: params, path: pattern, byKey: map[string]int{}}
	c := compiler{}
	for _, f := range fields {
		if err := p.add(f, c); err != nil {
			return nil, say.Errorf("params %s: field %s: %w", params, f.goName, err)
		}
	}
	p.path.resolve(p.paths)
	return p, nil
}

func checkParams(t reflect.Type) error {
	switch {
	case t == nil:
		return errors.New("params must be a struct type, got nil; use struct{} for none")
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		return say.Errorf("params must be a struct, got %s; use %s without the pointer", t, t.Elem())
	case t.Kind() != reflect.Struct:
		return say.Errorf("params must be a struct, got %s; use struct{} for none", t)
	case isTuple(t):
		return say.Errorf("params %s embeds Tuple, but parameters go by name; remove it", t)
	}
	return nil
}

// agreePath makes sure that each wildcard has a field and each path field a wildcard.
func agreePath(t reflect.Type, fields []field, p pattern) error {
	for _, f := range fields {
		if f.in == InPath && !p.has(f.name) {
			return say.Errorf("no wildcard {%s} for field %s of %s; add it to the path or change the tag", f.name, f.goName, t)
		}
	}
	for _, s := range p.segments {
		if s.name != "" && !slices.ContainsFunc(fields, func(f field) bool { return f.in == InPath && f.name == s.name }) {
			return say.Errorf("no field in %s for the wildcard {%s}; add one with the tag path:%q", t, s.name, s.name)
		}
	}
	return nil
}

// agreeTail makes sure that a ?a&b tail, if there is one, and the query fields list the same names, and gives the
// fields of ?key=arg their names on the wire.
func agreeTail(t reflect.Type, fields []field, p pattern) error {
	if p.tail == nil {
		return nil
	}
	// Names are compared for all entries before any is changed, so ?a=b&b=a swaps.
	keys := make([]string, len(fields))
	for _, l := range p.tail {
		i := slices.IndexFunc(fields, func(f field) bool { return f.in == InQuery && f.name == l.arg })
		if i < 0 {
			i = slices.IndexFunc(fields, func(f field) bool { return f.in == InQuery && strings.ToLower(f.goName) == l.arg })
			if i >= 0 && fields[i].name != l.key {
				return say.Errorf("the tail lists %q, but field %s of %s has the tag query:%q; make them agree", l.key, fields[i].goName, t, fields[i].name)
			}
		}
		if i < 0 {
			return say.Errorf("the tail lists %q, but %s has no such query field; add one with the tag query:%q", l.arg, t, l.arg)
		}
		if keys[i] != "" {
			return say.Errorf("the tail lists field %s of %s twice", fields[i].goName, t)
		}
		keys[i] = l.key
	}
	for i := range fields {
		f := &fields[i]
		if f.in != InQuery {
			continue
		}
		if keys[i] == "" {
			return say.Errorf("the tail does not list %q, which is field %s of %s; add it to the tail, or bind the field elsewhere with a tag", f.name, f.goName, t)
		}
		f.name = keys[i]
	}
	return nil
}

// checkNames refuses names the wire cannot carry and names that appear twice.
func checkNames(fields []field) error {
	seen := map[[2]string]string{}
	for _, f := range fields {
		var err error
		name := f.name
		switch f.in {
		case InQuery:
			err = checkQueryName(name)
		case InHeader:
			err = checkHeaderName(name)
			name = strings.ToLower(name)
		case InCookie:
			err = checkToken(name)
		}
		if err != nil {
			return say.Errorf("field %s: %w", f.goName, err)
		}
		if other, dup := seen[[2]string{f.in, name}]; dup {
			return say.Errorf("fields %s and %s are both the %s parameter %q; rename one with a tag", other, f.goName, f.in, f.name)
		}
		seen[[2]string{f.in, name}] = f.goName
	}
	return nil
}

// add compiles one field.
func (p *Plan) add(f field, c compiler) error {
	n, err := c.node(f.typ)
	if err != nil {
		return err
	}
	if err := n.fits(f.in, p.path.multi(f.name)); err != nil {
		return err
	}
	b := binding{name: f.name, index: f.index, node: n}
	switch f.in {
	case InPath:
		p.paths = append(p.paths, b)
	case InQuery:
		p.byKey[f.name] = len(p.query)
		p.query = append(p.query, b)
	case InHeader:
		p.headers = append(p.headers, b)
	case InCookie:
		p.cookies = append(p.cookies, b)
	}
	p.fields = append(p.fields, Field{Name: f.name, In: f.in, GoName: f.goName, Type: f.typ, Optional: f.in != InPath && n.optional()})
	return nil
}
