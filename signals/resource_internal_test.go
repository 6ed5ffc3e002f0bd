package signals

import (
	"context"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// A run that was about to begin in another goroutine when the scope ended does not begin, and nobody sees it pending.
func TestResource_start_scopeEnded(t *testing.T) {
	g := NewGraph(nil)
	scope := NewScope(g)
	calls := make(chan struct{}, 9)
	res := NewResource(scope, func(context.Context, *Reader) (int, error) { calls <- struct{}{}; return 1, nil })
	_, err := res.Wait(t.Context())
	assert.NoError(t, err)
	res.Restart()
	scope.Dispose()
	after := res.Peek().State
	var seen []State
	Effect(NewScope(g), func(r *Reader) { seen = append(seen, res.Get(r).State) })
	res.start(nil)
	assert.Equal(t, seen, []State{after})
	assert.True(t, after != Pending, "it is pending")
	assert.True(t, len(calls) <= 2, "a third call")
}
