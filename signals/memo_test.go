package signals_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestMemo_lazy(t *testing.T) {
	g := signals.NewGraph(nil)
	s, other := signals.New(g, 1), signals.New(g, 0)
	runs := 0
	double := signals.NewMemo(g, func(r *signals.Reader) int { runs++; return 2 * s.Get(r) })
	assert.True(t, double.Graph() == g, "its graph")
	s.Set(2)
	assert.Equal(t, runs, 0, "runs before it is read")
	assert.Equal(t, double.Peek(), 4)
	assert.Equal(t, double.Get(nil), 4)
	other.Set(1)
	assert.Equal(t, double.Peek(), 4)
	assert.Equal(t, runs, 1, "runs while nothing has changed that it reads")
	s.Set(3)
	s.Set(4)
	assert.Equal(t, runs, 1, "runs before it is read again")
	assert.Equal(t, double.Peek(), 8)
	assert.Equal(t, runs, 2)
}

func TestMemo_equalResultStops(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	odd := signals.NewMemo(g, func(r *signals.Reader) bool { return s.Get(r)%2 == 1 })
	behind, effects := 0, 0
	name := signals.NewMemo(g, func(r *signals.Reader) string {
		behind++
		if odd.Get(r) {
			return "odd"
		}
		return "even"
	})
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { name.Get(r); effects++ })
	s.Set(3)
	assert.Equal(t, []int{behind, effects}, []int{1, 1})
	s.Set(4)
	assert.Equal(t, []int{behind, effects}, []int{2, 2})
}

func TestNewMemoFunc(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	tens := signals.NewMemoFunc(g, func(r *signals.Reader) []int { return []int{s.Get(r)} },
		func(a, b []int) bool { return a[0]/10 == b[0]/10 })
	always := signals.NewMemoFunc(g, func(r *signals.Reader) int { return s.Get(r) * 0 }, nil)
	runs := map[string]int{}
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { tens.Get(r); runs["tens"]++ })
	signals.Effect(scope, func(r *signals.Reader) { always.Get(r); runs["always"]++ })
	s.Set(2)
	assert.Equal(t, tens.Peek(), []int{1}, "an equal result does not take the old one's place")
	s.Set(12)
	assert.Equal(t, tens.Peek(), []int{12})
	assert.Equal(t, runs, map[string]int{"tens": 2, "always": 3})
}

func TestMemo_dynamic(t *testing.T) {
	g := signals.NewGraph(nil)
	first, a, b := signals.New(g, true), signals.New(g, "a"), signals.New(g, "b")
	runs := 0
	m := signals.NewMemo(g, func(r *signals.Reader) string {
		runs++
		if first.Get(r) {
			return a.Get(r)
		}
		return b.Get(r)
	})
	var seen []string
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { seen = append(seen, m.Get(r)) })
	b.Set("B") // not read yet
	first.Set(false)
	a.Set("A") // not read any more
	b.Set("BB")
	assert.Equal(t, seen, []string{"a", "B", "BB"})
	assert.Equal(t, runs, 3)
}

// A branch that is not taken is not worked out: it may need what is not there.
func TestMemo_checksInOrder(t *testing.T) {
	g := signals.NewGraph(nil)
	list := signals.New(g, new([2]int))
	present := signals.NewMemo(g, func(r *signals.Reader) bool { return list.Get(r) != nil })
	second := signals.NewMemo(g, func(r *signals.Reader) int { return list.Get(r)[1] })
	var seen []int
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		if present.Get(r) {
			seen = append(seen, second.Get(r))
		} else {
			seen = append(seen, -1)
		}
	})
	list.Set(nil)
	assert.Equal(t, seen, []int{0, -1})
}

func TestMemo_panic(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	runs := 0
	broken := errors.New("broken")
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		runs++
		if s.Get(r) == 0 {
			panic(broken)
		}
		return s.Get(r)
	})
	behind := signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r) })
	for range 2 {
		for _, read := range []func() int{m.Peek, behind.Peek} {
			err, ok := caught(func() { read() }).(*signals.PanicError)
			assert.True(t, ok, "panics with a PanicError")
			assert.ErrorIs(t, err, broken)
			assert.Equal(t, err.Error(), "signals: panic: broken")
			assert.True(t, len(err.Stack) > 0, "it has a stack")
		}
	}
	assert.Equal(t, runs, 1, "the panic is kept")
	s.Set(1)
	assert.Equal(t, behind.Peek(), 1)
	s.Set(0)
	assert.True(t, caught(func() { behind.Peek() }) != nil, "panics again")
	s.Set(1)
	assert.Equal(t, behind.Peek(), 1, "the value that it had before the panic")
}

// An effect that reads a memo runs again when this begins and when it ceases to panic, though its value is the same.
func TestMemo_panic_readByEffect(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	m := signals.NewMemo(g, func(r *signals.Reader) string {
		if s.Get(r) == 0 {
			panic("zero")
		}
		return "fine"
	})
	var seen []any
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		var v any
		if p := caught(func() { v = m.Get(r) }); p != nil {
			v = p.(*signals.PanicError).Value
		}
		seen = append(seen, v)
	})
	s.Set(0)
	s.Set(2)
	s.Set(3)
	assert.Equal(t, seen, []any{"fine", "zero", "fine"})
}

func TestMemo_cycle(t *testing.T) {
	g := signals.NewGraph(nil)
	on := signals.New(g, true)
	var a, b *signals.Memo[int]
	a = signals.NewMemo(g, func(r *signals.Reader) int {
		if on.Get(r) {
			return b.Get(r) + 1
		}
		return 1
	})
	b = signals.NewMemo(g, func(r *signals.Reader) int { return a.Get(r) + 1 })
	self := signals.NewMemo(g, func(r *signals.Reader) int { return a.Get(r.Untracked()) })
	for _, m := range []*signals.Memo[int]{a, b, self} {
		err, _ := caught(func() { m.Peek() }).(error)
		assert.ErrorIs(t, err, signals.ErrCycle)
	}
	on.Set(false)
	assert.Equal(t, []int{a.Peek(), b.Peek()}, []int{1, 2}, "after the cycle was cut")
}

func TestMemo_cycle_untracked(t *testing.T) {
	g := signals.NewGraph(nil)
	var m *signals.Memo[int]
	m = signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r.Untracked()) })
	err, _ := caught(func() { m.Peek() }).(error)
	assert.ErrorIs(t, err, signals.ErrCycle)
}

// Two goroutines begin a cycle at its two ends, each waiting for the other.
func TestMemo_cycle_acrossGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		meet := make(chan struct{})
		var a, b *signals.Memo[int]
		a = signals.NewMemo(g, func(r *signals.Reader) int { <-meet; return b.Get(r) })
		b = signals.NewMemo(g, func(r *signals.Reader) int { <-meet; return a.Get(r) })
		outcomes := make(chan any, 2)
		for _, m := range []*signals.Memo[int]{a, b} {
			go func() { outcomes <- caught(func() { m.Peek() }) }()
		}
		synctest.Wait()
		close(meet)
		for range 2 {
			err, _ := (<-outcomes).(error)
			assert.ErrorIs(t, err, signals.ErrCycle)
		}
	})
}

// Readers wait for the one who works the value out.
func TestMemo_workedOutOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		runs, release := 0, make(chan struct{})
		m := signals.NewMemo(g, func(*signals.Reader) int { runs++; <-release; return runs })
		values := make(chan int, 8)
		for range cap(values) {
			go func() { values <- m.Peek() }()
		}
		synctest.Wait()
		close(release)
		for range cap(values) {
			assert.Equal(t, <-values, 1)
		}
	})
}

// What changes while a memo is worked out, after it was read, is not lost: not to later readers, and not to an effect.
func TestMemo_sourceChangesMeanwhile(t *testing.T) {
	for _, observed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := signals.NewGraph(nil)
			s := signals.New(g, 0)
			steps := make(chan struct{})
			m := signals.NewMemo(g, func(r *signals.Reader) int {
				v := s.Get(r)
				if v < 2 {
					<-steps
				}
				return v
			})
			var last int
			done := make(chan int)
			go func() {
				if observed {
					signals.Effect(signals.NewScope(g), func(r *signals.Reader) { last = m.Get(r) })
				} else {
					last = m.Peek()
				}
				close(done)
			}()
			for i := 1; i <= 2; i++ {
				synctest.Wait() // it has read the value before
				s.Set(i)
				steps <- struct{}{}
				if !observed {
					<-done
					assert.Equal(t, last, i-1)
					if i == 1 {
						done = make(chan int)
						go func() { last = m.Peek(); close(done) }()
					}
				}
			}
			<-done
			synctest.Wait()
			if observed {
				assert.Equal(t, last, 2, "what the effect has seen last")
			}
			assert.Equal(t, m.Peek(), 2)
		})
	}
}

// An effect that begins to depend on a memo which others have let go stale hears of what has changed before.
func TestMemo_staleIsSubscribed(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 1)
	m := signals.NewMemo(g, func(r *signals.Reader) int { return s.Get(r) })
	n := signals.NewMemo(g, func(r *signals.Reader) int { return m.Get(r) })
	scope := signals.NewScope(g)
	var seen []int
	signals.Effect(scope, func(r *signals.Reader) {
		v := n.Get(r)
		if len(seen) == 0 {
			s.Set(2) // n is stale by the time the run ends
		}
		seen = append(seen, v)
	})
	assert.Equal(t, seen, []int{1, 2})
	scope.Dispose()
	s.Set(3)
	scope = signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, n.Get(r)) })
	s.Set(4)
	assert.Equal(t, seen, []int{1, 2, 3, 4})
}

// A memo that nobody subscribed to for a while, and that is up to date by the clock, has read another that is not.
func TestMemo_subscribedAgain(t *testing.T) {
	g := signals.NewGraph(nil)
	a, b := signals.New(g, 0), signals.New(g, 0)
	inner := signals.NewMemo(g, func(r *signals.Reader) int { return b.Get(r) })
	outer := signals.NewMemo(g, func(r *signals.Reader) int { return a.Get(r) + inner.Get(r) })
	last := -1
	observe := func() (stop func()) {
		return signals.Effect(signals.NewScope(g), func(r *signals.Reader) { last = outer.Get(r) })
	}
	stop := observe()
	a.Set(10)
	stop()
	observe()
	b.Set(1)
	assert.Equal(t, last, 11)
}

// Many sources are looked up in another way than few, and none is lost or kept on the way from few to many and back.
func TestMemo_manySources(t *testing.T) {
	g := signals.NewGraph(nil)
	var all []*signals.Signal[int]
	for range 50 {
		all = append(all, signals.New(g, 1))
	}
	n := signals.New(g, 3)
	sum, runs := 0, 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		sum = 0
		runs++
		for range 2 { // everything twice
			for i := range n.Get(r) {
				sum += all[(i*7)%50].Get(r)
			}
		}
	})
	for _, count := range []int{50, 2, 20, 50, 0, 17} {
		n.Set(count)
		assert.Equal(t, sum, 2*count)
		before := runs
		for i, s := range all {
			s.Set(2)
			s.Set(1)
			want := before
			if (i*43)%50 < count { // 43*7 is 1 mod 50
				want += 2
			}
			assert.Equal(t, runs, want, "%d sources, change of %d", count, i)
			before = runs
		}
	}
}

func TestMemo_onCleanup(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var log []int
	m := signals.NewMemo(g, func(r *signals.Reader) int {
		v := s.Get(r)
		r.OnCleanup(func() { log = append(log, v) })
		return v
	})
	m.Peek()
	s.Set(1)
	assert.Equal(t, log, nil)
	m.Peek()
	assert.Equal(t, log, []int{0})
}

// A cleanup function of a memo that panics is not passed over in silence.
func TestMemo_onCleanup_panic(t *testing.T) {
	var told []any
	for _, options := range []*signals.Options{nil, {OnPanic: func(p *signals.PanicError) { told = append(told, p.Value) }}} {
		g := signals.NewGraph(options)
		s := signals.New(g, 0)
		m := signals.NewMemo(g, func(r *signals.Reader) int {
			if s.Get(r) == 0 {
				r.OnCleanup(func() { panic("cleanup") })
			}
			return s.Get(r)
		})
		assert.Equal(t, m.Peek(), 0)
		s.Set(1)
		if options == nil {
			p, _ := caught(func() { m.Peek() }).(*signals.PanicError)
			assert.True(t, p != nil && p.Value == "cleanup", "the reader is told")
			s.Set(2)
		}
		assert.Equal(t, m.Peek(), s.Peek())
	}
	assert.Equal(t, told, []any{"cleanup"})
}

func TestMap(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 3)
	runs := 0
	big := signals.Map(s, func(v int) bool { runs++; return v > 2 })
	small := signals.Not(big)
	assert.Equal(t, []bool{big.Peek(), small.Peek()}, []bool{true, false})
	s.Set(1)
	assert.Equal(t, []bool{big.Peek(), small.Peek()}, []bool{false, true})
	assert.Equal(t, runs, 2)
}
