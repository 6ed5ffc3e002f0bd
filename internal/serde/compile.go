package serde

import (
	"encoding"
	"errors"
	"reflect"
)

var (
	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	appenderType    = reflect.TypeFor[encoding.TextAppender]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// leafOps are the kinds that need nothing but their op.
var leafOps = map[reflect.Kind]op{
	reflect.Bool: opBool, reflect.String: opString, reflect.Float32: opFloat32, reflect.Float64: opFloat64,
	reflect.Int: opInt, reflect.Int8: opInt8, reflect.Int16: opInt16, reflect.Int32: opInt32, reflect.Int64: opInt64,
	reflect.Uint: opUint, reflect.Uint8: opUint8, reflect.Uint16: opUint16, reflect.Uint32: opUint32, reflect.Uint64: opUint64,
	reflect.Uintptr: opUint,
}

// Check tells whether messages of type t can be encoded and decoded whatever the codec. The error names the path to
// what cannot, such as "Person.Friends[].Ch: chan int cannot be a message". A type with a form of its own in one codec
// only has to be checked with that codec, see [Coder.Check].
func Check(t reflect.Type) error {
	if t == nil {
		return errors.New("nil cannot be a message")
	}
	_, err := compileMessage(neutral{}, t)
	return err
}

// compiler builds the plan of one message type for one format.
type compiler struct {
	format Format
	nodes  map[nodeKey]*node
}

// nodeKey tells nodes of one type apart when a field's tag changes what it means.
type nodeKey struct {
	typ    reflect.Type
	format string
}

func compileMessage(f Format, t reflect.Type) (*node, error) {
	c := &compiler{format: f, nodes: map[nodeKey]*node{}}
	name := t.Name()
	if name == "" {
		name = "message"
	}
	return c.compile(t, "", name)
}

func (c *compiler) compile(t reflect.Type, format, path string) (*node, error) {
	t = unwrap(t)
	key := nodeKey{t, format}
	if n := c.nodes[key]; n != nil {
		return n, nil
	}
	n := &node{typ: t}
	c.nodes[key] = n
	if err := c.fill(n, format, path); err != nil {
		return nil, err
	}
	return n, nil
}

func fault(path, text string) error { return errors.New(path + ": " + text) }

// fill compiles what n.typ is. n may already be referred to by the type's own parts.
func (c *compiler) fill(n *node, format, path string) error {
	t := n.typ
	if t.Kind() == reflect.Pointer {
		return c.pointer(n, format, path)
	}
	switch format {
	case "":
	case "array":
		return c.byteList(n, path)
	case "u128":
		if !isBig(t) {
			return fault(path, "format:u128 is for big.Int, not "+t.String())
		}
		n.op, n.unsigned = opBig, true
		return nil
	default:
		return fault(path, "unknown format:"+format+" in the tag")
	}
	if isBig(t) {
		n.op = opBig
		return nil
	}
	if done, err := c.ownForm(n, path); done || err != nil {
		return err
	}
	if op, ok := leafOps[t.Kind()]; ok {
		n.op = op
		return nil
	}
	switch t.Kind() {
	case reflect.Slice:
		return c.slice(n, path)
	case reflect.Array:
		return c.array(n, path)
	case reflect.Map:
		return c.mapping(n, path)
	case reflect.Struct:
		return c.structure(n, path)
	case reflect.Interface:
		return c.iface(n, path)
	}
	return fault(path, t.String()+" cannot be a message")
}

// ownForm recognises types that encode themselves.
func (c *compiler) ownForm(n *node, path string) (done bool, err error) {
	t := n.typ
	if t.Kind() == reflect.Interface {
		return false, nil
	}
	p := reflect.PointerTo(t)
	if t.PkgPath() != "time" { // time.Time is RFC 3339 text everywhere, without the detour
		custom, err := c.format.Custom(t)
		if err != nil {
			return false, fault(path, err.Error())
		}
		if custom != nil {
			n.op, n.custom = opCustom, custom
			return true, nil
		}
	}
	m, u := p.Implements(marshalerType) || p.Implements(appenderType), p.Implements(unmarshalerType)
	switch {
	case m && u:
		n.op = opText
		return true, nil
	case m:
		return false, fault(path, t.String()+" has MarshalText but no UnmarshalText, a message needs both")
	case u:
		return false, fault(path, t.String()+" has UnmarshalText but no MarshalText, a message needs both")
	}
	return false, nil
}

// isBig recognises big.Int without linking math/big into programs that do not use it.
func isBig(t reflect.Type) bool { return t.Name() == "Int" && t.PkgPath() == "math/big" }

// isByte tells whether a list of t is a byte string: any element of kind uint8 that has no form of its own.
func (c *compiler) isByte(t reflect.Type) bool {
	if t.Kind() != reflect.Uint8 {
		return false
	}
	p := reflect.PointerTo(t)
	if p.Implements(marshalerType) || p.Implements(appenderType) || p.Implements(unmarshalerType) {
		return false
	}
	custom, err := c.format.Custom(t)
	return custom == nil && err == nil
}

func (c *compiler) byteList(n *node, path string) error {
	k := n.typ.Kind()
	if k != reflect.Slice && k != reflect.Array || !c.isByte(n.typ.Elem()) {
		return fault(path, "format:array is for bytes, not "+n.typ.String())
	}
	if err := c.fill(n, "", path); err != nil {
		return err
	}
	if n.op == opBytes || n.op == opByteArray {
		n.op = opByteList
	}
	return nil
}

func (c *compiler) slice(n *node, path string) (err error) {
	n.size = n.typ.Elem().Size()
	if c.isByte(n.typ.Elem()) {
		n.op, n.len = opBytes, -1
		return nil
	}
	n.op = opSlice
	n.elem, err = c.compile(n.typ.Elem(), "", path+"[]")
	return err
}

func (c *compiler) array(n *node, path string) (err error) {
	n.len, n.size = n.typ.Len(), n.typ.Elem().Size()
	if c.isByte(n.typ.Elem()) {
		n.op = opByteArray
		return nil
	}
	n.op = opArray
	n.elem, err = c.compile(n.typ.Elem(), "", path+"[]")
	return err
}

func (c *compiler) mapping(n *node, path string) (err error) {
	n.op = opMap
	n.size = n.typ.Elem().Size() + n.typ.Key().Size()
	if n.key = keyNode(n.typ.Key()); n.key == nil {
		return fault(path, n.typ.Key().String()+" cannot be a map key")
	}
	n.elem, err = c.compile(n.typ.Elem(), "", path+"[]")
	return err
}

// keyNode gives the plan for the keys of a map: text, or a plain kind. Other forms a type may have do not count, because
// a key is text in every textual format. It gives nil for what cannot be a key.
func keyNode(t reflect.Type) *node {
	n := &node{typ: t}
	p := reflect.PointerTo(t)
	if (p.Implements(marshalerType) || p.Implements(appenderType)) && p.Implements(unmarshalerType) && t.Kind() != reflect.Pointer {
		n.op = opText
	} else if n.op = leafOps[t.Kind()]; n.op == opNone || n.op == opFloat32 || n.op == opFloat64 {
		return nil
	}
	return n
}

func (c *compiler) pointer(n *node, format, path string) (err error) {
	n.op = opPtr
	if n.elem, err = c.compile(n.typ.Elem(), format, path); err != nil {
		return err
	}
	for e, i := n.elem, 0; e.op == opPtr; e, i = e.elem, i+1 {
		if e.elem == nil || e == n || i == 16 {
			return fault(path, n.typ.String()+" points to itself")
		}
	}
	return nil
}

func (c *compiler) iface(n *node, path string) error {
	if n.typ.NumMethod() == 0 {
		n.op = opAny
		return nil
	}
	u := lookup(n.typ)
	if u == nil {
		return fault(path, n.typ.String()+" is an interface that is not registered as a union")
	}
	n.op = opUnion
	return c.union(n, u, path)
}
