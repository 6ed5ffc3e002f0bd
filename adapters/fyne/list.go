package fynews

import (
	"fmt"
	"sync"

	"fyne.io/fyne/v2/data/binding"

	"github.com/tandem-ws/tandem/signals"
)

// List is a list to be shown. Append appends to the signals.List; the other methods that would change it return [ErrReadOnly].
func List[T any](s *signals.Scope, l *signals.List[T]) binding.List[T] {
	b := &list[T]{source: l, rows: map[int]*row[T]{}}
	b.teller.tell = b.refresh
	watch(s, &b.teller, func(r *signals.Reader) {
		first, items := l.Numbered(r)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.next = shown[T]{first, items}
	})
	b.now = b.next
	return b
}

// list is a list as a binding.
type list[T any] struct {
	listeners
	teller teller
	source *signals.List[T]

	mu   sync.Mutex      // guards the rest; never held while listeners are called
	now  shown[T]        // what listeners have been told of
	next shown[T]        // what they are to be told of
	rows map[int]*row[T] // that were asked for; they stay, as somebody may have them when the list has grown again
}

// shown is a list at a time.
type shown[T any] struct {
	first int // the number of the first item: it grows when the oldest ones are dropped
	items []T
}

// refresh has listeners see what there is now.
func (l *list[T]) refresh() {
	l.mu.Lock()
	before := l.now
	l.now = l.next
	moved := before.first != l.now.first // else what has been there is there still: items never change
	var rows []*row[T]
	for i, r := range l.rows {
		if moved || i >= len(before.items) {
			rows = append(rows, r)
		}
	}
	l.mu.Unlock()
	for _, r := range rows {
		r.tell()
	}
	l.tell()
}

// Get gives the items. The slice must not be changed.
func (l *list[T]) Get() ([]T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.items, nil
}

// Length is how many there are.
func (l *list[T]) Length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.now.items)
}

// GetValue gives one of them.
func (l *list[T]) GetValue(index int) (value T, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(index); err != nil {
		return value, err
	}
	return l.now.items[index], nil
}

// GetItem gives one of them as a binding.Item[T]: the one that has this index, whichever that is.
func (l *list[T]) GetItem(index int) (binding.DataItem, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(index); err != nil {
		return nil, err
	}
	if l.rows[index] == nil {
		l.rows[index] = &row[T]{list: l, index: index}
	}
	return l.rows[index], nil
}

func (l *list[T]) check(index int) error {
	if index < 0 || index >= len(l.now.items) {
		return fmt.Errorf("fynews: index %d of a list of %d", index, len(l.now.items))
	}
	return nil
}

// Append appends to the signals.List. It is seen when listeners are told.
func (l *list[T]) Append(value T) error {
	if l.teller.ended() {
		return ErrUnbound
	}
	l.source.Append(value)
	return nil
}

func (l *list[T]) Prepend(T) error       { return ErrReadOnly }
func (l *list[T]) Remove(T) error        { return ErrReadOnly }
func (l *list[T]) Set([]T) error         { return ErrReadOnly }
func (l *list[T]) SetValue(int, T) error { return ErrReadOnly }

// row is an item of a list as a binding.
type row[T any] struct {
	listeners
	list  *list[T]
	index int
}

func (r *row[T]) Get() (T, error) { return r.list.GetValue(r.index) }
func (r *row[T]) Set(T) error     { return ErrReadOnly }
