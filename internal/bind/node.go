package bind

import (
	"errors"
	"reflect"
	"strconv"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/serde"
)

// shape is how a type lies in a query.
type shape uint8

const (
	leaf   shape = iota // a=1
	maybe               // a pointer: what it points to, or nothing
	list                // a slice: a[0]=1&a[1]=2
	array               // a list of fixed length
	record              // a struct: a[name]=1
	tuple               // a struct that embeds tandem.Tuple: a[0]=1&a[1]=true
	table               // a map: a[key]=1
)

// node is the plan of one type.
type node struct {
	shape  shape
	typ    reflect.Type
	scalar *scalar        // of a leaf, or of a table's keys
	elem   *node          // of maybe, list, array, table
	fields []binding      // of record, tuple
	byKey  map[string]int // name to index in fields
}

// compiler holds the nodes of types seen so far, so that a type may contain itself.
type compiler map[reflect.Type]*node

func (c compiler) node(t reflect.Type) (*node, error) {
	if n, ok := c[t]; ok {
		return n, nil
	}
	n := &node{typ: t}
	s, err := scalarOf(t)
	if err != nil {
		return nil, err
	}
	if s != nil {
		n.shape, n.scalar = leaf, s
		return n, nil
	}
	c[t] = n
	switch t.Kind() {
	case reflect.Pointer:
		n.shape = maybe
		if t.Elem().Kind() == reflect.Pointer {
			return nil, say.Errorf("%s is a pointer to a pointer; one says optional already", t)
		}
		n.elem, err = c.node(t.Elem())
	case reflect.Slice:
		n.shape = list
		n.elem, err = c.node(t.Elem())
	case reflect.Array:
		n.shape = array
		n.elem, err = c.node(t.Elem())
	case reflect.Map:
		n.shape = table
		if n.scalar, err = keyOf(t.Key()); err == nil {
			n.elem, err = c.node(t.Elem())
		}
	case reflect.Struct:
		n.shape = record
		if isTuple(t) {
			n.shape = tuple
		}
		err = c.record(n)
	default:
		err = say.Errorf("%s cannot be a parameter; use another type, or leave the field out with the tag query:\"-\"", t)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// record fills in the fields of a nested struct.
func (c compiler) record(n *node) error {
	fields, err := flatten(n.typ)
	if err != nil {
		return say.Errorf("%s: %w", n.typ, err)
	}
	for i := range fields {
		if in := fields[i].in; in != "" && in != InQuery {
			return say.Errorf("%s: field %s: a %s parameter cannot be nested; move it to the params struct, or embed %s", n.typ, fields[i].goName, in, n.typ)
		}
		fields[i].in = InQuery
		if n.shape == tuple {
			fields[i].name = strconv.Itoa(i)
		}
	}
	if err := checkNames(fields); err != nil {
		return say.Errorf("%s: %w", n.typ, err)
	}
	n.byKey = make(map[string]int, len(fields))
	for i, f := range fields {
		inner, err := c.node(f.typ)
		if err != nil {
			return say.Errorf("%s: field %s: %w", n.typ, f.goName, err)
		}
		n.byKey[f.name] = i
		n.fields = append(n.fields, binding{name: f.name, index: f.index, node: inner})
	}
	return nil
}

// isTuple reports whether a struct embeds [serde.Tuple].
func isTuple(t reflect.Type) bool {
	for f := range t.Fields() {
		if f.Anonymous && f.Type == reflect.TypeFor[serde.Tuple]() {
			return true
		}
	}
	return false
}

// keyOf returns the scalar of a map's key.
func keyOf(t reflect.Type) (*scalar, error) {
	s, err := scalarOf(t)
	if err != nil {
		return nil, err
	}
	if s == nil || !s.key {
		return nil, say.Errorf("%s cannot be a map key; use a string, an int or a type with text methods", t)
	}
	return s, nil
}

// optional reports whether a request without the parameter is accepted.
func (n *node) optional() bool {
	switch n.shape {
	case maybe, list, table:
		return true
	case array:
		return n.typ.Len() == 0
	case record, tuple:
		for _, f := range n.fields {
			if !f.node.optional() {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// fits reports what a parameter outside the query cannot be.
func (n *node) fits(in string, multi bool) error {
	isLeaf := n.shape == leaf
	switch in {
	case InPath:
		switch {
		case n.shape == maybe:
			return errors.New("a path parameter is always there; use a value, not a pointer")
		case multi && !(isLeaf && n.scalar.text) && !(n.shape == list && n.elem.shape == leaf && n.elem.typ.Kind() == reflect.String && n.elem.scalar.text):
			return say.Errorf("a catch-all holds text, got %s; use a string or a []string of segments", n.typ)
		case !multi && !isLeaf:
			return say.Errorf("a path parameter is a single value, got %s", n.typ)
		}
	case InHeader:
		if !isLeaf && !((n.shape == maybe || n.shape == list) && n.elem.shape == leaf) {
			return say.Errorf("a header is a single value, a pointer to one or a slice of them, got %s", n.typ)
		}
	case InCookie:
		if !isLeaf && !(n.shape == maybe && n.elem.shape == leaf) {
			return say.Errorf("a cookie is a single value or a pointer to one, got %s", n.typ)
		}
	}
	return nil
}
