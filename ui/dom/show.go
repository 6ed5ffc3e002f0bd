//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Switch writes what there is, between two comments, and puts the next in its place.
func (p *piece) Switch(s *tree.Switch) {
	m, svg := p.m, p.w.SVG()
	start, end := p.comment(), &place{}
	written := false
	signals.Effect(p.scope, func(r *signals.Reader) {
		value := s.Read(r)
		scope := r.Scope()
		into := p
		if written {
			m.clear(start.node, end.node)
			into = m.piece(scope, svg)
		}
		into.attempt(scope, func() { into.w.Node(s.Build(scope, value)) })
		if written {
			into.insert(end.node)
		}
	})
	written = true
	p.then = end
}

// clear removes what is between two nodes.
func (m *mount) clear(start, end js.Value) {
	r := m.document.Call("createRange")
	r.Call("setStartAfter", start)
	r.Call("setEndBefore", end)
	r.Call("deleteContents")
}
