// Package html makes a text of what package ui builds: the HTML of the page as it is at the time, for servers and for tests.
//
// What is bound is read without depending on it, what is shown is built in scopes that end with the text, and event handlers
// are left out. Rendering may be done in any goroutine, also of the same node in several.
package html

import (
	"io"

	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// String is the HTML of a node. A whole document, an html element, has its doctype in front.
func String(n ui.Node) string { return string(render(n, false)) }

// Render writes the HTML of a node.
func Render(w io.Writer, n ui.Node) error {
	_, err := w.Write(render(n, false))
	return err
}

// Hydratable writes the HTML of a node such that dom.Hydrate can go on with it, if it is all there is in its element. Styles
// are left to dom.Hydrate, because a content security policy may forbid style attributes.
func Hydratable(w io.Writer, n ui.Node) error {
	text := render(n, true)
	_, err := w.Write(append([]byte("<!--"+tree.Sum(text)+"-->"), text...))
	return err
}

func render(n ui.Node, marks bool) []byte {
	w := tree.Writer{Marks: marks, Next: new(int)}
	if e, ok := n.Tree().(*tree.Element); ok && e.Tag == "html" {
		w.Buf = append(w.Buf, "<!doctype html>"...)
	}
	w.Node(n.Tree())
	return w.Buf
}
