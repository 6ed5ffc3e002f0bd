//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// list is rows with keys in the page, before a comment.
type list struct {
	m     *mount
	scope *signals.Scope
	svg   bool
	end   *place
	rows  []*row
	byKey map[any]*row
}

type row struct {
	scope  *signals.Scope
	at     *place
	update func(tree.Items, int)
	index  int
}

// again is the key of a row whose key others have as well.
type again struct {
	key any
	n   int
}

// For writes the rows there are, and follows the list.
func (p *piece) For(f *tree.For) {
	l := &list{m: p.m, scope: p.scope, svg: p.w.SVG(), end: &place{}}
	written := false
	signals.Effect(p.scope, func(r *signals.Reader) {
		items := f.Read(r)
		if written {
			l.update(items)
			return
		}
		l.byKey = make(map[any]*row, items.Len())
		for i := range items.Len() {
			row := l.write(p, items, i)
			l.rows = append(l.rows, row)
			l.byKey[key(l.byKey, items, i)] = row
		}
	})
	written = true
	p.then = l.end
}

// key is the key of an item that no row in a map has.
func key(rows map[any]*row, items tree.Items, i int) any {
	k := items.Key(i)
	if _, taken := rows[k]; !taken {
		return k
	}
	for n := 1; ; n++ {
		if _, taken := rows[again{k, n}]; !taken {
			return again{k, n}
		}
	}
}

// write writes a row.
func (l *list) write(p *piece, items tree.Items, i int) *row {
	r := &row{scope: l.scope.Child(), index: i}
	n := len(p.elements)
	ok := p.attempt(r.scope, func() {
		var node tree.Node
		node, r.update = items.Row(r.scope, i)
		p.w.Element(tree.Row(node), true)
	})
	if ok {
		r.at = p.elements[n]
		return r
	}
	r.update = func(tree.Items, int) {}
	p.w.Comment() // in its place
	r.at = p.comment()
	return r
}

// run is new rows that follow each other.
type run struct {
	first int
	p     *piece
}

// update makes the rows what the list has become.
func (l *list) update(items tree.Items) {
	n := items.Len()
	rows, byKey, was := make([]*row, n), make(map[any]*row, n), make([]int, n)
	var runs []run
	kept, ordered := 0, true
	last := -1
	for i := range n {
		k := key(byKey, items, i)
		r := l.byKey[k]
		if r == nil {
			if i == 0 || was[i-1] >= 0 {
				runs = append(runs, run{i, l.m.piece(l.scope, l.svg)})
			}
			r = l.write(runs[len(runs)-1].p, items, i)
			was[i] = -1
		} else {
			r.update(items, i)
			kept++
			was[i] = r.index
			ordered = ordered && r.index > last
			last = r.index
		}
		rows[i], byKey[k] = r, r
	}
	if kept < len(l.rows) {
		l.remove(byKey, kept)
	}
	var stay []bool
	if !ordered {
		stay = tree.Stay(was, l.focused(rows, was))
	}
	before := l.end.node
	for i := n - 1; i >= 0; i-- {
		r := rows[i]
		if was[i] < 0 {
			fresh := runs[len(runs)-1]
			runs = runs[:len(runs)-1]
			fresh.p.insert(before)
			i = fresh.first
			r = rows[i]
		} else if !ordered && !stay[i] {
			before.Get("parentNode").Call("insertBefore", r.at.node, before)
		}
		before = r.at.node
	}
	for i, r := range rows {
		r.index = i
	}
	l.rows, l.byKey = rows, byKey
}

// remove removes the rows that are not kept.
func (l *list) remove(kept map[any]*row, n int) {
	all := n == 0
	if all {
		r := l.m.document.Call("createRange")
		r.Call("setStartBefore", l.rows[0].at.node)
		r.Call("setEndBefore", l.end.node)
		defer r.Call("deleteContents")
	}
	for k, r := range l.byKey {
		if kept[k] == r {
			continue
		}
		r.scope.Dispose()
		if !all {
			r.at.node.Call("remove")
		}
	}
}

// focused is the row that has the focus, which moving it would take away; -1 if none has.
func (l *list) focused(rows []*row, was []int) int {
	parent := l.end.node.Get("parentNode")
	for at := l.m.document.Get("activeElement"); at.Type() == js.TypeObject; {
		up := at.Get("parentNode")
		if up.Equal(parent) {
			for i, r := range rows {
				if was[i] >= 0 && r.at.node.Equal(at) {
					return i
				}
			}
			return -1
		}
		at = up
	}
	return -1
}
