package signals

import (
	"context"
	"errors"
)

// Resource is a value that is fetched: by a function that takes time, is cancelled when something changes that it has read,
// and called again. Its methods may be called from any goroutine.
type Resource[T any] struct {
	scope  *Scope
	f      func(context.Context, *Reader) (T, error)
	result *Signal[result[T]]
	again  *Signal[int] // counts calls of Restart
	effect *effect

	// Of the run under way, guarded by the graph's lock.
	cancel context.CancelFunc
	run    int
	ended  chan struct{} // closed when it is over; nil if nobody waits
}

// Result is what a [Resource] has come to.
type Result[T any] struct {
	// State is Pending while the value is fetched.
	State State
	// Value is the last that was fetched without an error: the old one while a new one is fetched. It is the zero value
	// before the first.
	Value T
	// Err is that of the last run, nil while it is Pending.
	Err error
}

// result is a Result of a certain run.
type result[T any] struct {
	Result[T]
	run int
}

// sameStep reports whether two results are the same one: a run is in each state once.
func sameStep[T any](a, b result[T]) bool { return a.run == b.run && a.State == b.State }

// NewResource calls f in a goroutine, and again, after its context was cancelled, when something has changed that it has
// read with the Reader; it may do so at any time until it is called again. Several changes at once, as in [Graph.Batch], are
// one. The outcome of a call whose context was cancelled is not looked at. A panic is a *[PanicError] as the error.
// When the scope is disposed, the context ends and the resource is Stopped; nobody waits for f.
func NewResource[T any](s *Scope, f func(ctx context.Context, r *Reader) (T, error)) *Resource[T] {
	res := &Resource[T]{
		scope: s, f: f,
		result: NewFunc(s.g, result[T]{}, sameStep[T]),
		again:  New(s.g, 0),
	}
	s.OnCleanup(res.Cancel)
	if res.effect = newEffect(s, res.start); res.effect == nil {
		return res
	}
	res.effect.async = true
	res.effect.start()
	return res
}

// start begins a run.
func (res *Resource[T]) start(r *Reader) {
	res.again.Get(r)
	ctx, cancel := context.WithCancel(context.Background())
	run := res.begin(cancel)
	if run == 0 {
		cancel()
		return
	}
	go func() {
		defer cancel()
		ended := result[T]{Result[T]{State: Ready, Err: errGoexit}, run}
		defer func() { res.finish(ended) }()
		if p := try(func() { ended.Value, ended.Err = res.f(ctx, r) }); p != nil {
			ended.Err = p
		}
	}()
}

// begin cancels the run before, and has the resource be Pending. It gives the number of the run; 0 when the scope has ended
// meanwhile, because then the resource is Stopped, or will be, and must stay so.
func (res *Resource[T]) begin(cancel context.CancelFunc) (run int) {
	g := res.scope.g
	g.mu.Lock()
	defer g.kick()
	if res.scope.over {
		return 0
	}
	if res.cancel != nil {
		res.cancel()
	}
	res.cancel = cancel
	res.run++
	res.result.value = result[T]{Result[T]{State: Pending, Value: res.result.value.Value}, res.run}
	res.result.changed(g.nextVersion())
	return res.run
}

// errGoexit is the error of a function that has ended its goroutine instead of returning.
var errGoexit = errors.New("signals: the function has called runtime.Goexit")

// finish notes the outcome of a run, unless there is another by now, or it was cancelled.
func (res *Resource[T]) finish(ended result[T]) {
	defer res.wake()
	res.result.Update(func(last result[T]) result[T] {
		if last.run != ended.run || last.State != Pending {
			return last
		}
		if ended.Err != nil {
			ended.Value = last.Value
		}
		return ended
	})
}

// Get reads what it has come to, and has r's run depend on it.
func (res *Resource[T]) Get(r *Reader) Result[T] { return res.result.Get(r).Result }

// Peek reads what it has come to.
func (res *Resource[T]) Peek() Result[T] { return res.Get(nil) }

// Graph is the graph it belongs to.
func (res *Resource[T]) Graph() *Graph { return res.scope.g }

// Restart cancels the run under way and begins another. In a disposed scope it does nothing.
func (res *Resource[T]) Restart() { res.again.Update(func(n int) int { return n + 1 }) }

// Cancel ends the run under way: the resource is Stopped, until something changes or it is restarted. Unless it is Pending
// that does nothing.
func (res *Resource[T]) Cancel() {
	g := res.scope.g
	g.mu.Lock()
	if res.cancel != nil {
		res.cancel()
	}
	g.mu.Unlock()
	defer res.wake()
	res.result.Update(func(last result[T]) result[T] {
		if last.State == Pending {
			last.State = Stopped
		}
		return last
	})
}

// Wait waits until it is not Pending, and gives the value and the error; context.Canceled when it is Stopped. It needs no
// effect to run, so it can be called where they do.
func (res *Resource[T]) Wait(ctx context.Context) (T, error) {
	for {
		got, ended := res.look()
		switch got.State {
		case Ready:
			return got.Value, got.Err
		case Stopped:
			return got.Value, context.Canceled
		}
		select {
		case <-ended:
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}

// look gives the result, and what is closed when it is not Pending any more.
func (res *Resource[T]) look() (Result[T], <-chan struct{}) {
	g := res.scope.g
	g.mu.Lock()
	defer g.mu.Unlock()
	if res.ended == nil {
		res.ended = make(chan struct{})
	}
	return res.result.value.Result, res.ended
}

// wake has those who wait look again.
func (res *Resource[T]) wake() {
	g := res.scope.g
	g.mu.Lock()
	defer g.mu.Unlock()
	if res.ended != nil {
		close(res.ended)
		res.ended = nil
	}
}
