//go:build js && browser

package dom_test

import (
	"strconv"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

func TestText(t *testing.T) {
	var status *signals.Signal[string]
	var count *signals.Signal[int]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		status, count = signals.New(p.g, "open"), signals.New(p.g, 0)
		return ui.Fragment(
			ui.P("Status: ", status, "; ", ui.TextOf(count, strconv.Itoa), ui.TextOf(count, strconv.Itoa), "!"),
			ui.B(status),
			status,
		)
	})
	p.want("<p>Status: open; 00!</p><b>open</b>open")
	texts := []any{p.find("p").Get("childNodes").Index(2), p.find("b").Get("firstChild")}

	added, removed, written := changes(t, p.root, func() {
		status.Set("closed")
		count.Set(7)
		p.want("<p>Status: closed; 77!</p><b>closed</b>closed")
	})
	assert.Equal(t, []int{added, removed, written}, []int{0, 0, 5}, "one write for each text and nothing else")
	assert.Equal(t, []any{p.find("p").Get("childNodes").Index(2), p.find("b").Get("firstChild")}, texts, "the same nodes")

	status.Set("")
	p.want("<p>Status: ; 77!</p><b></b>")
	status.Set("again")
	p.want("<p>Status: again; 77!</p><b>again</b>again")

	p.unmount()
	status.Set("gone")
	p.want("")
}

// A change that leaves a text or an attribute what it is writes nothing.
func TestText_same(t *testing.T) {
	var n *signals.Signal[int]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		n = signals.New(p.g, 1)
		half := signals.NewMemoFunc(p.g, func(r *signals.Reader) string { return strconv.Itoa(n.Get(r) / 2) }, nil)
		return ui.P(ui.BindAttr("title", half), half)
	})
	n.Set(2)
	p.want(`<p title="1">1</p>`)
	n.Set(3)
	added, removed, written := changes(t, p.root, p.g.Flush)
	assert.Equal(t, []int{added, removed, written}, []int{0, 0, 0})
}

// A text that is empty in the beginning has no node yet.
func TestText_emptyFirst(t *testing.T) {
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		text = signals.New(p.g, "")
		return ui.Div(ui.P(text), ui.P("<", text, ">", text, text), text)
	})
	p.want("<div><p></p><p>&lt;&gt;</p></div>")
	text.Set("x")
	p.want("<div><p>x</p><p>&lt;x&gt;xx</p>x</div>")
	text.Set("y")
	p.want("<div><p>y</p><p>&lt;y&gt;yy</p>y</div>")
}

func TestText_hostile(t *testing.T) {
	hostile := []string{
		"<script>window.hacked = 1</script>", "<img src=x onerror='window.hacked = 1'>", "--><b>", "</p><b>", "&lt;b&gt;", "]]>",
		"\"><b>", "'><b>", "a\r\nb\rc", "\n\n x", "<!--ui-->", "\u2028", " data-ui", "</textarea><b>", "&#0;&amp",
	}
	for _, text := range hostile {
		var value *signals.Signal[string]
		p := mount(t, func(p *page, s *signals.Scope) ui.Node {
			value = signals.New(p.g, text)
			return ui.Div(
				ui.P(ui.ID("static"), ui.Title(text), text), ui.P(ui.ID("bound"), ui.BindAttr("title", value), value),
				ui.P(ui.ID("mixed"), text, value, text),
				ui.Pre(ui.ID("pre"), text), ui.Pre(ui.ID("boundpre"), value),
				ui.Textarea(ui.ID("area"), ui.Value(text)), ui.Input(ui.ID("input"), ui.Data("x", text)),
			)
		})
		check := func(text string) {
			t.Helper()
			p.g.Flush()
			assert.Equal(t, p.find("#bound").Get("textContent").String(), text)
			assert.Equal(t, p.find("#bound").Get("title").String(), text)
			assert.Equal(t, p.find("#boundpre").Get("textContent").String(), text)
			assert.Equal(t, len(p.all("*")), 8, p.html())
		}
		check(text)
		for _, id := range []string{"#static", "#pre"} {
			assert.Equal(t, p.find(id).Get("textContent").String(), text)
		}
		assert.Equal(t, p.find("#mixed").Get("textContent").String(), text+text+text)
		assert.Equal(t, p.find("#static").Get("title").String(), text)
		assert.Equal(t, p.find("#input").Get("dataset").Get("x").String(), text)
		assert.Equal(t, p.find("#area").Get("defaultValue").String(), text)
		value.Set("between")
		check("between")
		value.Set(text)
		check(text)
		p.unmount()
		p.root.Call("remove")
	}
	assert.True(t, document.Get("defaultView").Get("hacked").IsUndefined(), "no text was run")
}
