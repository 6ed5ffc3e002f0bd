//go:build js && browser

package dom_test

import (
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/dom"
	"github.com/tandem-ws/tandem/ui/html"
)

func TestMount_errors(t *testing.T) {
	p := newPage(t)
	empty := func(*signals.Scope) ui.Node { return ui.P(ui.ID("inner")) }
	_, err := dom.Mount("#nowhere", empty, nil)
	assert.ErrorIs(t, err, dom.ErrElement)
	p.mount(empty)
	for _, selector := range []string{"#app", "#inner", "body"} {
		_, err = dom.Mount(selector, empty, nil)
		assert.ErrorIs(t, err, dom.ErrElement, selector)
	}
	p.unmount()
	p.unmount()

	ended := false
	_, err = dom.Mount("#app", func(s *signals.Scope) ui.Node {
		s.OnCleanup(func() { ended = true })
		return ui.Form(ui.Form(ui.Class("x").If(signals.New(s.Graph(), true))))
	}, nil)
	assert.ErrorIs(t, err, dom.ErrHTML)
	assert.True(t, ended, "its scope has ended")
	assert.Equal(t, p.html(), "")

	_, err = dom.Mount("#app", func(*signals.Scope) ui.Node { panic("at once") }, nil)
	assert.Equal(t, assert.ErrorAs[*signals.PanicError](t, err).Value, any("at once"))
	p.mount(empty)
	p.want(`<p id="inner"></p>`)
}

// Effects of the default graph run in a microtask, once for all that has changed.
func TestMount_microtask(t *testing.T) {
	p := newPage(t)
	runs := 0
	var a, b *signals.Signal[string]
	unmount, err := dom.Mount("#app", func(s *signals.Scope) ui.Node {
		a, b = signals.New(s.Graph(), "a"), signals.New(s.Graph(), "b")
		return ui.P(func(r *signals.Reader) string {
			runs++
			return a.Get(r) + b.Get(r)
		})
	}, nil)
	assert.NoError(t, err)
	p.unmount = unmount
	a.Set("1")
	b.Set("2")
	b.Set("3")
	assert.Equal(t, p.html(), "<p>ab</p>", "not at once")
	await(func(done js.Func) { js.Global().Call("queueMicrotask", done) })
	assert.Equal(t, p.html(), "<p>13</p>")
	assert.Equal(t, runs, 2)
}

// The console has the panic with its stack, the program is told, and everything else goes on.
func TestPanics(t *testing.T) {
	console := js.Global().Get("console")
	var printed []string
	log := console.Get("error")
	catch := js.FuncOf(func(_ js.Value, args []js.Value) any {
		printed = append(printed, args[0].String())
		return nil
	})
	console.Set("error", catch)
	defer catch.Release()
	defer console.Set("error", log)

	var text *signals.Signal[string]
	var list *signals.List[string]
	ended := 0
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text, list = signals.New(p.g, "a"), signals.NewList[string](p.g, 0)
		list.Append("one", "bad", "two")
		explodes := func(s *signals.Scope, text string) ui.Node {
			if text == "bad" {
				s.OnCleanup(func() { ended++ })
				panic("bad row")
			}
			return ui.Li(text)
		}
		all := signals.Readable[[]string](list)
		return ui.Div(
			ui.Button(ui.OnClick(func() { panic("in a handler") }), ui.OnClick(func() { text.Set(text.Peek() + "!") })),
			ui.P(func(r *signals.Reader) string {
				if v := text.Get(r); v != "a!" {
					return v
				}
				panic("in an effect")
			}),
			ui.B(text),
			ui.Ul(ui.Each(list, explodes)),
			ui.Ul(ui.For(all, func(s string) string { return s }, func(s *signals.Scope, item signals.Readable[string]) ui.Node {
				return explodes(s, item.Peek())
			})),
			ui.Switch(text, func(s *signals.Scope, v string) ui.Node {
				if v == "a!!" {
					panic("in a branch")
				}
				return ui.I(v)
			}),
			ui.P(func(*signals.Reader) string { panic("in the beginning") }),
		)
	})
	lists := "<ul><li>one</li><li>two</li></ul>"
	p.want("<div><button></button><p>a</p><b>a</b>" + lists + lists + "<i>a</i><p></p></div>")
	take := func() string {
		lines := strings.Join(p.panics, "; ")
		p.panics = nil
		return strings.ReplaceAll(lines, "signals: panic: ", "")
	}
	assert.Equal(t, take(), "bad row; bad row; in the beginning")
	assert.Equal(t, ended, 2, "scopes of bad rows")
	p.click("button")
	p.want("<div><button></button><p>a</p><b>a!</b>" + lists + lists + "<i>a!</i><p></p></div>")
	assert.Equal(t, take(), "in a handler; in an effect")
	p.click("button")
	list.Append("three", "bad")
	lists = "<ul><li>one</li><li>two</li><li>three</li></ul>"
	p.want("<div><button></button><p>a!!</p><b>a!!</b>" + lists + lists + "<p></p></div>")
	take()
	text.Set("b")
	list.Clear()
	list.Append("four")
	lists = "<ul><li>four</li></ul>"
	p.want("<div><button></button><p>b</p><b>b</b>" + lists + lists + "<i>b</i><p></p></div>")
	assert.Equal(t, take(), "")

	assert.True(t, len(printed) > 5, "all were written to the console")
	assert.True(t, strings.Contains(strings.Join(printed, ""), "mount_test.go"), "with the stack")
}

// Of what panics while it is written nothing is left, and the rows around do not get mixed up.
func TestPanics_halfway(t *testing.T) {
	var list *signals.List[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		list = signals.NewList[string](p.g, 3)
		list.Append("data-ui", "a")
		half := func(text string) ui.Node {
			return ui.Li(ui.B(ui.ClassIf("c", signals.New(p.g, true))), ui.RawHTML(text), "!")
		}
		return ui.Div(
			ui.Ul(ui.Each(list, func(_ *signals.Scope, text string) ui.Node { return half(text) })),
			ui.Ul(ui.For(signals.Readable[[]string](list), func(s string) string { return s },
				func(_ *signals.Scope, item signals.Readable[string]) ui.Node { return half(item.Peek()) })),
		)
	})
	want := func(texts ...string) {
		t.Helper()
		rows := ""
		for _, text := range texts {
			rows += `<li><b class="c"></b>` + text + `!</li>`
		}
		p.want("<div><ul>" + rows + "</ul><ul>" + rows + "</ul></div>")
	}
	want("a")
	list.Append("b")
	want("a", "b")
	list.Append("c")
	want("a", "b", "c")
	list.Append("d", "data-ui", "e")
	want("d", "e")
	list.Append("f")
	want("e", "f")
}

// Raw HTML may have comments of its own, and texts stay apart from it.
func TestRaw(t *testing.T) {
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "a")
		return ui.Div(text, ui.RawHTML("<!-- a comment --><b>raw</b> & more"), text, ui.RawHTML("raw"), ui.Show(signals.New(p.g, true), func(*signals.Scope) ui.Node { return ui.P(text) }))
	})
	text.Set("b")
	p.want("<div>b<!-- a comment --><b>raw</b> &amp; morebraw<p>b</p></div>")
}

func TestHydrate(t *testing.T) {
	component := func(l *log) (ui.Component, *hydrated) {
		h := &hydrated{}
		return func(s *signals.Scope) ui.Node {
			h.text, h.open = signals.New(s.Graph(), "a"), signals.New(s.Graph(), true)
			h.list = signals.NewList[string](s.Graph(), 0)
			h.list.Append("one", "two")
			return ui.Form(
				ui.Input(ui.BindValue(h.text)), ui.Style("color", "red"), "text: ", h.text,
				ui.Show(h.open, func(*signals.Scope) ui.Node { return ui.Button(ui.Type("button"), ui.OnClick(l.note("click")), "b") }),
				ui.Ul(ui.Each(h.list, func(s *signals.Scope, text string) ui.Node { return ui.Li(text, h.text) })),
				ui.Ul(ui.For(signals.Readable[[]string](h.list), func(s string) string { return s },
					func(s *signals.Scope, item signals.Readable[string]) ui.Node { return ui.Li(item) })),
			)
		}, h
	}
	served := func() string { // by the server
		page, _ := component(&log{})
		var b strings.Builder
		assert.NoError(t, html.Hydratable(&b, page(signals.NewScope(signals.NewGraph(nil)))))
		return b.String()
	}
	for _, same := range []bool{true, false} {
		p := newPage(t)
		text := served()
		if !same {
			text = strings.Replace(text, "ui-sum ", "ui-sum 1", 1)
		}
		p.root.Set("innerHTML", text)
		field, item := p.find("input"), p.find("li")
		field.Set("value", "typed meanwhile")
		var l log
		page, h := component(&l)
		unmount, err := dom.Hydrate("#app", page, &dom.Options{Graph: p.g, OnPanic: p.onPanic})
		assert.NoError(t, err)
		p.unmount = unmount
		p.g.Flush()
		assert.Equal(t, p.find("input").Equal(field), same, "the same nodes")
		assert.Equal(t, p.find("li").Equal(item), same, "the same nodes")
		value := "a"
		if same {
			value = "typed meanwhile"
		}
		assert.Equal(t, h.text.Peek(), value)
		lists := func(v string, more string) string {
			return "<ul><li>one" + v + "</li><li>two" + v + "</li>" + more + "</ul><ul><li>one</li><li>two</li>"
		}
		const form, button = `<form style="color: red;"><input value="a">text: `, `<button type="button">b</button>`
		p.want(form + value + button + lists(value, "") + "</ul></form>")
		p.click("button")
		assert.Equal(t, l.take(), "click")
		h.text.Set("b")
		h.open.Set(false)
		h.list.Append("three")
		p.want(form + "b" + lists("b", "<li>threeb</li>") + "<li>three</li></ul></form>")
		p.unmount()
		p.root.Call("remove")
	}
}

type hydrated struct {
	text *signals.Signal[string]
	open *signals.Signal[bool]
	list *signals.List[string]
}
