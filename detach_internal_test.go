//go:build !js

package tandem

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

type valueKey struct{}

// listContext cannot be compared.
type listContext struct {
	context.Context
	_ []int
}

func TestValues_stripCancellationOnly(t *testing.T) {
	base := context.WithValue(t.Context(), valueKey{}, 1)
	inner, cancel := context.WithCancel(base)
	defer cancel()
	outer, cancel := context.WithCancel(inner)
	defer cancel()
	got, stripped := values(outer)
	assert.True(t, stripped, "is a context of another shape in this version of Go?")
	assert.True(t, got == base)

	timed, cancel := context.WithTimeout(outer, 1<<40)
	defer cancel()
	for _, ctx := range []context.Context{timed, context.WithValue(outer, valueKey{}, 2), listContext{Context: outer}} {
		_, stripped = values(ctx)
		assert.True(t, !stripped)
	}
}

func TestRequest_contextIsOverAndHasItsValues(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, 1))
	defer cancel()
	var k keptRequest
	k.keep(httptest.NewRequest(http.MethodGet, "/", http.NoBody).WithContext(ctx))
	var mu sync.Mutex
	got := k.get(&mu).Context()
	<-got.Done()
	assert.ErrorIs(t, got.Err(), context.Canceled)
	assert.ErrorIs(t, context.Cause(got), context.Canceled)
	assert.Equal(t, got.Value(valueKey{}), any(1))
}
