package signals_test

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

// A failing check in a test ends the goroutine with runtime.Goexit, wherever it stands. No lock may stay behind, and what
// others wait for must still come.

func TestGoexit_memo(t *testing.T) {
	g := signals.NewGraph(nil)
	s, armed := signals.New(g, 1), true
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		v := s.Get(r)
		if armed {
			exit()
		}
		return v
	})
	behind := signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r) })
	aside(func() { m.Peek() })
	aside(func() { behind.Peek() })
	armed = false
	assert.Equal(t, behind.Peek(), 1, "the next reader tries again")
	s.Set(2)
	assert.Equal(t, behind.Peek(), 2)
}

func TestGoexit_memoOfEffect(t *testing.T) {
	g := signals.NewGraph(nil)
	s, armed := signals.New(g, 1), false
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		v := s.Get(r)
		if armed {
			exit()
		}
		return v
	})
	behind := signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r) })
	scope := signals.NewScope(g)
	var seen, others []int
	signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, behind.Get(r)) })
	signals.Effect(scope, func(r *signals.Reader) { others = append(others, s.Get(r)) })
	armed = true
	aside(func() { s.Set(2) })
	assert.Equal(t, others, []int{1, 2}, "the other effects run")
	armed = false
	assert.Equal(t, behind.Peek(), 2)
	s.Set(3)
	assert.Equal(t, seen, []int{1, 3}, "the effect runs again when something changes")
	armed = true
	aside(func() { s.Set(4) })
	armed = false
	s.Set(5)
	assert.Equal(t, seen, []int{1, 3, 5}, "also if nobody has read in between")
}

// The memo ends the goroutine while it is asked only whether another has changed.
func TestGoexit_memoIsChecked(t *testing.T) {
	g := signals.NewGraph(nil)
	s, armed := signals.New(g, 1), false
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		v := s.Get(r)
		if armed {
			exit()
		}
		return v
	})
	behind := signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r) })
	assert.Equal(t, behind.Peek(), 1)
	armed = true
	s.Set(2)
	aside(func() { behind.Peek() })
	armed = false
	assert.Equal(t, behind.Peek(), 2)
}

// What the effect was not asked about any more, because a memo before it has ended the goroutine, still tells it.
func TestGoexit_memoBeforeOthers(t *testing.T) {
	for _, directly := range []bool{true, false} {
		g := signals.NewGraph(nil)
		s, last, armed := signals.New(g, 1), signals.New(g, 1), false
		m := signals.NewMemo(g, func(r *signals.Reader) int {
			v := s.Get(r)
			if armed {
				exit()
			}
			return v
		})
		n := signals.NewMemo(g, func(r *signals.Reader) int { return last.Get(r) })
		sum := func(r *signals.Reader) int { return m.Get(r)*100 + n.Get(r) }
		behind := signals.NewMemo(g, sum)
		seen := 0
		signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
			if directly {
				seen = sum(r)
			} else {
				seen = behind.Get(r)
			}
		})
		armed = true
		aside(func() {
			g.Batch(func() {
				s.Set(2)
				last.Set(2)
			})
		})
		armed = false
		last.Set(3)
		assert.Equal(t, seen, 203)
	}
}

func TestGoexit_effect(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	var seen []int
	ends := func(r *signals.Reader) {
		if s.Get(r)%2 == 1 {
			exit()
		}
	}
	signals.Effect(scope, ends)
	signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	signals.Effect(scope, ends)
	aside(func() { s.Set(1) })
	s.Set(2)
	aside(func() { s.Set(3); t.Error("Set has returned") })
	assert.Equal(t, seen, []int{0, 1, 2, 3})
	aside(func() { signals.Effect(scope, ends); t.Error("Effect has returned") })
	s.Set(4)
	assert.Equal(t, seen, []int{0, 1, 2, 3, 4})
}

func TestGoexit_cleanup(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	var seen []int
	var log []string
	scope.OnCleanup(func() { log = append(log, "first") })
	signals.Effect(scope, func(r *signals.Reader) {
		if s.Get(r) == 0 {
			r.OnCleanup(exit)
		}
	})
	signals.Effect(scope, func(r *signals.Reader) {
		if s.Get(r) == 1 {
			r.OnCleanup(exit)
		}
	})
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	scope.OnCleanup(exit)
	scope.OnCleanup(func() { log = append(log, "last") })
	aside(func() { s.Set(1) })
	assert.Equal(t, seen, []int{0, 1})
	aside(scope.Dispose)
	assert.Equal(t, log, []string{"last", "first"}, "all have been called")
	s.Set(2)
	assert.Equal(t, seen, []int{0, 1, 2})
}

func TestGoexit_cleanupOfMemo(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		if s.Get(r) == 0 {
			r.OnCleanup(exit)
		}
		return s.Get(r)
	})
	assert.Equal(t, m.Peek(), 0)
	s.Set(1)
	aside(func() { m.Peek(); t.Error("Peek has returned") })
	assert.Equal(t, m.Peek(), 1)
}
