package signals

import "context"

// State is how far a [Future] or a [Resource] is.
type State int

// The states.
const (
	Pending State = iota // at work
	Ready                // done, with or without an error
	Stopped              // cancelled
)

// String names the state.
func (s State) String() string {
	switch s {
	case Pending:
		return "Pending"
	case Ready:
		return "Ready"
	case Stopped:
		return "Stopped"
	}
	return "State?"
}

// Future is work that goes on beside, in a goroutine of its own, whose state can be read. Its methods may be called from
// any goroutine.
type Future struct{ r *Resource[struct{}] }

// Go calls f in a goroutine. The context ends when the scope is disposed, and when the future is cancelled or restarted;
// nobody waits for f then, but its outcome is not looked at any more. A panic is a *[PanicError] as the error. What f reads
// it reads without depending on it: [NewResource] is for that.
func Go(s *Scope, f func(ctx context.Context) error) *Future {
	return &Future{NewResource(s, func(ctx context.Context, _ *Reader) (struct{}, error) {
		return struct{}{}, f(ctx)
	})}
}

// State reads the state.
func (f *Future) State(r *Reader) State { return f.r.Get(r).State }

// Err reads the error; nil while there is none.
func (f *Future) Err(r *Reader) error { return f.r.Get(r).Err }

// Wait waits until the future is Ready or Stopped, and gives the error; context.Canceled when it is Stopped.
func (f *Future) Wait(ctx context.Context) error {
	_, err := f.r.Wait(ctx)
	return err
}

// Restart cancels the work and begins anew. In a disposed scope it does nothing.
func (f *Future) Restart() { f.r.Restart() }

// Cancel cancels the work: the future is Stopped, unless it was Ready.
func (f *Future) Cancel() { f.r.Cancel() }
