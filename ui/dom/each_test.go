//go:build js && browser

package dom_test

import (
	"strconv"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

func TestEach(t *testing.T) {
	var l log
	var list *signals.List[int]
	var mark *signals.Signal[string]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		list, mark = signals.NewList[int](p.g, 4), signals.New(p.g, ".")
		list.Append(1, 2)
		return ui.Ol("[", ui.Each(list, func(s *signals.Scope, n int) ui.Node {
			id := strconv.Itoa(n)
			s.OnCleanup(l.note("-" + id))
			l.add("+" + id)
			return ui.Li(n, mark)
		}), "]")
	})
	p.want("<ol>[<li>1.</li><li>2.</li>]</ol>")
	first := p.find("li")
	list.Append(3)
	p.want("<ol>[<li>1.</li><li>2.</li><li>3.</li>]</ol>")
	assert.True(t, p.find("li").Equal(first), "the same element")
	list.Append(4, 5)
	p.want("<ol>[<li>2.</li><li>3.</li><li>4.</li><li>5.</li>]</ol>")
	assert.Equal(t, l.take(), "+1 +2 +3 -1 +4 +5")
	mark.Set("!")
	p.want("<ol>[<li>2!</li><li>3!</li><li>4!</li><li>5!</li>]</ol>")
	list.Append(6, 7, 8, 9, 10, 11)
	p.want("<ol>[<li>8!</li><li>9!</li><li>10!</li><li>11!</li>]</ol>")
	assert.Equal(t, l.take(), "-2 -3 -4 -5 +8 +9 +10 +11")
	list.Clear()
	p.want("<ol>[]</ol>")
	list.Append(12)
	p.want("<ol>[<li>12!</li>]</ol>")
	list.Clear()
	list.Append(13)
	p.want("<ol>[<li>13!</li>]</ol>")
	l.take()
	p.unmount()
	assert.Equal(t, l.take(), "-13")
}

// Appending costs what is appended, not what is there.
func TestEach_cost(t *testing.T) {
	built := 0
	var list *signals.List[int]
	p := mount(t, func(p *page, s *signals.Scope) ui.Node {
		list = signals.NewList[int](p.g, 1000)
		for i := range 1000 {
			list.Append(i)
		}
		return ui.Ul(ui.Each(list, func(s *signals.Scope, n int) ui.Node {
			built++
			return ui.Li("row ", n)
		}))
	})
	assert.Equal(t, built, 1000)
	for i := range 3 {
		added, removed, written := changes(t, p.root, func() {
			list.Append(1000+2*i, 1001+2*i)
			p.g.Flush()
		})
		assert.Equal(t, []int{added, removed, written}, []int{2, 2, 0}, "two rows come, two go")
	}
	assert.Equal(t, built, 1006)
	assert.Equal(t, p.find("li:last-child").Get("textContent").String(), "row 1005")
	assert.Equal(t, len(p.all("li")), 1000)
}
