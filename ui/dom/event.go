//go:build js

package dom

import (
	"strconv"
	"syscall/js"

	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// funcs is how many functions JavaScript holds, but for that of the microtask.
var funcs int

func newFunc(f func(js.Value, []js.Value) any) js.Func {
	funcs++
	return js.FuncOf(f)
}

func release(f js.Func) {
	funcs--
	f.Release()
}

// Events notes the event handlers of an element.
func (p *piece) Events(e *tree.Element, number int) {
	handlers := e.Handlers
	for i := range e.Attrs {
		if a := &e.Attrs[i]; a.Set != nil {
			f := &field{m: p.m, at: p.at, attr: a}
			p.fields = append(p.fields, f)
			handlers = append(f.listen(), handlers...) // its own come first, so that the others see what was entered
		}
	}
	m, mark := p.m, strconv.Itoa(number)
	m.heard[mark] = handlers
	p.scope.OnCleanup(func() { delete(m.heard, mark) })
	for _, h := range handlers {
		m.listen(h.Type)
	}
}

// listen has a type of event listened to, for the whole page.
func (m *mount) listen(kind string) {
	if _, ok := m.events[kind]; ok {
		return
	}
	f := newFunc(func(_ js.Value, args []js.Value) any {
		m.dispatch(kind, args[0])
		return nil
	})
	m.events[kind] = f
	m.root.Call("addEventListener", kind, f, map[string]any{"capture": !bubbles(kind), "passive": false})
}

// bubbles reports whether events of a type come by at the elements around. The others are seen on their way down.
func bubbles(kind string) bool {
	switch kind {
	case "focus", "blur", "mouseenter", "mouseleave", "pointerenter", "pointerleave", "load", "error", "abort", "scroll", "scrollend",
		"toggle", "beforetoggle", "close", "cancel", "invalid", "play", "playing", "pause", "ended", "timeupdate", "volumechange",
		"loadeddata", "loadedmetadata", "loadstart", "progress", "canplay", "canplaythrough", "durationchange", "ratechange",
		"seeked", "seeking", "stalled", "suspend", "waiting", "emptied":
		return false
	}
	return true
}

// dispatch calls the handlers of an event, from the inside out.
func (m *mount) dispatch(kind string, e js.Value) {
	defer m.settle()
	ev := &event{js: e, target: e.Get("target")}
	const elementNode = 1
	if ev.target.Get("nodeType").Int() != elementNode {
		return
	}
	if !bubbles(kind) {
		m.call(kind, ev, ev.target.Call("getAttribute", tree.MarkEvents))
		return
	}
	var marks []js.Value // all of them before the first is called, which may change the page
	for at := ev.target; ; at = at.Get("parentNode") {
		at = at.Call("closest", "["+tree.MarkEvents+"],["+markRoot+"]")
		if at.IsNull() || at.Equal(m.root) {
			break
		}
		marks = append(marks, at.Call("getAttribute", tree.MarkEvents))
	}
	for _, mark := range marks {
		if ev.stopped {
			return
		}
		m.call(kind, ev, mark)
	}
}

// call calls the handlers of an element, by its mark; null if it has none.
func (m *mount) call(kind string, ev *event, mark js.Value) {
	for _, h := range m.heard[text(mark)] {
		if h.Type == kind {
			try(func() { h.Handle(ev) }, m.onPanic)
		}
	}
}

// settle does what was left for the end of an event.
func (m *mount) settle() {
	late := m.late
	m.late = nil
	for _, f := range late {
		try(f, m.onPanic)
	}
}

// event is a ui.Event.
type event struct {
	js, target js.Value
	stopped    bool
}

var _ ui.Event = (*event)(nil)

// JS is the event as JavaScript has it, for what ui.Event does not tell.
func JS(e ui.Event) js.Value { return e.(*event).js }

func (e *event) Type() string    { return e.js.Get("type").String() }
func (e *event) Value() string   { return text(e.target.Get("value")) }
func (e *event) Checked() bool   { return e.target.Get("checked").Truthy() }
func (e *event) Key() string     { return text(e.js.Get("key")) }
func (e *event) Shift() bool     { return e.js.Get("shiftKey").Truthy() }
func (e *event) Ctrl() bool      { return e.js.Get("ctrlKey").Truthy() }
func (e *event) Alt() bool       { return e.js.Get("altKey").Truthy() }
func (e *event) Meta() bool      { return e.js.Get("metaKey").Truthy() }
func (e *event) Composing() bool { return e.js.Get("isComposing").Truthy() }

func (e *event) Position() (x, y float64) {
	px, py := e.js.Get("clientX"), e.js.Get("clientY")
	if px.Type() != js.TypeNumber || py.Type() != js.TypeNumber {
		return 0, 0
	}
	return px.Float(), py.Float()
}

func (e *event) PreventDefault() { e.js.Call("preventDefault") }

func (e *event) StopPropagation() {
	e.stopped = true
	e.js.Call("stopPropagation")
}

// text is a string of JavaScript's, "" if it is something else.
func text(v js.Value) string {
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}
