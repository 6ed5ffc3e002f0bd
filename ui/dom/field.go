//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// field is a property of an element that somebody can change, tied to a signal.
type field struct {
	m    *mount
	at   *place
	attr *tree.Attr

	composing bool   // a character is being composed, which writing to the element would break off
	before    string // what was in the element when that began
	missed    bool   // the signal has changed since
}

// field is that of the element which is written at present.
func (p *piece) field(a *tree.Attr) *field {
	if a.Set == nil {
		return nil
	}
	for i := len(p.fields) - 1; ; i-- {
		if f := p.fields[i]; f.attr == a && f.at == p.at {
			return f
		}
	}
}

// listen gives what listens to the element.
func (f *field) listen() []tree.Handler {
	return []tree.Handler{
		{Type: "input", Handle: f.input},
		{Type: "compositionstart", Handle: f.compose},
		{Type: "compositionend", Handle: f.composed},
	}
}

func (f *field) input(e any) {
	if !f.composing && !e.(ui.Event).Composing() {
		f.take()
		f.settle()
	}
}

func (f *field) compose(any) {
	f.composing, f.missed = true, false
	f.before, _ = f.now()
}

func (f *field) composed(any) {
	f.composing = false
	if now, _ := f.now(); now != f.before || !f.missed {
		f.take()
	}
	f.settle()
}

// settle shows what the signal has become when all handlers of the event have been called: if they have given it the value
// back that it had, no effect runs.
func (f *field) settle() {
	f.m.late = append(f.m.late, func() { f.show(f.attr.Get(nil)) })
}

// now is what is in the element.
func (f *field) now() (value string, on bool) {
	got := f.at.node.Get(f.attr.Name)
	if got.Type() == js.TypeBoolean {
		return "", got.Bool()
	}
	return got.String(), true
}

// take writes to the signal what is in the element.
func (f *field) take() { f.attr.Set(f.now()) }

// show writes to the element, unless it is there already: the caret would jump.
func (f *field) show(value string, on bool) {
	if f.composing {
		f.missed = true
		return
	}
	if nowValue, nowOn := f.now(); nowValue != value || nowOn != on {
		setProperty(f.at.node, f.attr.Name, value, on)
	}
}

// setProperty sets one of the properties value, checked and selected.
func setProperty(node js.Value, name, value string, on bool) {
	switch {
	case name != "value":
		node.Set(name, on)
	case on:
		node.Set(name, value)
	default:
		node.Set(name, "")
	}
}
