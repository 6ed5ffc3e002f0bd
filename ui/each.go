package ui

import (
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Each is a row for each item of a log, which must be one element. Items that are appended get rows at the end, those that
// are dropped lose theirs, and what that costs depends on how many these are, not on how long the log is. The scope of a row
// ends with it.
func Each[T any](list *signals.List[T], row func(s *signals.Scope, item T) Node) Node {
	return Node{&tree.Each{
		Graph: list.Graph(),
		Read: func(r *signals.Reader) tree.Log {
			first, items := list.Numbered(r)
			return &logged[T]{first, items, row}
		},
	}}
}

// logged is the items of a log at a time.
type logged[T any] struct {
	first int
	items []T
	row   func(*signals.Scope, T) Node
}

func (l *logged[T]) Numbered() (first, n int) { return l.first, len(l.items) }

func (l *logged[T]) Row(s *signals.Scope, number int) tree.Node {
	return l.row(s, l.items[number-l.first]).tree
}
