//go:build js && browser

package dom_test

import (
	"maps"
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/dom"
)

// log notes what has happened.
type log struct{ lines []string }

func (l *log) add(line string) { l.lines = append(l.lines, line) }

func (l *log) note(line string) func() { return func() { l.add(line) } }

// take gives what was noted since.
func (l *log) take() string {
	lines := strings.Join(l.lines, " ")
	l.lines = nil
	return lines
}

func TestEvents(t *testing.T) {
	var l log
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		return ui.Div(
			ui.OnClick(l.note("div")),
			ui.Button(ui.ID("a"), ui.OnClick(l.note("a1")), ui.OnClick(l.note("a2")), ui.Span("deep")),
			ui.Button(ui.ID("b"), ui.On("click", func(e ui.Event) {
				l.add("b")
				e.StopPropagation()
			})),
			ui.Form(ui.OnSubmit(l.note("submit")), ui.Button(ui.ID("go"), ui.OnClick(l.note("go")))),
			ui.Input(ui.OnInput(l.add), ui.OnChange(func(v string) { l.add("changed:" + v) }),
				ui.OnEnter(l.note("enter")), ui.OnKey("Escape", l.note("escape")),
				ui.On("focus", func(e ui.Event) { l.add(e.Type()) })),
			ui.P(ui.On("pointermove", func(e ui.Event) {
				x, y := e.Position()
				if x == 3 && y == 4 && e.Shift() && !e.Ctrl() && dom.JS(e).Get("pointerId").Int() == 5 {
					l.add("moved")
				}
			})),
		)
	})
	click := func(selector, want string) {
		t.Helper()
		p.click(selector)
		assert.Equal(t, l.take(), want, selector)
	}
	click("#a", "a1 a2 div")
	click("#a span", "a1 a2 div")
	click("#b", "b")
	click("#go", "go div submit") // and the page is not left
	click("form", "div")

	field := p.find("input")
	enter(field, "typed")
	fire(field, "Event", "change", nil)
	assert.Equal(t, l.take(), "typed changed:typed")
	field.Call("focus")
	assert.Equal(t, l.take(), "focus", "events that do not bubble")
	for _, row := range []struct {
		key  string
		init map[string]any
		want string
	}{
		{"Enter", nil, "enter"},
		{"Escape", nil, "escape"},
		{"x", nil, ""},
		{"Enter", map[string]any{"shiftKey": true}, ""},
		{"Enter", map[string]any{"isComposing": true}, ""},
	} {
		init := map[string]any{"key": row.key}
		maps.Copy(init, row.init)
		browserActs := fire(field, "KeyboardEvent", "keydown", init)
		assert.Equal(t, l.take(), row.want, row.key)
		assert.Equal(t, browserActs, row.want == "", "default of "+row.key)
	}
	fire(p.find("p"), "PointerEvent", "pointermove", map[string]any{"clientX": 3, "clientY": 4, "shiftKey": true, "pointerId": 5})
	assert.Equal(t, l.take(), "moved")

	assert.Equal(t, dom.Funcs(), 7, "click, submit, input, change, keydown, focus, pointermove")
	button := p.find("#a")
	p.unmount()
	assert.Equal(t, dom.Funcs(), 0, "released")
	p.root.Call("append", button)
	button.Call("click")
	assert.Equal(t, l.take(), "", "nobody listens any more")
	p.root.Call("replaceChildren")
}

// However many elements have handlers, JavaScript holds one function.
func TestEvents_delegated(t *testing.T) {
	var l log
	var rows *signals.List[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		rows = signals.NewList[string](p.g, 100)
		return ui.Ul(ui.Each(rows, func(s *signals.Scope, text string) ui.Node {
			return ui.Li(ui.Button(ui.OnClick(l.note(text)), text))
		}))
	})
	for range 300 {
		rows.Append("x")
	}
	rows.Append("last")
	p.g.Flush()
	assert.Equal(t, dom.Funcs(), 1)
	p.click("li:last-child button")
	assert.Equal(t, l.take(), "last")
	gone := p.find("li:first-child button")
	rows.Append("more")
	p.g.Flush()
	p.root.Call("append", gone)
	gone.Call("click")
	assert.Equal(t, l.take(), "", "the handlers of a row end with it")
}

// A handler that removes what it belongs to keeps the others from being called, as they have ended.
func TestEvents_removeThemselves(t *testing.T) {
	var l log
	var open *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		open = signals.New(p.g, true)
		return ui.Div(ui.OnClick(l.note("div")), ui.Show(open, func(*signals.Scope) ui.Node {
			return ui.P(ui.OnClick(l.note("p")), ui.Button(ui.OnClick(func() {
				l.add("close")
				open.Set(false)
				p.g.Flush()
			})))
		}))
	})
	p.click("button")
	assert.Equal(t, l.take(), "close div")
	p.want("<div></div>")
}

func TestOnMount(t *testing.T) {
	var l log
	var open *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		open = signals.New(p.g, false)
		field := func(*signals.Scope) ui.Node {
			return ui.Input(ui.OnMount(func(e any) {
				field := e.(js.Value)
				field.Call("focus")
				l.add(field.Get("tagName").String())
			}))
		}
		return ui.Div(field(s), ui.Show(open, field))
	})
	assert.Equal(t, l.take(), "INPUT")
	open.Set(true)
	p.g.Flush()
	assert.Equal(t, l.take(), "INPUT")
	assert.True(t, p.all("input")[1].Equal(document.Get("activeElement")), "it was in the page")
}
