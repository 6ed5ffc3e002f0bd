package ui

import (
	"strconv"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Node is a piece of a page. The zero Node is nothing.
type Node struct{ tree tree.Node }

// Tree is for the back ends.
func (n Node) Tree() tree.Node { return n.tree }

// Part is what an element is built of:
//
//   - a string, an int: text
//   - a signals.Readable[string], a func(*signals.Reader) string: text that changes; see also [TextOf]
//   - a [Node], a []Node: what is in the element
//   - an [Attribute], a [Binding], a [Handler]: what is said about it
//   - a [RawHTML]
//
// Anything else panics, and the panic tells its type.
type Part any

// RawHTML is a part that is HTML already. It is written as it stands: whoever can choose it can do whatever the page can. It
// should be complete in itself, with an end for every element.
type RawHTML string

// El is an element. The functions with the names of elements are short for it.
func El(tag string, parts ...Part) Node {
	e := &tree.Element{Tag: tag}
	for i, p := range parts {
		switch p := p.(type) {
		case Attribute:
			e.Attrs = set(e.Attrs, p.attrs)
		case Binding:
			e.Attrs = set(e.Attrs, p.attrs)
		case Handler:
			p.add(e)
		default:
			e.Children = appendNodes(e.Children, p, i, tag)
		}
	}
	e.Check()
	return Node{e}
}

// Fragment is several nodes with nothing around them. Its parts are texts and nodes.
func Fragment(parts ...Part) Node {
	var group tree.Group
	for i, p := range parts {
		group = appendNodes(group, p, i, "fragment")
	}
	return Node{group}
}

// Text is a text that does not change.
func Text(text string) Node { return Node{tree.Text(text)} }

// TextOf is a text that changes with a value.
func TextOf[T any](v signals.Readable[T], f func(T) string) Node {
	return Node{&tree.Bound{Get: func(r *signals.Reader) string { return f(v.Get(r)) }}}
}

// appendNodes appends what a part is to the nodes in an element. Groups are taken apart.
func appendNodes(list []tree.Node, p Part, i int, tag string) []tree.Node {
	switch p := p.(type) {
	case string:
		return append(list, tree.Text(p))
	case int:
		return append(list, tree.Text(strconv.Itoa(p)))
	case signals.Readable[string]:
		return append(list, &tree.Bound{Get: p.Get})
	case func(*signals.Reader) string:
		return append(list, &tree.Bound{Get: p})
	case RawHTML:
		return append(list, tree.Raw(p))
	case Node:
		if group, ok := p.tree.(tree.Group); ok {
			return append(list, group...)
		}
		if p.tree == nil {
			return list
		}
		return append(list, p.tree)
	case []Node:
		for _, n := range p {
			list = appendNodes(list, n, i, tag)
		}
		return list
	}
	panic("ui: " + tag + ": part " + strconv.Itoa(i+1) + ": " + typeError(p) + " (ui.Part tells what parts are)")
}

// typeError is what the runtime says about a value that is no Node. It names the value's type, which else takes package
// reflect, and a browser would have to download that.
func typeError(v any) (text string) {
	defer func() {
		if err, ok := recover().(error); ok {
			text = err.Error()
		}
	}()
	_ = v.(Node)
	return ""
}

// set adds attributes to those there are. Of two with the same name the later one counts.
func set(attrs, more []tree.Attr) []tree.Attr {
	for _, a := range more {
		replaced := false
		for i := range attrs {
			if b := &attrs[i]; a.Kind != tree.Class && b.Kind == a.Kind && b.Name == a.Name {
				*b, replaced = a, true
			}
		}
		if !replaced {
			attrs = append(attrs, a)
		}
	}
	return attrs
}
