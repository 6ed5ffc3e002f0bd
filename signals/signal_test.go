package signals_test

import (
	"math"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestSignal(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	assert.True(t, s.Graph() == g, "its graph")
	assert.Equal(t, s.Peek(), 1)
	s.Set(2)
	assert.Equal(t, s.Get(nil), 2)
	s.Update(func(v int) int { return v * 10 })
	assert.Equal(t, s.Peek(), 20)
}

func TestSignal_Set_equal(t *testing.T) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	type point struct{ x, y int }
	at := &point{1, 2}
	place, pointer, nan := signals.New(g, *at), signals.New(g, at), signals.New(g, math.NaN())
	always := signals.NewFunc(g, 0, nil)
	near := signals.NewFunc(g, 0, func(a, b int) bool { return max(a-b, b-a) < 10 })
	runs := map[string]int{}
	count := func(name string, read func(*signals.Reader)) {
		signals.Effect(scope, func(r *signals.Reader) { runs[name]++; read(r) })
	}
	count("struct", func(r *signals.Reader) { place.Get(r) })
	count("pointer", func(r *signals.Reader) { pointer.Get(r) })
	count("NaN", func(r *signals.Reader) { nan.Get(r) })
	count("always", func(r *signals.Reader) { always.Get(r) })
	count("near", func(r *signals.Reader) { near.Get(r) })

	place.Set(point{1, 2}) // equal
	at.x = 7
	pointer.Set(at)     // the same, whatever it points to
	nan.Set(math.NaN()) // never equal
	always.Set(0)       // said to be a change
	near.Set(9)         // said to be none
	assert.Equal(t, runs, map[string]int{"struct": 1, "pointer": 1, "NaN": 2, "always": 2, "near": 1})
	assert.Equal(t, near.Peek(), 0, "a value that is equal is not stored")

	place.Set(point{2, 2})
	near.Update(func(int) int { return 10 })
	assert.Equal(t, runs, map[string]int{"struct": 2, "pointer": 1, "NaN": 2, "always": 2, "near": 2})
}

func TestSignal_Set_incomparable(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New[any](g, []int{1})
	assert.True(t, caught(func() { s.Set([]int{2}) }) != nil, "Set panics as == does")
	assert.Equal(t, s.Peek(), any([]int{1}))
	s.Set("another type")
	assert.Equal(t, s.Peek(), any("another type"))
}

// What a batch began with is compared with what it ends with. That this panics must neither hurt the graph nor hide a change.
func TestSignal_Set_incomparableInBatch(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New[any](g, []int{1})
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { s.Get(r); runs++ })
	g.Batch(func() {
		s.Set(nil)
		s.Set([]int{2})
	})
	assert.Equal(t, runs, 2)
	s.Set(3)
	assert.Equal(t, runs, 3, "runs after another change")
}

func TestSignal_Set_equalEndsGoroutine(t *testing.T) {
	g := signals.NewGraph(nil)
	armed := false
	s := signals.NewFunc(g, 0, func(a, b int) bool {
		if armed {
			exit()
		}
		return a == b
	})
	other := signals.New(g, 0)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { other.Get(r); s.Get(r); runs++ })
	aside(func() {
		g.Batch(func() {
			s.Set(1)
			armed = true
		})
	})
	armed = false
	assert.Equal(t, runs, 2)
	other.Set(1)
	assert.Equal(t, runs, 3, "runs after another change")
}

func TestSignal_Update_again(t *testing.T) {
	s := signals.New(signals.NewGraph(nil), 1)
	calls := 0
	s.Update(func(v int) int {
		if calls++; calls == 1 {
			s.Set(10) // as another goroutine may
		}
		return v + 1
	})
	assert.Equal(t, s.Peek(), 11)
	assert.Equal(t, calls, 2)
}

func TestSignal_Update_readsGraph(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 2)
	square := signals.NewMemo(g, func(r *signals.Reader) int { return s.Get(r) * s.Get(r) })
	s.Update(func(v int) int { return v + square.Peek() })
	assert.Equal(t, square.Peek(), 36)
}

// A write that was reverted gives the signal its old version. An Update that has begun before must still notice others.
func TestSignal_Update_besideRevert(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var wg sync.WaitGroup
	const each = 2000
	for range 4 {
		wg.Go(func() {
			for range each {
				s.Update(func(v int) int { return v + 1 })
				g.Batch(func() {
					s.Update(func(v int) int { return v + 1000_000 })
					s.Update(func(v int) int { return v - 1000_000 })
				})
			}
		})
	}
	wg.Wait()
	assert.Equal(t, s.Peek(), 4*each)
}
