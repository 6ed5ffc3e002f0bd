package fynews

import (
	"fyne.io/fyne/v2/data/binding"

	"github.com/tandem-ws/tandem/signals"
)

// Item is a value to be shown. Set returns [ErrReadOnly].
func Item[T any](s *signals.Scope, v signals.Readable[T]) binding.Item[T] {
	return newItem(s, v, func(T) error { return ErrReadOnly })
}

// Bind is a value to be shown and changed: Set sets the signal.
func Bind[T any](s *signals.Scope, v *signals.Signal[T]) binding.Item[T] {
	var i *item[T]
	i = newItem(s, v, func(value T) error {
		if i.teller.ended() {
			return ErrUnbound
		}
		v.Set(value)
		return nil
	})
	return i
}

// item is a value as a binding. It keeps none of its own, which could be another than that of the signal: what a user types
// while an older value is on its way to the widget would be overwritten by that.
type item[T any] struct {
	listeners
	teller teller
	value  signals.Readable[T]
	set    func(T) error
}

func newItem[T any](s *signals.Scope, v signals.Readable[T], set func(T) error) *item[T] {
	i := &item[T]{value: v, set: set}
	i.teller.tell = i.tell
	watch(s, &i.teller, func(r *signals.Reader) { v.Get(r) })
	return i
}

// Get reads the value.
func (i *item[T]) Get() (T, error) { return i.value.Peek(), nil }

// Set writes it.
func (i *item[T]) Set(value T) error { return i.set(value) }

// watch calls look and, whenever something has changed that it has read, calls it again and tells the teller, until the scope
// is disposed.
func watch(s *signals.Scope, t *teller, look func(r *signals.Reader)) {
	first := true
	signals.Effect(s, func(r *signals.Reader) {
		look(r)
		if !first {
			t.changed()
		}
		first = false
	})
	s.OnCleanup(t.end)
}
