//go:build js && browser

package dom_test

import (
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

func TestAttr(t *testing.T) {
	var title, width *signals.Signal[string]
	var on *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		title, width, on = signals.New(p.g, "one"), signals.New(p.g, "1px"), signals.New(p.g, false)
		return ui.Div(
			ui.Class("a b"), ui.ClassIf("c d", on), ui.ClassIf("e", signals.Not(on)),
			ui.BindAttr("title", title), ui.Hidden().If(on), ui.Aria("busy", "true").If(on),
			ui.Style("color", "red"), ui.BindStyle("width", width), ui.Style("--x", "1").If(on),
		)
	})
	div := p.find("div")
	p.want(`<div title="one" class="a b e" style="color: red; width: 1px;"></div>`)
	added, removed, written := changes(t, p.root, func() {
		on.Set(true)
		title.Set("two")
		p.want(`<div title="two" class="a b c d" style="color: red; width: 1px; --x: 1;" hidden="" aria-busy="true"></div>`)
	})
	assert.Equal(t, []int{added, removed, written}, []int{0, 0, 7})
	on.Set(false)
	width.Set("1px; background: url(//x)")
	p.want(`<div title="two" class="a b e" style="color: red;"></div>`)
	assert.True(t, p.find("div").Equal(div), "the same element")
}

// A content security policy that forbids style attributes is in force here: the page's server sends it.
func TestStyle_policy(t *testing.T) {
	p := mount(t, func(p *page, s *signals.Scope) ui.Node { return ui.Div(ui.Style("width", "7px")) })
	width := func() string {
		return js.Global().Call("getComputedStyle", p.find("div")).Get("width").String()
	}
	assert.Equal(t, width(), "7px")
	p.root.Set("innerHTML", `<div style="width: 7px"></div>`)
	assert.True(t, width() != "7px", "the policy forbids what this package avoids")
}

func TestURL(t *testing.T) {
	const script = "java\nscript:window.hacked=1"
	var url *signals.Signal[string]
	var trusted *signals.Signal[ui.TrustedURL]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		url, trusted = signals.New(p.g, script), signals.New(p.g, ui.TrustedURL("data:,1"))
		return ui.Fragment(
			ui.A(ui.Href(script)), ui.A(ui.Href("/x?a=1&b=2")), ui.A(ui.BindAttr("href", url)), ui.A(ui.BindAttr("href", trusted)),
			ui.A(ui.Href(script).If(signals.New(p.g, true))),
		)
	})
	p.want(`<a href="about:invalid"></a><a href="/x?a=1&amp;b=2"></a><a href="about:invalid"></a><a href="data:,1"></a><a href="about:invalid"></a>`)
	url.Set("https://example.com")
	trusted.Set("data:,2")
	p.want(`<a href="about:invalid"></a><a href="/x?a=1&amp;b=2"></a><a href="https://example.com"></a><a href="data:,2"></a><a href="about:invalid"></a>`)
	url.Set(script)
	p.want(`<a href="about:invalid"></a><a href="/x?a=1&amp;b=2"></a><a href="about:invalid"></a><a href="data:,2"></a><a href="about:invalid"></a>`)
}

// What somebody has ticked or entered, an attribute does not change any more: the property does.
func TestProperty(t *testing.T) {
	var value *signals.Signal[string]
	var on *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		value, on = signals.New(p.g, "a"), signals.New(p.g, true)
		return ui.Form(
			ui.Input(ui.BindAttr("value", value)), ui.Input(ui.ID("box"), ui.Type("checkbox"), ui.Checked().If(on)),
			ui.Select(ui.BindAttr("value", value), ui.Option("x"), ui.Option(ui.Value("a"), "A"), ui.Option("b")),
			ui.Textarea(ui.BindAttr("value", value)),
		)
	})
	check := func(value string, on bool) {
		t.Helper()
		p.g.Flush()
		assert.Equal(t, join(p.all("input:not(#box), select, textarea"), "value"), value+","+value+","+value)
		assert.Equal(t, p.find("#box").Get("checked").Bool(), on)
	}
	check("a", true)
	p.find("input").Set("value", "typed")
	p.find("#box").Set("checked", false)
	value.Set("b")
	on.Set(false)
	check("b", false)
	p.find("#box").Set("checked", false)
	on.Set(true)
	check("b", true)
}

// All ways to name a style property lead to it, and a name that is none's to nothing.
func TestStyle_names(t *testing.T) {
	names := map[string]string{
		"width": " width: 1px;", "WIDTH": " width: 1px;", "margin-left": " margin-left: 1px;", "--x": " --x: 1px;", "--A-b_1": " --A-b_1: 1px;",
		"marginLeft": "", "cssText": "", "length": "", "item": "", "nothing": "",
	}
	var value *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		value = signals.New(p.g, "")
		list := []ui.Node{ui.P(ui.ID("float"), ui.Style("float", "left"))}
		for name := range names {
			list = append(list, ui.P(ui.ID(name), ui.BindStyle(name, value), ui.Style("color", "red")))
		}
		return ui.Div(list)
	})
	style := func(id string) string { return p.find("#" + id).Get("style").Get("cssText").String() }
	for _, now := range []string{"1px", "1px; color: blue", "1px", ""} { // the second is refused
		value.Set(now)
		p.g.Flush()
		for name, want := range names {
			if now != "1px" {
				want = ""
			}
			assert.Equal(t, style(name), "color: red;"+want, "%s: %s", name, now)
		}
	}
	assert.Equal(t, style("float"), "float: left;")
}
