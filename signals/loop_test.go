package signals_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestErrLoop(t *testing.T) {
	g := signals.NewGraph(nil)
	on, s := signals.New(g, false), signals.New(g, 0)
	scope := signals.NewScope(g)
	runs, others := 0, 0
	signals.Effect(scope, func(r *signals.Reader) {
		runs++
		if v := s.Get(r); on.Get(r) {
			s.Set(v + 1)
		}
	})
	signals.Effect(scope, func(r *signals.Reader) { s.Get(r); others++ })
	err, _ := caught(func() { on.Set(true) }).(error)
	assert.ErrorIs(t, err, signals.ErrLoop)
	assert.Equal(t, runs, 101, "the first run, and a hundred")
	assert.True(t, others > 1, "the others have run")
	on.Set(false)
	s.Set(-1)
	assert.Equal(t, runs, 103, "it runs again once it is in order")
}

func TestErrLoop_pingPong(t *testing.T) {
	g := signals.NewGraph(nil)
	a, b := signals.New(g, 0), signals.New(g, 0)
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { b.Set(a.Get(r)) })
	err, _ := caught(func() {
		signals.Effect(scope, func(r *signals.Reader) { a.Set(b.Get(r) + 1) })
	}).(error)
	assert.ErrorIs(t, err, signals.ErrLoop)
}

// A long way is no loop.
func TestErrLoop_chain(t *testing.T) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	all := []*signals.Signal[int]{signals.New(g, 0)}
	for i := range 500 {
		all = append(all, signals.New(g, 0))
		signals.Effect(scope, func(r *signals.Reader) { all[i+1].Set(all[i].Get(r)) })
	}
	all[0].Set(7)
	assert.Equal(t, all[500].Peek(), 7)
}

// Other goroutines that keep an effect busy are no loop, though it runs for much longer than it may cause itself to, in one
// call of Flush.
func TestErrLoop_busyWriters(t *testing.T) {
	g := signals.NewGraph(nil)
	s, copied := signals.New(g, 0), signals.New(g, 0)
	scope := signals.NewScope(g)
	next := make(chan struct{})
	defer close(next)
	go func() {
		for range next {
			s.Update(func(v int) int { return v + 1 })
			next <- struct{}{}
		}
	}()
	const rounds = 2000
	runs := 0
	signals.Effect(scope, func(r *signals.Reader) {
		v := s.Get(r)
		copied.Set(v)
		if runs++; v < rounds {
			next <- struct{}{} // another goroutine writes while it runs
			<-next
		}
	})
	last := 0
	signals.Effect(scope, func(r *signals.Reader) { last = copied.Get(r) })
	assert.Equal(t, last, rounds)
	assert.Equal(t, runs, rounds+1)
}

func TestErrLoop_busyWriters_many(t *testing.T) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	var all []*signals.Signal[int]
	const writers, each = 8, 5000
	for range writers {
		all = append(all, signals.New(g, 0))
	}
	sum := signals.NewMemo(g, func(r *signals.Reader) (n int) {
		for _, s := range all {
			n += s.Get(r)
		}
		return n
	})
	total := signals.New(g, 0)
	signals.Effect(scope, func(r *signals.Reader) { total.Set(sum.Get(r)) })
	var last atomic.Int64
	signals.Effect(scope, func(r *signals.Reader) { last.Store(int64(total.Get(r))) })
	var wg sync.WaitGroup
	for _, s := range all {
		wg.Go(func() {
			for i := range each {
				s.Set(i + 1)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, last.Load(), int64(writers*each))
}
