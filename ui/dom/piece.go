//go:build js

package dom

import (
	"strings"
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

const svgSpace = "http://www.w3.org/2000/svg"

// piece is a piece of the page on its way there: HTML, and what is in it that has to be found again.
//
// One text, because each call from Go to JavaScript costs a microsecond or more. Chromium 156 on two shared cores of a Xeon
// makes 600 rows in a millisecond of one text in which nothing can change, 30 out of elements that are created one by one
// with syscall/js; with a bound text and a handler in each row, and the last thousand disposed of, For makes 46. Then 240
// texts are changed in a millisecond, and Each appends and drops 22 rows one by one, 55 in batches of fifty. The benchmarks
// beside this file, run by go test -run=^$ -bench=. in interop/ui.
type piece struct {
	m     *mount
	w     tree.Writer
	scope *signals.Scope // of what is written at present
	parts

	at   *place // the element whose attributes are written at present
	then *place // for the next comment; nil if nobody waits for it
}

// parts are what has been written and waits for the nodes.
type parts struct {
	elements, comments []*place
	fields             []*field
	located            []func() // to be done when they are there, before they are in the page
	mounted            []func() // to be done when they are in the page
	foreign            bool     // there may be comments of others
}

// place is a node, once it is there.
type place struct{ node js.Value }

func (m *mount) piece(s *signals.Scope, svg bool) *piece {
	p := &piece{m: m, scope: s}
	p.w = tree.Writer{Marks: true, Next: &m.next, Live: p}
	p.w.InSVG(svg)
	return p
}

// attempt writes something in a scope. If that panics, it is reported and nothing is written.
func (p *piece) attempt(s *signals.Scope, write func()) (ok bool) {
	scope, written, undo := p.scope, p.parts, p.w.Attempt()
	p.scope = s
	ok = try(write, p.m.onPanic)
	p.scope = scope
	if !ok {
		s.Dispose()
		undo()
		p.parts = written
	}
	return ok
}

// locate finds the nodes of the piece, which are in a node. It reports false if there are not as many as there should be.
func (p *piece) locate(in js.Value) bool {
	if n := len(p.elements); n > 0 {
		found := in.Call("querySelectorAll", "["+tree.MarkElement+"]")
		if found.Length() != n {
			return false
		}
		for i, at := range p.elements {
			at.node = found.Index(i)
		}
	}
	if len(p.comments) == 0 {
		return true
	}
	const showComment = 128
	walker := p.m.document.Call("createTreeWalker", in, showComment)
	for _, at := range p.comments {
		for {
			at.node = walker.Call("nextNode")
			if at.node.IsNull() {
				return false
			}
			if !p.foreign || at.node.Get("data").String() == tree.MarkComment {
				break
			}
		}
	}
	return true
}

// insert puts the piece into the page, before a node.
func (p *piece) insert(before js.Value) {
	if len(p.w.Buf) == 0 {
		return
	}
	html, svg := string(p.w.Buf), p.w.SVG()
	if svg {
		html = "<svg>" + html + "</svg>"
	}
	p.m.template.Set("innerHTML", html)
	content := p.m.template.Get("content")
	if svg {
		r := p.m.document.Call("createRange")
		r.Call("selectNodeContents", content.Get("firstChild"))
		content = r.Call("extractContents")
	}
	if !p.locate(content) {
		panic(ErrHTML)
	}
	for _, f := range p.located {
		f()
	}
	p.located = nil
	before.Get("parentNode").Call("insertBefore", content, before)
	p.run()
}

// hydrate finds the nodes of the piece in the page that the server has sent, if they are what was written here.
func (p *piece) hydrate() bool {
	sum := p.m.root.Get("firstChild")
	if sum.IsNull() || sum.Get("nodeValue").String() != tree.Sum(p.w.Buf) {
		return false
	}
	sum.Call("remove")
	p.foreign = true
	if !p.locate(p.m.root) {
		return false
	}
	for _, f := range p.fields {
		f.take()
	}
	return true
}

// run does what is left to be done when the piece is in the page.
func (p *piece) run() {
	for _, f := range p.located {
		f()
	}
	for _, f := range p.mounted {
		try(f, p.m.onPanic)
	}
}

// The methods of tree.Live.

func (p *piece) Element(e *tree.Element) {
	at := &place{}
	p.at = at
	p.elements = append(p.elements, at)
	for _, f := range e.Mounted {
		p.mounted = append(p.mounted, func() { f(at.node) })
	}
}

func (p *piece) Comment() {
	at := p.then
	if p.then = nil; at == nil {
		at = &place{}
	}
	p.comments = append(p.comments, at)
}

func (p *piece) Raw(html string) {
	p.foreign = p.foreign || strings.Contains(html, "<!") || strings.Contains(html, "<?")
}

// comment is the last one that was written.
func (p *piece) comment() *place { return p.comments[len(p.comments)-1] }
