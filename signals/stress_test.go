package signals_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

// These tests are for the race detector. What they check is what must hold however goroutines interleave: the last values
// are exact, each effect has seen them last, and no effect runs twice at once.

const (
	stressGoroutines = 8
	stressRounds     = 1500
)

// diamond is a signal that is read on three ways.
type diamond struct {
	top         *signals.Signal[int]
	left, right *signals.Memo[int]
	bottom      *signals.Memo[int]
}

func newDiamond(g *signals.Graph) *diamond {
	d := &diamond{top: signals.New(g, 0)}
	d.left = signals.NewMemo(g, func(r *signals.Reader) int { return 2 * d.top.Get(r) })
	d.right = signals.NewMemo(g, func(r *signals.Reader) int { return 3 * d.top.Get(r) })
	d.bottom = signals.NewMemo(g, func(r *signals.Reader) int { return d.left.Get(r) + d.right.Get(r) })
	return d
}

// watch makes an effect that notes what it sees last, and fails when it runs twice at once.
func watch[T any](t *testing.T, s *signals.Scope, v signals.Readable[T]) (last *atomic.Value) {
	last = new(atomic.Value)
	var running atomic.Bool
	signals.Effect(s, func(r *signals.Reader) {
		if !running.CompareAndSwap(false, true) {
			t.Error("an effect runs twice at once")
		}
		last.Store(v.Get(r))
		running.Store(false)
	})
	return last
}

func TestStress_diamonds(t *testing.T) {
	for name, schedule := range map[string]func(*sync.WaitGroup) signals.Scheduler{
		"sync":      func(*sync.WaitGroup) signals.Scheduler { return signals.Sync },
		"goroutine": func(wg *sync.WaitGroup) signals.Scheduler { return func(run func()) { wg.Go(run) } },
	} {
		t.Run(name, func(t *testing.T) {
			var flushes, wg sync.WaitGroup
			g := signals.NewGraph(&signals.Options{Scheduler: schedule(&flushes)})
			scope := signals.NewScope(g)
			diamonds := []*diamond{newDiamond(g), newDiamond(g), newDiamond(g)}
			sum := signals.NewMemo(g, func(r *signals.Reader) (n int) {
				for _, d := range diamonds {
					n += d.bottom.Get(r)
				}
				return n
			})
			picked := signals.NewMemo(g, func(r *signals.Reader) int { // whose dependencies change all the time
				return diamonds[diamonds[0].top.Get(r)%3].bottom.Get(r)
			})
			lastSum, lastPicked := watch(t, scope, sum), watch(t, scope, picked)
			for i := range stressGoroutines {
				wg.Go(func() {
					own := scope.Child()
					defer own.Dispose()
					for j := range stressRounds {
						d := diamonds[(i+j)%3]
						d.top.Update(func(v int) int { return v + 1 })
						switch j % 10 {
						case 1:
							g.Batch(func() {
								d.top.Update(func(v int) int { return v + 5 })
								_ = sum.Peek()
								d.top.Update(func(v int) int { return v - 5 })
							})
						case 3:
							_ = d.bottom.Peek()
						case 5:
							signals.Effect(own, func(r *signals.Reader) { picked.Get(r) })
						case 7:
							signals.Effect(own, func(r *signals.Reader) {
								signals.Effect(r.Scope(), func(r *signals.Reader) { d.left.Get(r) })
								d.right.Get(r)
							})()
						case 9:
							own.Dispose()
							own = scope.Child()
						}
					}
				})
			}
			wg.Wait()
			flushes.Wait()
			total := 0
			for _, d := range diamonds {
				total += d.top.Peek()
				assert.Equal(t, d.bottom.Peek(), 5*d.top.Peek())
			}
			assert.Equal(t, total, stressGoroutines*stressRounds)
			assert.Equal(t, sum.Peek(), 5*total)
			assert.Equal(t, lastSum.Load(), any(5*total), "what an effect has seen last")
			assert.Equal(t, lastPicked.Load(), any(5*diamonds[diamonds[0].top.Peek()%3].top.Peek()), "what an effect has seen last")
		})
	}
}

// Memos that nobody subscribes to for long, so that they change all the time between the two ways of being up to date.
func TestStress_subscriptions(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var chain []signals.Readable[int]
	chain = append(chain, s)
	for i := range 10 {
		chain = append(chain, signals.NewMemo(g, func(r *signals.Reader) int { return chain[i].Get(r) + 1 }))
	}
	var wg sync.WaitGroup
	for i := range stressGoroutines {
		wg.Go(func() {
			for j := range stressRounds {
				end := chain[1+(i+j)%10]
				stop := signals.Effect(signals.NewScope(g), func(r *signals.Reader) { end.Get(r) })
				s.Update(func(v int) int { return v + 1 })
				stop()
				_ = end.Peek()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, chain[10].Peek(), stressGoroutines*stressRounds+10)
	last := watch(t, signals.NewScope(g), chain[10])
	s.Set(-10)
	assert.Equal(t, last.Load(), any(0))
}

// Who waits for the last value of a signal that others write gets it.
func TestStress_changes(t *testing.T) {
	g := signals.NewGraph(nil)
	d := newDiamond(g)
	const want = 5 * stressGoroutines * stressRounds
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			before := -1
			for v := range signals.Changes(t.Context(), d.bottom) {
				if v <= before {
					t.Errorf("%d after %d", v, before)
				}
				if before = v; v == want {
					return
				}
			}
		})
	}
	for range stressGoroutines {
		wg.Go(func() {
			for range stressRounds {
				d.top.Update(func(v int) int { return v + 1 })
			}
		})
	}
	wg.Wait()
}

// Scopes end while effects in them run, and futures are restarted and cancelled beside.
func TestStress_scopes(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	var made, ended atomic.Int64
	var wg sync.WaitGroup
	for range stressGoroutines {
		wg.Go(func() {
			for j := range stressRounds / 5 {
				scope := signals.NewScope(g)
				made.Add(1)
				scope.OnCleanup(func() { ended.Add(1) })
				signals.Effect(scope.Child(), func(r *signals.Reader) {
					s.Get(r)
					made.Add(1)
					r.OnCleanup(func() { ended.Add(1) })
				})
				f := signals.Go(scope, func(ctx context.Context) error { return ctx.Err() })
				s.Update(func(v int) int { return v + 1 })
				switch j % 3 {
				case 0:
					f.Restart()
				case 1:
					f.Cancel()
				}
				var both sync.WaitGroup
				both.Go(scope.Dispose)
				both.Go(scope.Dispose)
				both.Wait()
				if st := f.State(nil); st == signals.Pending {
					t.Error("the future is pending after the end of its scope")
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, ended.Load(), made.Load(), "cleanup functions called")
}
