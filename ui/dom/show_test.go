//go:build js && browser

package dom_test

import (
	"strconv"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

func TestShow(t *testing.T) {
	var l log
	var open, other *signals.Signal[bool]
	var text *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		open, other, text = signals.New(p.g, false), signals.New(p.g, true), signals.New(p.g, "a")
		return ui.Div(
			"(", ui.Show(open, func(s *signals.Scope) ui.Node {
				l.add("built")
				s.OnCleanup(l.note("ended"))
				return ui.Fragment("open ", ui.B(text), text, ui.ShowElse(other,
					func(s *signals.Scope) ui.Node {
						s.OnCleanup(l.note("inside ended,"))
						return ui.Text("yes")
					},
					func(s *signals.Scope) ui.Node { return ui.Text("no") }))
			}), ")",
		)
	})
	p.want("<div>()</div>")
	assert.Equal(t, l.take(), "")
	for range 2 {
		open.Set(true)
		p.want("<div>(open <b>a</b>ayes)</div>")
		assert.Equal(t, l.take(), "built")
		text.Set("b")
		other.Set(false)
		p.want("<div>(open <b>b</b>bno)</div>")
		assert.Equal(t, l.take(), "inside ended,")
		other.Set(true)
		text.Set("a")
		p.want("<div>(open <b>a</b>ayes)</div>")
		open.Set(false)
		p.want("<div>()</div>")
		assert.Equal(t, l.take(), "inside ended, ended")
		text.Set("c")
		text.Set("a")
		p.want("<div>()</div>")
	}
	open.Set(true)
	p.g.Flush()
	l.take()
	p.unmount()
	assert.Equal(t, l.take(), "inside ended, ended", "by unmounting")
}

func TestSwitch(t *testing.T) {
	var l log
	var n *signals.Signal[int]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		n = signals.New(p.g, 1)
		half := signals.NewMemoFunc(p.g, func(r *signals.Reader) int { return n.Get(r) / 2 }, nil) // a change at each run
		return ui.Switch(half, func(s *signals.Scope, n int) ui.Node {
			s.OnCleanup(l.note("-" + strconv.Itoa(n)))
			l.add("+" + strconv.Itoa(n))
			return ui.P(n)
		})
	})
	p.want("<p>0</p>")
	n.Set(2)
	p.want("<p>1</p>")
	element := p.find("p")
	n.Set(3)
	p.want("<p>1</p>")
	assert.True(t, p.find("p").Equal(element), "an equal value changes nothing")
	n.Set(4)
	p.want("<p>2</p>")
	assert.Equal(t, l.take(), "+0 -0 +1 -1 +2")
}

// What is inside of a branch that is about to go does not run any more: it may not be able to.
func TestShow_endsBeforeItsInside(t *testing.T) {
	type user struct{ name string }
	var who *signals.Signal[*user]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		who = signals.New(p.g, &user{"Ada"})
		there := signals.NewMemo(p.g, func(r *signals.Reader) bool { return who.Get(r) != nil })
		return ui.Div(ui.Show(there, func(*signals.Scope) ui.Node {
			return ui.P(func(r *signals.Reader) string { return who.Get(r).name })
		}))
	})
	p.want("<div><p>Ada</p></div>")
	who.Set(nil)
	p.want("<div></div>")
	who.Set(&user{"Grace"})
	p.want("<div><p>Grace</p></div>")
	who.Set(nil)
	p.want("<div></div>")
	assert.Equal(t, p.panics, []string(nil))
}

// Places where only some elements may be.
func TestShow_inTable(t *testing.T) {
	var on *signals.Signal[bool]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		on = signals.New(p.g, false)
		row := func(*signals.Scope) ui.Node {
			return ui.Tr(ui.Td("cell"), ui.Show(on, func(*signals.Scope) ui.Node { return ui.Td("more") }))
		}
		return ui.Fragment(
			ui.Table(ui.Tbody(ui.Show(on, row))), ui.Select(ui.Show(on, func(*signals.Scope) ui.Node { return ui.Option("o") })),
			ui.SVG(ui.Show(on, func(*signals.Scope) ui.Node { return ui.G(ui.Circle(ui.Attr("r", "1"))) })),
		)
	})
	p.want("<table><tbody></tbody></table><select></select><svg></svg>")
	on.Set(true)
	p.want(`<table><tbody><tr><td>cell</td><td>more</td></tr></tbody></table><select><option>o</option></select><svg><g><circle r="1"></circle></g></svg>`)
	assert.Equal(t, p.find("circle").Get("namespaceURI").String(), "http://www.w3.org/2000/svg")
}
