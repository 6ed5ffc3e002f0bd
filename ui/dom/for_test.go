//go:build js && browser

package dom_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

type item struct {
	id   int
	text string
}

// numbered is a list of items with these numbers.
func numbered(ids ...int) []item {
	list := make([]item, len(ids))
	for i, id := range ids {
		list[i] = item{id, "#" + strconv.Itoa(id)}
	}
	return list
}

// forPage has a list of items, with a heading before and something behind.
func forPage(t testing.TB, l *log, ids ...int) (p *page, items *signals.Signal[[]item]) {
	t.Helper()
	p = mount(t, func(p *page, s *signals.Scope) ui.Node {
		items = signals.NewFunc(p.g, numbered(ids...), nil)
		return ui.Ul("[", ui.For(items, func(i item) int { return i.id }, func(s *signals.Scope, item signals.Readable[item]) ui.Node {
			id := strconv.Itoa(item.Peek().id)
			s.OnCleanup(l.note("-" + id))
			l.add("+" + id)
			return ui.Li(ui.TextOf(item, textOf), ui.Input())
		}), "]")
	})
	return p, items
}

func textOf(i item) string { return i.text }

func listHTML(ids ...int) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString("<li>#" + strconv.Itoa(id) + "<input></li>")
	}
	return "<ul>[" + b.String() + "]</ul>"
}

func TestFor(t *testing.T) {
	var l log
	p, items := forPage(t, &l, 1, 2, 3)
	p.want(listHTML(1, 2, 3))
	assert.Equal(t, l.take(), "+1 +2 +3")
	rows := p.all("li")

	items.Set(numbered(3, 1, 2))
	p.want(listHTML(3, 1, 2))
	assert.Equal(t, p.all("li"), []js.Value{rows[2], rows[0], rows[1]}, "the same elements")
	assert.Equal(t, l.take(), "")

	items.Set(numbered(4, 3, 5, 6, 2))
	p.want(listHTML(4, 3, 5, 6, 2))
	assert.Equal(t, l.take(), "+4 +5 +6 -1")

	items.Set([]item{{4, "four"}, {3, "#3"}, {5, "#5"}, {6, "#6"}, {2, "#2"}})
	added, removed, written := changes(t, p.root, p.g.Flush)
	assert.Equal(t, []int{added, removed, written}, []int{0, 0, 1}, "only what has changed of an item is written")
	assert.Equal(t, p.find("li").Get("textContent").String(), "four")

	items.Set(nil)
	p.want(listHTML())
	l.take()
	items.Set(numbered(7, 8))
	p.want(listHTML(7, 8))
	p.unmount()
	assert.Equal(t, l.take(), "+7 +8 -8 -7")
}

// What reads an item runs again for items that have changed only, if those can be compared.
func TestFor_compare(t *testing.T) {
	for _, row := range []struct {
		same any // twice
		runs int
	}{{"x", 1}, {[1]any{"x"}, 1}, {[]string{"x"}, 2}, {[1]any{[]string{"x"}}, 2}} {
		runs := 0
		var items *signals.Signal[[]any]
		p := mount(t, func(p *page, s *signals.Scope) ui.Node {
			items = signals.NewFunc(p.g, []any{row.same}, nil)
			return ui.For(items, func(any) int { return 0 }, func(s *signals.Scope, item signals.Readable[any]) ui.Node {
				return ui.P(ui.TextOf(item, func(any) string { runs++; return "" }))
			})
		})
		items.Set([]any{row.same})
		p.g.Flush()
		assert.Equal(t, runs, row.runs, "%v", row.same)
		p.unmount()
		p.root.Call("remove")
	}
}

func TestFor_sameKey(t *testing.T) {
	var l log
	p, items := forPage(t, &l, 1, 2, 1)
	p.want(listHTML(1, 2, 1))
	l.take()
	items.Set(numbered(1, 1, 1, 2))
	p.want(listHTML(1, 1, 1, 2))
	assert.Equal(t, l.take(), "+1")
	items.Set(numbered(2, 1))
	p.want(listHTML(2, 1))
	assert.Equal(t, l.take(), "-1 -1")
}

// As few rows are moved as possible, and the one that has the focus never.
func TestFor_focus(t *testing.T) {
	for _, order := range [][]int{{5, 1, 2, 3, 4}, {2, 3, 4, 5, 1}, {5, 4, 3, 2, 1}, {9, 5, 8, 1, 7}, {1, 3, 2, 4}} {
		for _, focus := range order {
			if focus > 5 { // one that comes only now
				continue
			}
			var l log
			p, items := forPage(t, &l, 1, 2, 3, 4, 5)
			field := p.all("input")[focus-1]
			enter(field, "typed")
			field.Call("focus")
			blurs := 0
			blur := js.FuncOf(func(js.Value, []js.Value) any { blurs++; return nil })
			field.Call("addEventListener", "blur", blur)
			items.Set(numbered(order...))
			p.want(listHTML(order...))
			assert.True(t, field.Equal(document.Get("activeElement")), "row %d has the focus after %v", focus, order)
			assert.Equal(t, blurs, 0, "it never lost it")
			assert.Equal(t, field.Get("value").String(), "typed")
			p.unmount()
			p.root.Call("remove")
			blur.Release()
		}
	}
	var l log
	p, items := forPage(t, &l, 1, 2, 3, 4, 5)
	items.Set(numbered(2, 3, 4, 5, 1))
	added, removed, _ := changes(t, p.root, p.g.Flush)
	assert.Equal(t, []int{added, removed}, []int{1, 1}, "one row is moved")
}

// Whatever a list becomes, the page is that list, and rows that stay are the same elements.
func TestFor_random(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var l log
	p, items := forPage(t, &l)
	elements := map[int]js.Value{}
	for range 300 {
		ids := random.Perm(12)[:random.IntN(13)]
		if random.IntN(3) == 0 { // mostly in order
			for i := range ids {
				ids[i] = i + random.IntN(2)*20
			}
		}
		items.Set(numbered(ids...))
		p.want(listHTML(ids...))
		now := map[int]js.Value{}
		for i, e := range p.all("li") {
			now[ids[i]] = e
			if was, ok := elements[ids[i]]; ok {
				assert.True(t, was.Equal(e), "row %d is the same element", ids[i])
			}
		}
		elements = now
	}
}

func TestFor_inOthers(t *testing.T) {
	var items *signals.Signal[[]item]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		items = signals.NewFunc(p.g, numbered(1), nil)
		row := func(tag string) func(*signals.Scope, signals.Readable[item]) ui.Node {
			return func(s *signals.Scope, item signals.Readable[item]) ui.Node {
				return ui.El(tag, ui.Attr("x", item.Peek().text))
			}
		}
		id := func(i item) int { return i.id }
		return ui.Fragment(
			ui.For(items, id, row("hr")), ui.Table(ui.Tbody(ui.For(items, id, row("tr")))), ui.SVG(ui.For(items, id, row("g"))),
			ui.Div(ui.For(items, id, func(s *signals.Scope, outer signals.Readable[item]) ui.Node {
				return ui.P(ui.For(items, id, row("b")))
			})),
		)
	})
	p.want(`<hr x="#1"><table><tbody><tr x="#1"></tr></tbody></table><svg><g x="#1"></g></svg><div><p><b x="#1"></b></p></div>`)
	items.Set(numbered(2, 1))
	p.want(`<hr x="#2"><hr x="#1"><table><tbody><tr x="#2"></tr><tr x="#1"></tr></tbody></table><svg><g x="#2"></g><g x="#1"></g></svg>` +
		`<div><p><b x="#2"></b><b x="#1"></b></p><p><b x="#2"></b><b x="#1"></b></p></div>`)
	assert.Equal(t, p.find("g").Get("namespaceURI").String(), "http://www.w3.org/2000/svg")
}
