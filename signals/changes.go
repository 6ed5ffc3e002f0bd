package signals

import (
	"context"
	"iter"
)

// Changes gives the value and then each new one, to a goroutine that has nothing to do with a graph. Values that follow each
// other faster than the loop takes them are left out; the last is always given. It ends when ctx does. Each range over it
// begins anew.
//
// The loop's body runs in the goroutine of the loop; what notices changes is an effect, which runs where the graph's
// [Scheduler] has effects run.
func Changes[T any](ctx context.Context, v Readable[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		scope := NewScope(v.Graph())
		defer scope.Dispose()
		latest := make(chan T, 1)
		Effect(scope, func(r *Reader) {
			value := v.Get(r)
			select {
			case <-latest: // nobody has taken it
			default:
			}
			latest <- value // only this function fills the place
		})
		for {
			select {
			case value := <-latest:
				if ctx.Err() != nil || !yield(value) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
