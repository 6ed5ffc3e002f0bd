package signals_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		broken := errors.New("broken")
		f := signals.Go(scope, func(context.Context) error {
			time.Sleep(time.Second)
			return broken
		})
		var seen []string
		signals.Effect(scope, func(r *signals.Reader) { seen = append(seen, fmt.Sprint(f.State(r), f.Err(r))) })
		assert.ErrorIs(t, f.Wait(t.Context()), broken)
		assert.Equal(t, seen, []string{"Pending <nil>", "Ready broken"})
	})
}

func TestFuture_Restart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		runs, cancelled := 0, 0
		f := signals.Go(scope, func(ctx context.Context) error {
			runs++
			select {
			case <-ctx.Done():
				cancelled++
				return errors.New("not looked at")
			case <-time.After(time.Minute):
				return nil
			}
		})
		synctest.Wait()
		f.Restart()
		synctest.Wait()
		assert.Equal(t, []int{runs, cancelled}, []int{2, 1})
		assert.NoError(t, f.Wait(t.Context()))
		assert.Equal(t, f.State(nil), signals.Ready)
		f.Restart()
		assert.Equal(t, f.State(nil), signals.Pending)
		assert.NoError(t, f.Wait(t.Context()))
		assert.Equal(t, []int{runs, cancelled}, []int{3, 1})
	})
}

func TestFuture_Cancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope := signals.NewScope(signals.NewGraph(nil))
		f := signals.Go(scope, func(ctx context.Context) error { <-ctx.Done(); return nil })
		waiting := make(chan error)
		go func() { waiting <- f.Wait(t.Context()) }()
		synctest.Wait()
		f.Cancel()
		assert.ErrorIs(t, <-waiting, context.Canceled)
		assert.Equal(t, f.State(nil), signals.Stopped)
		assert.ErrorIs(t, f.Wait(t.Context()), context.Canceled)
		f.Restart()
		assert.Equal(t, f.State(nil), signals.Pending)
		scope.Dispose()
		assert.Equal(t, f.State(nil), signals.Stopped)
		f.Restart()
		assert.Equal(t, f.State(nil), signals.Stopped, "in a disposed scope")
	})
}

func TestFuture_Cancel_ready(t *testing.T) {
	f := signals.Go(signals.NewScope(signals.NewGraph(nil)), func(context.Context) error { return nil })
	assert.NoError(t, f.Wait(t.Context()))
	f.Cancel()
	assert.Equal(t, f.State(nil), signals.Ready)
}

func TestFuture_panic(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("broken") }, "Goexit": exit} {
		t.Run(name, func(t *testing.T) {
			f := signals.Go(signals.NewScope(signals.NewGraph(nil)), func(context.Context) error { end(); return nil })
			err := f.Wait(t.Context())
			if name == "panic" {
				assert.Equal(t, assert.ErrorAs[*signals.PanicError](t, err).Value, any("broken"))
			} else {
				assert.True(t, err != nil, "an error")
			}
			assert.Equal(t, f.State(nil), signals.Ready)
		})
	}
}

func TestFuture_Wait_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope := signals.NewScope(signals.NewGraph(nil))
		defer scope.Dispose()
		f := signals.Go(scope, func(ctx context.Context) error { <-ctx.Done(); return nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, f.Wait(ctx), context.DeadlineExceeded)
	})
}

// Waiting needs no effect to run, so it may be done where they do: here in one, and with a scheduler that is never called.
func TestFuture_Wait_inEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var due later
		g := signals.NewGraph(&signals.Options{Scheduler: due.schedule})
		scope := signals.NewScope(g)
		f := signals.Go(scope, func(context.Context) error { time.Sleep(time.Second); return nil })
		waited := false
		signals.Effect(scope, func(*signals.Reader) {
			assert.NoError(t, f.Wait(t.Context()))
			waited = true
		})
		assert.True(t, waited, "waited")
	})
}

func TestGo_disposedScope(t *testing.T) {
	scope := signals.NewScope(signals.NewGraph(nil))
	scope.Dispose()
	f := signals.Go(scope, func(context.Context) error { panic("it is called") })
	assert.Equal(t, f.State(nil), signals.Stopped)
	assert.ErrorIs(t, f.Wait(t.Context()), context.Canceled)
	f.Restart()
	assert.Equal(t, f.State(nil), signals.Stopped)
}

func TestState_String(t *testing.T) {
	assert.Equal(t, fmt.Sprint(signals.Pending, signals.Ready, signals.Stopped, signals.State(9)), "Pending Ready Stopped State?")
}
