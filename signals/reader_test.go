package signals_test

import (
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestReader_Untracked(t *testing.T) {
	g := signals.NewGraph(nil)
	s, quiet := signals.New(g, 1), signals.New(g, 1)
	double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * quiet.Get(r) })
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		u := r.Untracked()
		seen = append(seen, s.Get(r)+double.Get(u)+quiet.Get(u.Untracked()))
	})
	quiet.Set(10)
	assert.Equal(t, seen, []int{4})
	s.Set(2)
	assert.Equal(t, seen, []int{4, 32})
	var none *signals.Reader
	assert.Equal(t, s.Get(none.Untracked()), 2, "nil reads as well")
}

// What is read untracked and tracked in the same run is tracked.
func TestReader_Untracked_both(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		s.Get(r.Untracked())
		s.Get(r)
		s.Get(r.Untracked())
		runs++
	})
	s.Set(2)
	assert.Equal(t, runs, 2)
}

func TestReader_Scope(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var log []int
	var kept *signals.Reader
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		kept = r
		assert.True(t, r.Scope() == r.Untracked().Scope(), "a run has one scope")
		v := s.Get(r)
		r.Untracked().OnCleanup(func() { log = append(log, v) })
	})
	s.Set(1)
	s.Set(2)
	assert.Equal(t, log, []int{0, 1})
	assert.True(t, kept.Scope().Disposed(), "after the run it has ended")
	kept.OnCleanup(func() { log = append(log, -1) })
	assert.Equal(t, log, []int{0, 1, -1}, "after the run a cleanup function is called at once")
}

// A cleanup function reads without depending.
func TestReader_OnCleanup_untracked(t *testing.T) {
	g := signals.NewGraph(nil)
	s, other := signals.New(g, 0), signals.New(g, 0)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		runs++
		s.Get(r)
		r.OnCleanup(func() { other.Get(r) })
	})
	s.Set(1)
	other.Set(1)
	assert.Equal(t, runs, 2)
}

func TestReader_goroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s, early, late := signals.New(g, 0), signals.New(g, 0), signals.New(g, 0)
		double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * early.Get(r) })
		release := make(chan struct{})
		runs := 0
		signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
			runs++
			s.Get(r)
			read := make(chan struct{})
			go func() {
				double.Get(r) // while the run goes on: it depends on it
				close(read)
				<-release
				late.Get(r) // after it: it does not
			}()
			<-read
		})
		close(release)
		synctest.Wait()
		late.Set(1)
		assert.Equal(t, runs, 1)
		early.Set(1)
		assert.Equal(t, runs, 2)
		synctest.Wait()
	})
}

// A Reader whose run is over does not take part in the next one: what it reads is no cycle.
func TestReader_late_noCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s := signals.New(g, 1)
		release := make(chan struct{})
		var kept *signals.Reader
		m := signals.NewMemo(g, func(r *signals.Reader) int {
			if kept == nil {
				kept = r
			} else {
				<-release
			}
			return s.Get(r)
		})
		assert.Equal(t, m.Peek(), 1)
		s.Set(2)
		values := make(chan int, 2)
		go func() { values <- m.Peek() }()
		synctest.Wait()
		go func() { values <- m.Get(kept) }()
		synctest.Wait()
		close(release)
		assert.Equal(t, []int{<-values, <-values}, []int{2, 2})
	})
}
