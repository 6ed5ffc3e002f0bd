//go:build js && browser

package dom_test

import (
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

func TestBindValue(t *testing.T) {
	var text *signals.Signal[string]
	var l log
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "first")
		return ui.Div(
			ui.Input(ui.OnInput(func(string) { l.add(text.Peek()) }), ui.BindValue(text)),
			ui.Textarea(ui.BindValue(text)),
			ui.Select(ui.BindValue(text), ui.Option("second"), ui.Option("first"), ui.Option("third")),
			ui.P(text),
		)
	})
	fields := p.all("input, textarea, select")
	assert.Equal(t, join(fields, "value"), "first,first,first")
	enter(fields[0], "second")
	assert.Equal(t, l.take(), "second", "the signal is written before other handlers are called")
	p.g.Flush()
	assert.Equal(t, join(fields, "value"), "second,second,second")
	enter(fields[2], "third")
	p.g.Flush()
	assert.Equal(t, join(fields, "value"), "third,third,third")
	text.Set("")
	p.g.Flush()
	assert.Equal(t, fields[0].Get("value").String(), "")
	enter(fields[1], "more")
	p.want(`<div><input value="first"><textarea>first</textarea><select><option>second</option><option selected="">first</option><option>third</option></select><p>more</p></div>`)
}

// The caret stays where it is unless the program writes something else than what is there.
func TestBindValue_caret(t *testing.T) {
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "hello")
		return ui.Input(ui.BindValue(text))
	})
	field := p.find("input")
	field.Call("focus")
	field.Call("setSelectionRange", 2, 2)
	field.Call("setRangeText", "XX", 2, 2, "end")

	// Not every browser leaves the caret where it is when the same value is written again.
	writes := 0
	property := js.Global().Get("Object").Call("getOwnPropertyDescriptor", js.Global().Get("HTMLInputElement").Get("prototype"), "value")
	set := js.FuncOf(func(field js.Value, args []js.Value) any {
		writes++
		return property.Get("set").Call("call", field, args[0])
	})
	defer set.Release()
	js.Global().Get("Object").Call("defineProperty", field, "value", map[string]any{"get": property.Get("get"), "set": set})

	fire(field, "InputEvent", "input", nil)
	p.g.Flush()
	assert.Equal(t, writes, 0, "writes of what is there already")
	assert.Equal(t, text.Peek(), "heXXllo")
	assert.Equal(t, field.Get("selectionStart").Int(), 4, "the caret")
	text.Set("other")
	text.Set("heXXllo")
	p.g.Flush()
	assert.Equal(t, field.Get("selectionStart").Int(), 4, "the caret")
	text.Set("other")
	p.g.Flush()
	assert.Equal(t, writes, 1, "a write of something else")
}

// A handler that writes something else, or back what was, is shown: the field follows the signal.
func TestBindValue_controlled(t *testing.T) {
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "ab")
		return ui.Input(ui.BindValue(text), ui.OnInput(func(v string) {
			if v = strings.ToLower(v); len(v) > 2 {
				v = v[:2]
			}
			text.Set(v)
		}))
	})
	field := p.find("input")
	enter(field, "abc")
	p.g.Flush()
	assert.Equal(t, field.Get("value").String(), "ab", "the signal is what it was, no effect has run")
	enter(field, "X")
	p.g.Flush()
	assert.Equal(t, field.Get("value").String(), "x")
}

// While a character is composed the field is neither read nor written.
func TestBindValue_composing(t *testing.T) {
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "")
		return ui.Input(ui.BindValue(text))
	})
	field := p.find("input")
	compose := func(steps ...string) {
		fire(field, "CompositionEvent", "compositionstart", nil)
		for _, step := range steps {
			field.Set("value", step)
			fire(field, "InputEvent", "input", map[string]any{"isComposing": true})
		}
		p.g.Flush()
	}
	end := func() {
		fire(field, "CompositionEvent", "compositionend", nil)
		p.g.Flush()
	}
	compose("n", "ni", "に")
	assert.Equal(t, text.Peek(), "", "not read")
	text.Set("from the program")
	p.g.Flush()
	assert.Equal(t, field.Get("value").String(), "に", "not written")
	end()
	assert.Equal(t, text.Peek(), "に", "what was composed counts")
	assert.Equal(t, field.Get("value").String(), "に")

	compose()
	text.Set("from the program")
	p.g.Flush()
	assert.Equal(t, field.Get("value").String(), "に", "not written")
	end()
	assert.Equal(t, field.Get("value").String(), "from the program", "nothing was composed after all")
	assert.Equal(t, text.Peek(), "from the program")

	enter(field, "typed")
	assert.Equal(t, text.Peek(), "typed", "and on it goes")
}

func TestBindChecked(t *testing.T) {
	var on *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		on = signals.New(p.g, true)
		return ui.Input(ui.Type("checkbox"), ui.BindChecked(on))
	})
	box := p.find("input")
	assert.Equal(t, box.Get("checked").Bool(), true)
	box.Call("click")
	assert.Equal(t, on.Peek(), false)
	on.Set(true)
	p.g.Flush()
	assert.Equal(t, box.Get("checked").Bool(), true)
}
