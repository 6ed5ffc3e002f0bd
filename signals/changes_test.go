package signals_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s := signals.New(g, 1)
		double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * s.Get(r) })
		ctx, cancel := context.WithCancel(t.Context())
		var seen []int
		done := make(chan struct{})
		go func() {
			for v := range signals.Changes(ctx, double) {
				seen = append(seen, v)
			}
			close(done)
		}()
		synctest.Wait()
		s.Set(2)
		synctest.Wait()
		g.Batch(func() { s.Set(7); s.Set(2) })
		synctest.Wait()
		g.Batch(func() { s.Set(7); s.Set(3) })
		synctest.Wait()
		cancel()
		<-done
		assert.Equal(t, seen, []int{2, 4, 6})
	})
}

// The last value comes, however slow the loop is.
func TestChanges_latest(t *testing.T) {
	s := signals.New(signals.NewGraph(nil), 0)
	var seen []int
	for v := range signals.Changes(t.Context(), s) {
		seen = append(seen, v)
		if v == 0 {
			for i := range 10 {
				s.Set(i + 1)
			}
		}
		if v == 10 {
			break
		}
	}
	assert.Equal(t, seen, []int{0, 10})
}

func TestChanges_end(t *testing.T) {
	g := signals.NewGraph(nil)
	runs := 0
	s := signals.New(g, 0)
	m := signals.NewMemo(g, func(r *signals.Reader) int { runs++; return s.Get(r) })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes := signals.Changes(ctx, m)
	for range changes {
		break
	}
	aside(func() {
		for range changes {
			exit()
		}
	})
	assert.True(t, caught(func() {
		for range changes {
			panic("body")
		}
	}) != nil, "panics")
	for range changes { // it begins anew
		cancel()
		s.Set(1)
	}
	for range 20 { // what is ready and what has ended are chosen from at random
		for range changes {
			t.Error("a value after the end of the context")
		}
	}
	before := runs
	s.Set(2)
	assert.Equal(t, runs, before, "runs, when nobody is subscribed any more")
}

func TestChanges_memoPanics(t *testing.T) {
	m := signals.NewMemo(signals.NewGraph(nil), func(*signals.Reader) int { panic("broken") })
	p, _ := caught(func() {
		for range signals.Changes(t.Context(), m) {
			t.Error("a value")
		}
	}).(*signals.PanicError)
	assert.True(t, p != nil && p.Value == "broken", "the loop panics")
}
