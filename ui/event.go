package ui

import (
	"strings"

	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Handler is a function that is called when something happens to the element. It must not wait for anything: the page stands
// still until it returns.
type Handler struct{ add func(*tree.Element) }

// Event is what has happened. It is of use only until the handler returns.
type Event interface {
	// Type is its name, such as "click".
	Type() string
	// Value is the value of the field to which it happened, "" if that is none.
	Value() string
	// Checked reports whether that is a box which is ticked.
	Checked() bool
	// Key is the key that was pressed, such as "a" or "Escape"; "" if none was.
	Key() string
	// Shift, Ctrl, Alt and Meta report whether these keys were held down.
	Shift() bool
	Ctrl() bool
	Alt() bool
	Meta() bool
	// Composing reports whether it is part of composing a character with an input method.
	Composing() bool
	// Position is where the pointer is in the window; 0, 0 if it has nothing to do with that.
	Position() (x, y float64)
	// PreventDefault keeps the browser from doing what it would.
	PreventDefault()
	// StopPropagation keeps the handlers of the elements around from being called.
	StopPropagation()
}

// On calls f for events of a type, whether they happen to the element or to one inside; events that browsers do not pass on
// to the elements around, such as focus, only to the element itself.
func On(event string, f func(Event)) Handler {
	if event == "" || strings.HasPrefix(event, "on") {
		panic("ui: no name for an event: " + event)
	}
	h := tree.Handler{Type: event, Handle: func(e any) { f(e.(Event)) }}
	return Handler{func(e *tree.Element) { e.Handlers = append(e.Handlers, h) }}
}

// OnClick calls f when somebody clicks on the element.
func OnClick(f func()) Handler { return On("click", func(Event) { f() }) }

// OnInput calls f with what is in a field, at each change.
func OnInput(f func(value string)) Handler { return On("input", func(e Event) { f(e.Value()) }) }

// OnChange calls f with what is in a field, when somebody has changed it and is done with that.
func OnChange(f func(value string)) Handler { return On("change", func(e Event) { f(e.Value()) }) }

// OnSubmit calls f when somebody submits a form, which the browser then does not send.
func OnSubmit(f func()) Handler {
	return On("submit", func(e Event) {
		e.PreventDefault()
		f()
	})
}

// OnKey calls f when a key is pressed by itself, and the browser then does nothing with it. Keys pressed to compose a
// character do not count.
func OnKey(key string, f func()) Handler {
	return On("keydown", func(e Event) {
		if e.Key() != key || e.Composing() || e.Shift() || e.Ctrl() || e.Alt() || e.Meta() {
			return
		}
		e.PreventDefault()
		f()
	})
}

// OnEnter is OnKey for the Enter key.
func OnEnter(f func()) Handler { return OnKey("Enter", f) }

// OnMount calls f with the element, a js.Value, once it is in a page: for what there is no other way to do, such as giving
// it the focus. In the text of package html there are no elements.
func OnMount(f func(element any)) Handler {
	return Handler{func(e *tree.Element) { e.Mounted = append(e.Mounted, f) }}
}
