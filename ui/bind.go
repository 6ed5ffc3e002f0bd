package ui

import (
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Binding is an attribute that changes. Only what changes is written to the page. The attributes value, checked and selected
// say only what a field is in the beginning, so it is the properties of these names that are written.
type Binding struct{ attrs []tree.Attr }

// BindAttr is an attribute with a value that changes. Addresses are checked, see [URLAttr].
func BindAttr[S Address](name string, v signals.Readable[S]) Binding {
	tree.CheckAttr(name)
	var none S
	_, trusted := any(none).(TrustedURL)
	return bind(tree.Attr{Name: name, Trusted: trusted, Get: func(r *signals.Reader) (string, bool) {
		return string(v.Get(r)), true
	}})
}

// BindStyle is a style property with a value that changes; the empty one is none. See [Style].
func BindStyle(property string, v signals.Readable[string]) Binding {
	tree.CheckStyle(property)
	return bind(tree.Attr{Kind: tree.Style, Name: property, Get: func(r *signals.Reader) (string, bool) {
		return v.Get(r), true
	}})
}

// ClassIf is a class that the element has as long as a condition holds.
func ClassIf(names string, cond signals.Readable[bool]) Binding { return Class(names).If(cond) }

// BindValue ties the value of a field to a signal: what somebody enters is written to the signal, what the program writes
// there is shown. While somebody composes a character, with an input method of their language, neither happens.
func BindValue(s *signals.Signal[string]) Binding {
	return bind(tree.Attr{
		Name: "value",
		Get:  func(r *signals.Reader) (string, bool) { return s.Get(r), true },
		Set:  func(value string, _ bool) { s.Set(value) },
	})
}

// BindChecked ties a box to a signal: ticking it is written there, and what the program writes there is shown.
func BindChecked(s *signals.Signal[bool]) Binding {
	return bind(tree.Attr{
		Name: "checked", Flag: true,
		Get: func(r *signals.Reader) (string, bool) { return "", s.Get(r) },
		Set: func(_ string, on bool) { s.Set(on) },
	})
}

func bind(a tree.Attr) Binding { return Binding{[]tree.Attr{a}} }
