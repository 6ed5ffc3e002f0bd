package signals_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestEffect(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	var seen []int
	stop := signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, s.Get(r)) })
	assert.Equal(t, seen, []int{1}, "it has run when Effect returns")
	s.Set(2)
	assert.Equal(t, seen, []int{1, 2}, "it has run when Set returns")
	stop()
	stop()
	s.Set(3)
	assert.Equal(t, seen, []int{1, 2})
}

// A diamond whose effect sees both sides of the same change.
func TestEffect_onceForAChange(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	left := signals.NewMemo(g, func(r *signals.Reader) int { return s.Get(r) * 2 })
	right := signals.NewMemo(g, func(r *signals.Reader) int { return s.Get(r) * 3 })
	var seen [][3]int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		seen = append(seen, [3]int{right.Get(r), s.Get(r), left.Get(r)})
	})
	s.Set(2)
	s.Set(5)
	assert.Equal(t, seen, [][3]int{{3, 1, 2}, {6, 2, 4}, {15, 5, 10}})
}

func TestEffect_order(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	var log []string
	for _, name := range []string{"a", "b", "c"} {
		signals.Effect(scope, func(r *signals.Reader) { log = append(log, fmt.Sprint(name, s.Get(r))) })
	}
	s.Set(1)
	assert.Equal(t, log, []string{"a0", "b0", "c0", "a1", "b1", "c1"})
}

// The inner effect is queued first, because it has read the signal first; the outer one runs first and ends it.
func TestEffect_nested(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var log []string
	signals.Effect(signals.NewScope(g), func(outer *signals.Reader) {
		run := s.Peek()
		signals.Effect(outer.Scope(), func(r *signals.Reader) {
			log = append(log, fmt.Sprintf("inner %d of %d", s.Get(r), run))
			r.OnCleanup(func() { log = append(log, fmt.Sprintf("end inner of %d", run)) })
		})
		log = append(log, fmt.Sprintf("outer %d", s.Get(outer)))
	})
	s.Set(1)
	assert.Equal(t, log, []string{
		"inner 0 of 0", "outer 0",
		"end inner of 0", "inner 1 of 1", "outer 1",
	})
}

func TestEffect_nested_threeDeep(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var log []string
	signals.Effect(signals.NewScope(g), func(a *signals.Reader) {
		signals.Effect(a.Scope().Child(), func(b *signals.Reader) {
			signals.Effect(b.Scope(), func(c *signals.Reader) { log = append(log, fmt.Sprint("c", s.Get(c))) })
		})
		log = append(log, fmt.Sprint("a", s.Get(a)))
	})
	s.Set(1)
	assert.Equal(t, log, []string{"c0", "a0", "c1", "a1"})
}

func TestEffect_writes(t *testing.T) {
	g := signals.NewGraph(nil)
	s, a, b := signals.New(g, 0), signals.New(g, 0), signals.New(g, 0)
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) {
		v := s.Get(r)
		a.Set(v)
		b.Set(v)
		assert.Equal(t, a.Peek(), v, "it reads what it has written")
	})
	var seen [][2]int
	signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, [2]int{a.Get(r), b.Get(r)}) })
	s.Set(1)
	s.Set(2)
	assert.Equal(t, seen, [][2]int{{0, 0}, {1, 1}, {2, 2}})
}

// What holds for batches holds for each run of an effect.
func TestEffect_writesAndReverts(t *testing.T) {
	g := signals.NewGraph(nil)
	s, a := signals.New(g, 0), signals.New(g, 0)
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) {
		s.Get(r)
		a.Set(1)
		a.Set(0)
	})
	runs := 0
	signals.Effect(scope, func(r *signals.Reader) { a.Get(r); runs++ })
	s.Set(1)
	s.Set(2)
	assert.Equal(t, runs, 1)
}

func TestEffect_writesWhatItReads(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		runs++
		if v := s.Get(r); v%10 != 0 {
			s.Set(v + 1)
		}
	})
	s.Set(3)
	assert.Equal(t, s.Peek(), 10)
	assert.Equal(t, runs, 9)
}

// A run that has read a value before and after it changed has seen a mix, so there is another.
func TestEffect_readsTwice(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var seen [][2]int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		before := s.Get(r)
		s.Set(1)
		seen = append(seen, [2]int{before, s.Get(r)})
	})
	assert.Equal(t, seen, [][2]int{{0, 1}, {1, 1}})
}

func TestEffect_stopsItself(t *testing.T) {
	g := signals.NewGraph(nil)
	s, late := signals.New(g, 0), signals.New(g, 0)
	runs := 0
	var log []string
	var stop func()
	stop = signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		runs++
		r.OnCleanup(func() { log = append(log, "cleanup") })
		if s.Get(r) == 1 {
			stop()
			late.Get(r)
			r.OnCleanup(func() { log = append(log, "at once") })
			signals.Effect(r.Scope(), func(*signals.Reader) { log = append(log, "an effect in a scope that has ended") })
		}
	})
	s.Set(1)
	s.Set(2)
	late.Set(2)
	assert.Equal(t, runs, 2)
	assert.Equal(t, log, []string{"cleanup", "cleanup", "at once"})
}

func TestEffect_stoppedInBatch(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var log []string
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { log = append(log, fmt.Sprint("first ", s.Get(r))) })
	stop := signals.Effect(scope, func(r *signals.Reader) { log = append(log, fmt.Sprint("stopped ", s.Get(r))) })
	signals.Effect(scope, func(r *signals.Reader) { log = append(log, fmt.Sprint("last ", s.Get(r))) })
	log = nil
	g.Batch(func() {
		s.Set(1)
		stop()
	})
	assert.Equal(t, log, []string{"first 1", "last 1"})
}

// An effect is ended by the memo it reads, while the graph looks whether it has to run.
func TestEffect_stoppedByMemo(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var stop func()
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		if s.Get(r) == 1 {
			stop()
		}
		return s.Get(r)
	})
	runs := 0
	stop = signals.Effect(signals.NewScope(g), func(r *signals.Reader) { m.Get(r); runs++ })
	s.Set(1)
	s.Set(2)
	assert.Equal(t, runs, 1)
}

// Who ends an effect that runs in another goroutine does not wait for it; what it reads and makes after that is for nothing.
func TestEffect_stoppedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s, late := signals.New(g, 0), signals.New(g, 0)
		wait := make(chan struct{})
		runs := 0
		var log []string
		stop := signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
			runs++
			if s.Get(r) == 0 {
				return
			}
			r.OnCleanup(func() { log = append(log, "cleanup") })
			<-wait
			late.Get(r)
			r.OnCleanup(func() { log = append(log, "at once") })
		})
		done := make(chan struct{})
		go func() { s.Set(1); close(done) }()
		synctest.Wait()
		stop()
		assert.Equal(t, log, []string{"cleanup"})
		close(wait)
		<-done
		assert.Equal(t, log, []string{"cleanup", "at once"})
		late.Set(1)
		s.Set(2)
		assert.Equal(t, runs, 2)
	})
}

func TestEffect_panic(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	broken := errors.New("broken")
	runs, others := 0, 0
	signals.Effect(scope, func(r *signals.Reader) {
		runs++
		if s.Get(r)%2 == 1 {
			panic(broken)
		}
	})
	signals.Effect(scope, func(r *signals.Reader) { s.Get(r); others++ })
	signals.Effect(scope, func(r *signals.Reader) {
		if s.Get(r)%2 == 1 {
			panic("the second panic")
		}
	})
	p, ok := caught(func() { s.Set(1) }).(*signals.PanicError)
	assert.True(t, ok, "Set panics with a PanicError")
	assert.ErrorIs(t, p, broken)
	assert.Equal(t, others, 2, "others have run")
	s.Set(2)
	assert.Equal(t, runs, 3, "it runs again")
	assert.True(t, caught(func() { s.Set(3) }) != nil, "and panics again")
}

func TestEffect_panic_firstRun(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	runs, others := 0, 0
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { s.Get(r); others++ })
	p, _ := caught(func() {
		signals.Effect(scope, func(r *signals.Reader) {
			runs++
			s.Get(r)
			s.Set(1)
			r.OnCleanup(func() { panic("a cleanup function") })
			panic("the run")
		})
	}).(*signals.PanicError)
	assert.True(t, p != nil, "Effect panics with a PanicError")
	assert.Equal(t, p.Value, any("the run"))
	assert.Equal(t, others, 2, "the others have run")
	s.Set(2)
	assert.Equal(t, runs, 1, "the effect has ended")
	assert.Equal(t, others, 3)
}

func TestOptions_OnPanic(t *testing.T) {
	var told []any
	g := signals.NewGraph(&signals.Options{OnPanic: func(p *signals.PanicError) { told = append(told, p.Value) }})
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	runs := 0
	signals.Effect(scope, func(r *signals.Reader) { runs++; panic(s.Get(r)) })
	signals.Effect(scope, func(r *signals.Reader) {
		if s.Get(r) == 1 {
			r.OnCleanup(func() { panic("of an effect") })
		}
	})
	scope.OnCleanup(func() { panic("of the scope") })
	s.Set(1) // the effect whose first run has panicked lives
	s.Set(2) // and this ends the other
	scope.Dispose()
	assert.Equal(t, told, []any{0, 1, 2, "of an effect", "of the scope"})
	assert.Equal(t, runs, 3)
}

// The program may panic, or end the goroutine, even where it is told of a panic.
func TestOptions_OnPanic_endsGoroutine(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("again") }, "Goexit": exit} {
		t.Run(name, func(t *testing.T) {
			armed := true
			g := signals.NewGraph(&signals.Options{OnPanic: func(*signals.PanicError) {
				if armed {
					end()
				}
			}})
			s := signals.New(g, 0)
			runs := 0
			signals.Effect(signals.NewScope(g), func(r *signals.Reader) { s.Get(r); runs++ })
			bad := func(r *signals.Reader) {
				s.Get(r)
				r.OnCleanup(func() { panic("a cleanup function") })
			}
			m := signals.NewMemo(g, func(r *signals.Reader) int { bad(r); return s.Get(r) })
			m.Peek()
			scope := signals.NewScope(g)
			stop := signals.Effect(scope, bad)
			signals.Effect(scope, bad)
			attempt := func(f func()) { aside(func() { _ = caught(f) }) }
			attempt(func() {
				signals.Effect(signals.NewScope(g), func(*signals.Reader) { panic("the first run") })
			})
			attempt(stop)
			attempt(func() { s.Set(1) })
			attempt(func() { m.Peek() })
			attempt(scope.Dispose)
			armed = false
			before := runs
			s.Set(2)
			assert.Equal(t, runs, before+1, "the graph works")
			assert.Equal(t, m.Peek(), 2)
		})
	}
}

func TestEffect_panic_cleanup(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	runs := 0
	stop := signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		runs++
		s.Get(r)
		r.OnCleanup(func() { panic("cleanup") })
	})
	p, _ := caught(func() { s.Set(1) }).(*signals.PanicError)
	assert.True(t, p != nil && p.Value == "cleanup", "Set panics")
	s.Set(2)
	stop()
	assert.Equal(t, runs, 1, "the effect has ended: it would fail each time")
}

func TestEffect_disposedScope(t *testing.T) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	scope.Dispose()
	stop := signals.Effect(scope, func(*signals.Reader) { t.Error("it has run") })
	stop()
}
