package signals_test

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestScope_Dispose(t *testing.T) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	assert.True(t, scope.Graph() == g, "its graph")
	var log []string
	note := func(text string) func() { return func() { log = append(log, text) } }
	scope.OnCleanup(note("oldest"))
	runs := 0
	signals.Effect(scope, func(r *signals.Reader) { s.Get(r); runs++; r.OnCleanup(note("effect")) })
	child := scope.Child()
	child.OnCleanup(note("child's"))
	grandchild := child.Child()
	scope.OnCleanup(note("newest"))
	assert.True(t, !scope.Disposed() && !child.Disposed(), "disposed")
	scope.Dispose()
	assert.Equal(t, log, []string{"newest", "child's", "effect", "oldest"})
	assert.True(t, scope.Disposed() && child.Disposed() && grandchild.Disposed(), "not disposed")
	scope.Dispose()
	child.Dispose()
	s.Set(1)
	assert.Equal(t, runs, 1)
	assert.Equal(t, len(log), 4)
}

func TestScope_disposed(t *testing.T) {
	scope := signals.NewScope(signals.NewGraph(nil))
	scope.Dispose()
	called := 0
	scope.OnCleanup(func() { called++ })
	assert.Equal(t, called, 1, "OnCleanup calls at once")
	assert.True(t, scope.Child().Disposed(), "a child ends at once")
}

func TestScope_Child_endsBefore(t *testing.T) {
	scope := signals.NewScope(signals.NewGraph(nil))
	var log []string
	a, b, c := scope.Child(), scope.Child(), scope.Child()
	for name, s := range map[string]*signals.Scope{"a": a, "b": b, "c": c} {
		s.OnCleanup(func() { log = append(log, name) })
	}
	b.Dispose()
	assert.True(t, !scope.Disposed(), "the parent lives")
	scope.Dispose()
	assert.Equal(t, log, []string{"b", "c", "a"})
}

func TestScope_Dispose_panic(t *testing.T) {
	scope := signals.NewScope(signals.NewGraph(nil))
	var log []string
	scope.OnCleanup(func() { log = append(log, "oldest") })
	scope.OnCleanup(func() { panic("second") })
	scope.Child().OnCleanup(func() { panic("first") })
	p, _ := caught(scope.Dispose).(*signals.PanicError)
	assert.True(t, p != nil, "Dispose panics with a PanicError")
	assert.Equal(t, p.Value, any("first"))
	assert.Equal(t, log, []string{"oldest"})
	assert.True(t, caught(scope.Dispose) == nil, "once")
}

// What a cleanup function adds to a scope that is being disposed ends at once.
func TestScope_Dispose_addsMore(t *testing.T) {
	scope := signals.NewScope(signals.NewGraph(nil))
	var log []string
	scope.OnCleanup(func() {
		signals.Effect(scope, func(*signals.Reader) { log = append(log, "effect") })
		scope.OnCleanup(func() { log = append(log, "at once") })
		scope.Dispose()
	})
	scope.Dispose()
	assert.Equal(t, log, []string{"at once"})
}
