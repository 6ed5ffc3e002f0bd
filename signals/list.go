package signals

import "slices"

// List is a log that can be read: items are appended at its end, and the oldest dropped when there are too many. Unlike a
// signal it loses nothing of what comes faster than it is looked at.
type List[T any] struct {
	keep int
	log  *Signal[log[T]]
}

// log is the items of a list at a time. Items are never changed, only appended behind.
type log[T any] struct {
	items []T
	first int // the number of the first of them
}

// NewList makes an empty list that keeps the last keep items; 0 is all.
func NewList[T any](g *Graph, keep int) *List[T] {
	return &List[T]{keep: keep, log: NewFunc(g, log[T]{}, nil)}
}

// Append appends items.
func (l *List[T]) Append(items ...T) {
	if len(items) == 0 {
		return
	}
	g := l.log.src.g
	g.mu.Lock() // and not Update: of two who append to the same array at once, one would overwrite the other's
	now := l.log.value
	now.items = append(now.items, items...)
	if drop := len(now.items) - l.keep; l.keep > 0 && drop > 0 {
		now.items, now.first = now.items[drop:], now.first+drop
	}
	l.log.value = now
	l.log.changed(g.nextVersion())
	g.kick()
}

// Clear drops all items. Their numbers are not used again. If there are none, that is no change.
func (l *List[T]) Clear() {
	g := l.log.src.g
	g.mu.Lock()
	if now := l.log.value; len(now.items) > 0 {
		l.log.value = log[T]{first: now.first + len(now.items)}
		l.log.changed(g.nextVersion())
	}
	g.kick()
}

// Get reads the items, and has r's run depend on the list. The slice must not be changed, and will not change.
func (l *List[T]) Get(r *Reader) []T {
	_, items := l.Numbered(r)
	return items
}

// Numbered is Get that gives the number of the first item too: the first one ever appended has number 0, and each keeps
// its number, so that it can be recognized.
func (l *List[T]) Numbered(r *Reader) (first int, items []T) {
	now := l.log.Get(r)
	return now.first, slices.Clip(now.items)
}

// Peek reads the items.
func (l *List[T]) Peek() []T { return l.Get(nil) }

// Len reads how many items there are, and has r's run depend on the list.
func (l *List[T]) Len(r *Reader) int { return len(l.log.Get(r).items) }

// Graph is the graph it belongs to.
func (l *List[T]) Graph() *Graph { return l.log.Graph() }
