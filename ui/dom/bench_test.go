//go:build js && browser

package dom_test

import (
	"strconv"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

// Each benchmark is over a thousand rows; rows/ms is the number to look at. The rows of BenchmarkByHand are made as one
// would with syscall/js alone, element by element, and those of BenchmarkOneText as one text, in which nothing can change.
const thousand = 1000

func perRow(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(thousand*b.N)/float64(b.Elapsed().Milliseconds()), "rows/ms")
}

func row(s *signals.Scope, item signals.Readable[item]) ui.Node {
	return ui.Li(ui.Class("row"), ui.TextOf(item, textOf), ui.Button(ui.OnClick(func() {}), "x"))
}

func ids(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func BenchmarkByHand(b *testing.B) {
	p := newPage(b)
	for b.Loop() {
		p.root.Call("replaceChildren")
		for i := range thousand {
			li, button := document.Call("createElement", "li"), document.Call("createElement", "button")
			li.Set("className", "row")
			li.Call("appendChild", document.Call("createTextNode", "#"+strconv.Itoa(i)))
			button.Call("appendChild", document.Call("createTextNode", "x"))
			li.Call("appendChild", button)
			p.root.Call("appendChild", li)
		}
	}
	perRow(b)
}

func BenchmarkOneText(b *testing.B) {
	p := newPage(b)
	for b.Loop() {
		var html []byte
		for i := range thousand {
			html = append(strconv.AppendInt(append(html, `<li class="row">#`...), int64(i), 10), "<button>x</button></li>"...)
		}
		p.root.Set("innerHTML", string(html))
	}
	perRow(b)
}

// forRows is a page with a list.
func forRows(b *testing.B, n int) (*page, *signals.Signal[[]item]) {
	b.Helper()
	var items *signals.Signal[[]item]
	p := mount(b, func(p *page, s *signals.Scope) ui.Node {
		items = signals.NewFunc(p.g, numbered(ids(n)...), nil)
		return ui.Ul(ui.For(items, func(i item) int { return i.id }, row))
	})
	return p, items
}

// Create: a list of a thousand rows, each with a text that is bound and a button.
func BenchmarkFor_create(b *testing.B) {
	p, items := forRows(b, 0)
	list := numbered(ids(thousand)...)
	for b.Loop() {
		items.Set(nil)
		p.g.Flush()
		items.Set(list)
		p.g.Flush()
	}
	perRow(b)
}

// Update: each of a thousand rows has another text.
func BenchmarkFor_update(b *testing.B) {
	p, items := forRows(b, thousand)
	lists := [2][]item{numbered(ids(thousand)...), numbered(ids(thousand)...)}
	for i := range lists[1] {
		lists[1][i].text += "!"
	}
	for n := 1; b.Loop(); n++ {
		items.Set(lists[n%2])
		p.g.Flush()
	}
	perRow(b)
}

// Update of one: the list is another, one row's text too.
func BenchmarkFor_updateOne(b *testing.B) {
	p, items := forRows(b, thousand)
	list := numbered(ids(thousand)...)
	for n := 0; b.Loop(); n++ {
		list[n%thousand].text = strconv.Itoa(n)
		items.Set(list)
		p.g.Flush()
	}
}

// Append: a thousand rows to a log, one at a time as messages come, behind a thousand that are there.
func BenchmarkEach_append(b *testing.B) {
	var list *signals.List[item]
	p := mount(b, func(p *page, s *signals.Scope) ui.Node {
		list = signals.NewList[item](p.g, thousand)
		list.Append(numbered(ids(thousand)...)...)
		return ui.Ul(ui.Each(list, func(s *signals.Scope, i item) ui.Node {
			return ui.Li(ui.Class("row"), i.text, ui.Button(ui.OnClick(func() {}), "x"))
		}))
	})
	for b.Loop() {
		for i := range thousand {
			list.Append(item{i, "appended"})
			p.g.Flush()
		}
	}
	perRow(b)
}

// The same in batches of fifty, as they come in a burst.
func BenchmarkEach_appendFifty(b *testing.B) {
	var list *signals.List[item]
	p := mount(b, func(p *page, s *signals.Scope) ui.Node {
		list = signals.NewList[item](p.g, thousand)
		list.Append(numbered(ids(thousand)...)...)
		return ui.Ul(ui.Each(list, func(s *signals.Scope, i item) ui.Node {
			return ui.Li(ui.Class("row"), i.text, ui.Button(ui.OnClick(func() {}), "x"))
		}))
	})
	for b.Loop() {
		for i := range thousand {
			list.Append(item{i, "appended"})
			if i%50 == 49 {
				p.g.Flush()
			}
		}
	}
	perRow(b)
}

// One event with a handler, of a thousand elements that have some.
func BenchmarkClick(b *testing.B) {
	clicks := 0
	p := mount(b, func(p *page, s *signals.Scope) ui.Node {
		var rows []ui.Node
		for range thousand {
			rows = append(rows, ui.Li(ui.Button(ui.OnClick(func() { clicks++ }), "x")))
		}
		return ui.Ul(rows)
	})
	button := p.all("button")[thousand/2]
	for b.Loop() {
		button.Call("click")
	}
	assert.True(b, clicks >= b.N, "all were heard")
}

// Each of a thousand elements is moved, in one batch, as in an animation.
func BenchmarkStyle(b *testing.B) {
	places := make([]*signals.Signal[int], thousand)
	p := mount(b, func(p *page, s *signals.Scope) ui.Node {
		var rows []ui.Node
		for i := range places {
			places[i] = signals.New(p.g, 0)
			rows = append(rows, ui.Li(ui.BindStyle("translate", signals.Map(places[i], func(x int) string { return strconv.Itoa(x) + "px 12.5px" }))))
		}
		return ui.Ul(rows)
	})
	for n := 1; b.Loop(); n++ {
		p.g.Batch(func() {
			for _, place := range places {
				place.Set(n)
			}
		})
		p.g.Flush()
	}
	perRow(b)
}
