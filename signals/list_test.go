package signals_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestList(t *testing.T) {
	g := signals.NewGraph(nil)
	l := signals.NewList[string](g, 0)
	assert.True(t, l.Graph() == g, "its graph")
	var seen [][]string
	lengths := 0
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, l.Get(r)) })
	signals.Effect(scope, func(r *signals.Reader) { lengths += l.Len(r) })
	l.Append("a")
	l.Append()
	l.Append("b", "c")
	l.Clear()
	l.Clear()
	assert.Equal(t, fmt.Sprint(seen), "[[] [a] [a b c] []]", "to append nothing, and to clear what is empty, is no change")
	assert.Equal(t, lengths, 0+1+3+0)
}

func TestList_keep(t *testing.T) {
	l := signals.NewList[int](signals.NewGraph(nil), 3)
	for i := range 10 {
		l.Append(i)
		first, items := l.Numbered(nil)
		assert.Equal(t, first, max(0, i-2))
		assert.Equal(t, items[0], first, "an item keeps its number")
		assert.Equal(t, len(items), min(i+1, 3))
	}
	l.Append(10, 11, 12, 13, 14)
	first, items := l.Numbered(nil)
	assert.Equal(t, first, 12)
	assert.Equal(t, items, []int{12, 13, 14})
	l.Clear()
	l.Append(15)
	first, items = l.Numbered(nil)
	assert.Equal(t, first, 15, "numbers are not used again")
	assert.Equal(t, items, []int{15})
}

// What was read does not change, and appending to it does not change the list.
func TestList_Get_isKept(t *testing.T) {
	l := signals.NewList[int](signals.NewGraph(nil), 4)
	var got [][]int
	for i := range 100 {
		l.Append(i)
		items := l.Peek()
		got = append(got, items)
		_ = append(items, -1)
	}
	for i, items := range got {
		for j, v := range items {
			assert.Equal(t, v, i-len(items)+1+j)
		}
	}
}

func TestList_inBatch(t *testing.T) {
	g := signals.NewGraph(nil)
	l := signals.NewList[int](g, 0)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { l.Get(r); runs++ })
	g.Batch(func() {
		l.Append(1)
		l.Append(2)
		assert.Equal(t, l.Peek(), []int{1, 2})
	})
	assert.Equal(t, runs, 2)
}

func TestList_goroutines(t *testing.T) {
	g := signals.NewGraph(nil)
	l := signals.NewList[[2]int](g, 0)
	next := 0
	var seen [][2]int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { // as who shows what is new does
		first, items := l.Numbered(r)
		seen = append(seen, items[next-first:]...)
		next = first + len(items)
	})
	const writers, each = 8, 1000
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				l.Append([2]int{i, j})
			}
		})
	}
	wg.Wait()
	assert.True(t, slices.Equal(seen, l.Peek()), "every item was seen once, in the order of the list")
	var counts [writers]int
	for _, item := range seen {
		assert.Equal(t, item[1], counts[item[0]], "a writer's items are in its order")
		counts[item[0]]++
	}
	assert.Equal(t, len(seen), writers*each)
}
