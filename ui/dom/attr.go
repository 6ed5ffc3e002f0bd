//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// bound is an attribute in the page.
type bound struct {
	at    *place
	attr  *tree.Attr
	field *field // nil for those that nobody enters something into
	style js.Value
	value string
	on    bool
}

// Attr keeps an attribute up to date.
func (p *piece) Attr(a *tree.Attr) (value string, on bool) {
	b := &bound{at: p.at, attr: a, value: a.Value, on: true}
	if a.Get != nil {
		b.field = p.field(a)
		p.follow(b)
	}
	if a.Kind == tree.Style {
		p.located = append(p.located, b.show)
	}
	return b.value, b.on
}

func (p *piece) follow(b *bound) {
	written := false
	signals.Effect(p.scope, func(r *signals.Reader) {
		value, on := b.attr.Get(r)
		if written && value == b.value && on == b.on && b.field == nil {
			return
		}
		b.value, b.on = value, on
		if written {
			b.show()
		}
	})
	written = true
}

// show writes the attribute to the page.
func (b *bound) show() {
	node, name := b.at.node, b.attr.Name
	value := b.attr.Clean(b.value)
	switch {
	case b.attr.Kind == tree.Class:
		node.Get("classList").Call("toggle", name, b.on)
	case b.attr.Kind == tree.Style:
		b.showStyle(value)
	case b.field != nil:
		b.field.show(value, b.on)
	case b.attr.Property():
		setProperty(node, name, value, b.on)
	case b.on:
		node.Call("setAttribute", name, value)
	default:
		node.Call("removeAttribute", name)
	}
}

// showStyle writes a style property to the page. As a property of the element's style it takes two calls to JavaScript, with
// setProperty four, and two values more that the collector has to know of.
func (b *bound) showStyle(value string) {
	if b.style.IsUndefined() {
		b.style = b.at.node.Get("style")
	}
	if !b.on {
		value = "" // none
	}
	if name := b.attr.Name; isOwnProperty(name) {
		b.style.Set(name, value)
	} else {
		b.style.Call("setProperty", name, value)
	}
}

// isOwnProperty reports whether an element's style has the style property of a name as a property. Custom ones, such as --x,
// it has not; and of names with capitals some mean something else there, such as cssText.
func isOwnProperty(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c != '-' || i == 0) {
			return false
		}
	}
	return true
}
