//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Sole is called for the text of an element that has nothing else in it.
func (p *piece) Sole(b *tree.Bound) string {
	at := p.at
	return p.text(b, func(bool) js.Value {
		node := at.node.Get("firstChild")
		if node.IsNull() {
			node = p.m.document.Call("createTextNode", "")
			at.node.Call("appendChild", node)
		}
		return node
	})
}

// Text is called for a text behind a comment.
func (p *piece) Text(b *tree.Bound) string {
	at := p.comment()
	return p.text(b, func(empty bool) js.Value {
		if !empty {
			return at.node.Get("nextSibling")
		}
		node := p.m.document.Call("createTextNode", "")
		at.node.Call("after", node)
		return node
	})
}

// text keeps a text up to date. find gives its node, or makes one if the text was empty.
func (p *piece) text(b *tree.Bound, find func(empty bool) js.Value) string {
	var (
		written, empty bool
		text           string
		node           js.Value
	)
	signals.Effect(p.scope, func(r *signals.Reader) {
		now := b.Get(r)
		if !written || now == text {
			if !written {
				text = now
			}
			return
		}
		text = now
		if node.IsUndefined() {
			node = find(empty)
		}
		node.Set("data", text)
	})
	written, empty = true, text == ""
	return text
}
