package signals_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestGraph_Batch(t *testing.T) {
	g := signals.NewGraph(nil)
	a, b := signals.New(g, 1), signals.New(g, 2)
	sum := signals.NewMemo(g, func(r *signals.Reader) int { return a.Get(r) + b.Get(r) })
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, sum.Get(r)) })
	g.Batch(func() {
		a.Set(10)
		assert.Equal(t, sum.Peek(), 12, "who reads meanwhile sees what was written")
		g.Batch(func() { b.Set(20) })
		g.Flush()
		assert.Equal(t, seen, []int{3}, "no effect runs before the outermost has ended")
	})
	assert.Equal(t, seen, []int{3, 30})
}

func TestGraph_Batch_panic(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	assert.Equal(t, caught(func() { g.Batch(func() { s.Set(2); panic("body") }) }), any("body"))
	aside(func() { g.Batch(func() { s.Set(3); exit() }) })
	s.Set(4)
	assert.Equal(t, seen, []int{1, 2, 3, 4})
}

func TestGraph_Batch_revert(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	memos, effects := 0, 0
	m := signals.NewMemo(g, func(r *signals.Reader) int { memos++; return s.Get(r) })
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { m.Get(r); effects++ })
	g.Batch(func() {
		s.Set(2)
		s.Set(1)
	})
	assert.Equal(t, []int{memos, effects}, []int{1, 1})
	g.Batch(func() {
		s.Set(2)
		assert.Equal(t, m.Peek(), 2)
		s.Set(1)
	})
	assert.Equal(t, m.Peek(), 1)
	assert.Equal(t, memos, 3, "who has seen the other value is worked out again")
	s.Set(2)
	assert.Equal(t, m.Peek(), 2)
}

// Somebody began to look while another value was there: for that one the signal has changed.
func TestGraph_Batch_revert_seenBetween(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	scope := signals.NewScope(g)
	var before, between []int
	signals.Effect(scope, func(r *signals.Reader) { before = append(before, s.Get(r)) })
	g.Batch(func() {
		s.Set(2)
		signals.Effect(scope, func(r *signals.Reader) { between = append(between, s.Get(r)) })
		s.Set(1)
	})
	assert.Equal(t, before, []int{1})
	assert.Equal(t, between, []int{2, 1})
}

// Somebody writes between the comparison and the decision that nothing has changed.
func TestGraph_Batch_revert_writtenMeanwhile(t *testing.T) {
	g := signals.NewGraph(nil)
	var s *signals.Signal[int]
	meanwhile := func() {}
	s = signals.NewFunc(g, 1, func(a, b int) bool {
		write := meanwhile
		meanwhile = func() {}
		write() // as another goroutine may at this moment
		return a == b
	})
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	g.Batch(func() {
		s.Set(2)
		s.Set(1)
		meanwhile = func() { s.Set(5) }
	})
	assert.Equal(t, seen, []int{1, 5})
	s.Set(6)
	assert.Equal(t, seen, []int{1, 5, 6})
}

// Another goroutine's batch is open when one ends, and what was reverted in the first is written in the second.
func TestGraph_Batch_sideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s := signals.New(g, 1)
		var seen []int
		signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
		other := func(value int) (end func()) {
			release, done := make(chan struct{}), make(chan struct{})
			go func() {
				g.Batch(func() { s.Set(value); <-release })
				close(done)
			}()
			synctest.Wait()
			return func() { close(release); <-done }
		}
		end := other(2)
		g.Batch(func() { s.Set(3) })
		assert.Equal(t, seen, []int{1}, "held back by the other")
		end()
		assert.Equal(t, seen, []int{1, 3})
		end = other(2)
		g.Batch(func() { s.Set(3) })
		end()
		assert.Equal(t, seen, []int{1, 3}, "it has its old value again")
		end = other(4)
		s.Set(5)
		end()
		assert.Equal(t, seen, []int{1, 3, 5})
	})
}

// An effect that is held back by another goroutine's memo runs when that has been worked out.
func TestGraph_heldBackByMemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s := signals.New(g, 1)
		release, done := make(chan struct{}), make(chan struct{})
		slow := signals.NewMemo(g, func(*signals.Reader) int { <-release; return 0 })
		var seen []int
		signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
		go func() { slow.Peek(); close(done) }()
		synctest.Wait()
		s.Set(2)
		assert.Equal(t, seen, []int{1})
		close(release)
		<-done
		assert.Equal(t, seen, []int{1, 2})
	})
}

// Who writes while another goroutine runs effects goes on; the other runs them.
func TestGraph_oneRunsThemAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s, other := signals.New(g, 1), signals.New(g, 1)
		release, done := make(chan struct{}), make(chan struct{})
		scope := signals.NewScope(g)
		signals.Effect(scope, func(r *signals.Reader) {
			if s.Get(r) == 2 {
				<-release
			}
		})
		var seen []int
		signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, other.Get(r)) })
		go func() { s.Set(2); close(done) }()
		synctest.Wait()
		other.Set(2)
		g.Flush()
		assert.Equal(t, seen, []int{1})
		close(release)
		<-done
		assert.Equal(t, seen, []int{1, 2})
	})
}

// later is a Scheduler that has effects run when the test says so.
type later []func()

func (l *later) schedule(run func()) { *l = append(*l, run) }

func (l *later) run() {
	due := *l
	*l = nil
	for _, run := range due {
		run()
	}
}

func TestScheduler_later(t *testing.T) {
	var due later
	g := signals.NewGraph(&signals.Options{Scheduler: due.schedule})
	s := signals.New(g, 1)
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	assert.Equal(t, seen, []int{1}, "the first run does not wait for the scheduler")
	s.Set(2)
	s.Set(3)
	assert.Equal(t, seen, []int{1})
	assert.Equal(t, len(due), 1, "times it was asked")
	due.run()
	assert.Equal(t, seen, []int{1, 3})
	s.Set(4)
	due.run()
	due.run()
	assert.Equal(t, seen, []int{1, 3, 4})
}

// A Scheduler is not asked again before it has answered, even if others have run the effects.
func TestScheduler_flushedBefore(t *testing.T) {
	var due later
	g := signals.NewGraph(&signals.Options{Scheduler: due.schedule})
	s := signals.New(g, 1)
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	s.Set(2)
	g.Flush()
	assert.Equal(t, seen, []int{1, 2})
	s.Set(3)
	assert.Equal(t, len(due), 1, "times it was asked")
	due.run()
	assert.Equal(t, seen, []int{1, 2, 3})
}

// The scheduler's turn comes in the middle of a batch: what it leaves undone it is asked for again.
func TestScheduler_inBatch(t *testing.T) {
	var due later
	g := signals.NewGraph(&signals.Options{Scheduler: due.schedule})
	s := signals.New(g, 1)
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	s.Set(2)
	g.Batch(func() {
		due.run()
		assert.Equal(t, seen, []int{1})
		s.Set(3)
	})
	due.run()
	assert.Equal(t, seen, []int{1, 3})
}

// An effect that was queued and has ended is no reason to bother the scheduler.
func TestScheduler_nothingLeft(t *testing.T) {
	var due later
	g := signals.NewGraph(&signals.Options{Scheduler: due.schedule})
	s := signals.New(g, 1)
	stop := signals.Effect(signals.NewScope(g), func(r *signals.Reader) { s.Get(r) })
	g.Batch(func() {
		s.Set(2)
		stop()
	})
	assert.Equal(t, len(due), 0)
}

func TestScheduler_goroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := make(chan func(), 1)
		go func() {
			for run := range turns {
				run()
			}
		}()
		g := signals.NewGraph(&signals.Options{Scheduler: func(run func()) { turns <- run }})
		s := signals.New(g, 0)
		double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * s.Get(r) })
		var seen []int
		signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, double.Get(r)) })
		for i := range 1000 {
			s.Set(i)
		}
		synctest.Wait()
		close(turns)
		assert.Equal(t, seen[len(seen)-1], 1998)
		for i, v := range seen[1:] {
			assert.True(t, v > seen[i], "%d after %d", v, seen[i])
		}
	})
}

func TestGraph_mixed(t *testing.T) {
	g, other := signals.NewGraph(nil), signals.NewGraph(nil)
	s := signals.New(other, 1)
	m := signals.NewMemo(other, func(r *signals.Reader) int { return s.Get(r) })
	seen := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		for _, v := range []signals.Readable[int]{s, m} {
			text := fmt.Sprint(caught(func() { v.Get(r) }))
			assert.Equal(t, text, "signals: a value is read with a Reader of another graph")
		}
		seen = s.Peek() + m.Peek() // which is fine
	})
	assert.Equal(t, seen, 2)
	s.Set(2)
	assert.Equal(t, m.Peek(), 2, "the other graph works")
}
