//go:build js

package dom

import (
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// each is the rows of a log in the page: one node each, between two comments.
type each struct {
	m          *mount
	scope      *signals.Scope
	svg        bool
	start, end *place

	first  int              // number of the first row
	scopes []*signals.Scope // of the rows
}

// Each writes the rows there are, and follows the log.
func (p *piece) Each(t *tree.Each) {
	e := &each{m: p.m, scope: p.scope, svg: p.w.SVG(), start: p.comment(), end: &place{}}
	written := false
	signals.Effect(p.scope, func(r *signals.Reader) {
		log := t.Read(r)
		if written {
			e.update(log)
		} else {
			e.first, _ = log.Numbered()
			e.append(p, log)
		}
	})
	written = true
	p.then = e.end
}

func (e *each) update(log tree.Log) {
	first, _ := log.Numbered()
	e.drop(min(first-e.first, len(e.scopes)))
	e.first = first
	p := e.m.piece(e.scope, e.svg)
	e.append(p, log)
	p.insert(e.end.node)
}

// drop removes the first rows.
func (e *each) drop(n int) {
	for i, s := range e.scopes[:n] {
		s.Dispose()
		e.scopes[i] = nil
	}
	if n > 0 && n == len(e.scopes) {
		e.m.clear(e.start.node, e.end.node)
	} else {
		for range n {
			e.start.node.Get("nextSibling").Call("remove")
		}
	}
	e.scopes = e.scopes[n:]
}

// append writes the rows that are not there yet.
func (e *each) append(p *piece, log tree.Log) {
	first, n := log.Numbered()
	for number := first + len(e.scopes); number < first+n; number++ {
		scope := e.scope.Child()
		e.scopes = append(e.scopes, scope)
		if !p.attempt(scope, func() { p.w.Element(tree.Row(log.Row(scope, number)), false) }) {
			p.w.Comment() // in its place, because the rows are counted
		}
	}
}
