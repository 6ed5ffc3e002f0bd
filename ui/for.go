package ui

import (
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// For is a row for each item, which must be one element. key tells which item is which: an item that comes up again with the
// same key keeps its row, with the focus and all, at its new place. What has changed of it, the row reads from item; an item
// that can be compared and equals the last is no change. The scope of a row ends with it. Of items with equal keys the first
// is taken for the first there was, and so on.
//
// A log, to which items are only appended, is better off with [Each].
func For[T any, K comparable](items signals.Readable[[]T], key func(T) K, row func(s *signals.Scope, item signals.Readable[T]) Node) Node {
	f := &rows[T, K]{key: key, row: row, comparable: canCompare[T]()}
	return Node{&tree.For{
		Graph: items.Graph(),
		Read:  func(r *signals.Reader) tree.Items { return &listed[T, K]{f, items.Get(r)} },
	}}
}

// rows knows how to build rows.
type rows[T any, K comparable] struct {
	key        func(T) K
	row        func(*signals.Scope, signals.Readable[T]) Node
	comparable bool
}

// listed is the items of a list at a time.
type listed[T any, K comparable] struct {
	rows  *rows[T, K]
	items []T
}

func (l *listed[T, K]) Len() int { return len(l.items) }

func (l *listed[T, K]) Key(i int) any { return l.rows.key(l.items[i]) }

func (l *listed[T, K]) Row(s *signals.Scope, i int) (row tree.Node, update func(tree.Items, int)) {
	var equal func(a, b T) bool
	if l.rows.comparable {
		equal = same[T]
	}
	item := signals.NewFunc(s.Graph(), l.items[i], equal)
	return l.rows.row(s, item).tree, func(now tree.Items, i int) { item.Set(now.(*listed[T, K]).items[i]) }
}

// same reports whether two values are equal. Values in an interface that cannot be compared are not.
func same[T any](a, b T) (equal bool) {
	defer func() {
		if recover() != nil {
			equal = false
		}
	}()
	return any(a) == any(b)
}

// canCompare reports whether values of a type can be compared with ==.
func canCompare[T any]() bool {
	var none T
	return same(none, none)
}
