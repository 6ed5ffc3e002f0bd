package signals_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		id := signals.New(g, 1)
		var cancelled []int
		user := signals.NewResource(scope, func(ctx context.Context, r *signals.Reader) (string, error) {
			n := id.Get(r)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				cancelled = append(cancelled, n)
				return "not looked at", nil
			}
			if n == 3 {
				return "not looked at", errors.New("no such user")
			}
			return fmt.Sprint("user ", n), nil
		})
		assert.True(t, user.Graph() == g, "its graph")
		var seen []string
		signals.Effect(scope, func(r *signals.Reader) {
			got := user.Get(r)
			seen = append(seen, fmt.Sprintf("%v %q %v", got.State, got.Value, got.Err))
		})
		value, err := user.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, value, "user 1")
		id.Set(2)
		synctest.Wait()
		id.Set(3) // 2 is cancelled
		_, err = user.Wait(t.Context())
		assert.True(t, err != nil, "an error")
		assert.Equal(t, user.Peek().Value, "user 1", "the last without an error")
		g.Batch(func() { // one change
			id.Set(4)
			id.Set(5)
			user.Restart()
		})
		value, err = user.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, value, "user 5")
		assert.Equal(t, cancelled, []int{2})
		assert.Equal(t, seen, []string{
			`Pending "" <nil>`, `Ready "user 1" <nil>`,
			`Pending "user 1" <nil>`, // of 2
			`Pending "user 1" <nil>`, // of 3
			`Ready "user 1" no such user`,
			`Pending "user 1" <nil>`, `Ready "user 5" <nil>`,
		})
	})
}

// What is read late, after a wait or in another goroutine, counts as well; and nothing counts that the run before has read.
func TestResource_readsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		first, second, other := signals.New(g, true), signals.New(g, 1), signals.New(g, 1)
		runs := 0
		res := signals.NewResource(scope, func(_ context.Context, r *signals.Reader) (int, error) {
			runs++
			time.Sleep(time.Second)
			if !first.Get(r) {
				return other.Get(r), nil
			}
			v := make(chan int)
			go func() { v <- second.Get(r) }()
			return <-v, nil
		})
		_, _ = res.Wait(t.Context())
		second.Set(2)
		v, _ := res.Wait(t.Context())
		assert.Equal(t, v, 2)
		assert.Equal(t, runs, 2)
		first.Set(false)
		_, _ = res.Wait(t.Context())
		second.Set(3)
		assert.Equal(t, res.Peek().State, signals.Ready, "it does not depend on it any more")
		other.Set(7)
		v, _ = res.Wait(t.Context())
		assert.Equal(t, v, 7)
		assert.Equal(t, runs, 4)
	})
}

// A value that changes between the time it was read and the end of the run is not lost.
func TestResource_changesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		s := signals.New(g, 1)
		double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * s.Get(r) })
		res := signals.NewResource(signals.NewScope(g), func(_ context.Context, r *signals.Reader) (int, error) {
			v := double.Get(r)
			time.Sleep(time.Second) // deaf to its context
			return v, nil
		})
		time.Sleep(time.Second / 2)
		s.Set(2)
		v, err := res.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, v, 4)
		time.Sleep(time.Minute)
		assert.Equal(t, res.Peek().Value, 4)
	})
}

func TestResource_Cancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		s := signals.New(g, 1)
		res := signals.NewResource(scope, func(_ context.Context, r *signals.Reader) (int, error) {
			v := s.Get(r)
			time.Sleep(time.Second)
			return v, nil
		})
		_, _ = res.Wait(t.Context())
		s.Set(2)
		res.Cancel()
		got := res.Peek()
		assert.Equal(t, got, signals.Result[int]{State: signals.Stopped, Value: 1})
		time.Sleep(time.Minute)
		assert.Equal(t, res.Peek(), got, "the outcome is not looked at")
		s.Set(3)
		v, err := res.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, v, 3, "a change begins anew")
		scope.Dispose()
		s.Set(4)
		assert.Equal(t, res.Peek(), signals.Result[int]{State: signals.Ready, Value: 3})
	})
}

func TestResource_cleanup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		s := signals.New(g, 0)
		var log []int
		res := signals.NewResource(scope, func(_ context.Context, r *signals.Reader) (int, error) {
			v := s.Get(r)
			time.Sleep(time.Second)
			r.OnCleanup(func() { log = append(log, v) })
			return v, nil
		})
		_, _ = res.Wait(t.Context())
		assert.Equal(t, log, nil, "not when the function returns")
		s.Set(1)
		assert.Equal(t, log, []int{0})
		_, _ = res.Wait(t.Context())
		scope.Dispose()
		assert.Equal(t, log, []int{0, 1})
	})
}

// The function goes on reading when the resource has ended, or has begun anew.
func TestResource_readsAfterEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		s, late := signals.New(g, 0), signals.New(g, 0)
		runs := 0
		signals.NewResource(scope, func(_ context.Context, r *signals.Reader) (int, error) {
			runs++
			if s.Get(r) == 1 {
				return 0, nil
			}
			time.Sleep(time.Second)
			return late.Get(r), nil
		})
		synctest.Wait()
		s.Set(1)
		time.Sleep(time.Minute)
		late.Set(1)
		synctest.Wait()
		assert.Equal(t, runs, 2, "read by a run that is over")
		s.Set(2)
		synctest.Wait()
		scope.Dispose()
		time.Sleep(time.Minute)
		late.Set(2)
		assert.Equal(t, runs, 3, "read after the end")
	})
}

func TestResource_restartsRace(t *testing.T) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	defer scope.Dispose()
	var all []*signals.Signal[int]
	for range 20 {
		all = append(all, signals.New(g, 0))
	}
	sum := signals.NewMemo(g, func(r *signals.Reader) (n int) {
		for _, s := range all[:10] {
			n += s.Get(r)
		}
		return n
	})
	res := signals.NewResource(scope, func(_ context.Context, r *signals.Reader) (int, error) {
		n := sum.Get(r)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, s := range all[10:] {
			wg.Go(func() {
				v := s.Get(r)
				mu.Lock()
				defer mu.Unlock()
				n += v
			})
		}
		wg.Wait()
		return n, nil
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 300 {
				all[(i*5+j)%20].Update(func(v int) int { return v + 1 })
				switch j % 20 {
				case 3:
					res.Restart()
				case 7:
					_, err := res.Wait(t.Context())
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for got := range signals.Changes(t.Context(), res) { // the last restart may be left to who is running effects
		assert.NoError(t, got.Err)
		if got.State == signals.Ready && got.Value == 8*300 {
			break
		}
	}
}
