//go:build js

// Command framework gives package signals to a program in JavaScript, in the shape in which the test suite wants it. Who
// reads is not said there, so it is remembered here.
package main

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
)

var (
	graph   = signals.NewGraph(nil)
	root    = signals.NewScope(graph)
	readers []*signals.Reader
)

// reader is that of the memo or effect that runs; nil where nothing is tracked.
func reader() *signals.Reader {
	if len(readers) == 0 {
		return nil
	}
	return readers[len(readers)-1]
}

// as calls a function of JavaScript's, which reads with r. Its exception becomes a panic.
func as(r *signals.Reader, f js.Value) js.Value {
	readers = append(readers, r)
	defer func() { readers = readers[:len(readers)-1] }()
	out := f.Invoke()
	if out.Get("error").Type() != js.TypeUndefined {
		panic(thrown{out.Get("error")})
	}
	return out
}

// thrown is an exception of JavaScript's.
type thrown struct{ value js.Value }

// outcome calls f and gives JavaScript its value, or the exception that its panic was.
func outcome(f func() any) (out any) {
	defer func() {
		if v := recover(); v != nil {
			out = map[string]any{"error": exception(v)}
		}
	}()
	return map[string]any{"value": f()}
}

func exception(v any) js.Value {
	if p, ok := v.(*signals.PanicError); ok {
		v = p.Value
	}
	switch v := v.(type) {
	case thrown:
		return v.value
	case error:
		return js.Global().Get("Error").New(v.Error())
	}
	panic(v)
}

func function(f func(args []js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args) })
}

func signal(args []js.Value) any {
	s := signals.NewFunc(graph, args[0], js.Value.Equal)
	return map[string]any{
		"read": function(func([]js.Value) any { return s.Get(reader()) }),
		"write": function(func(args []js.Value) any {
			return outcome(func() any {
				s.Set(args[0])
				return nil
			})
		}),
	}
}

func computed(args []js.Value) any {
	m := signals.NewMemoFunc(graph, func(r *signals.Reader) js.Value { return as(r, args[0]).Get("value") }, js.Value.Equal)
	return map[string]any{
		"read": function(func([]js.Value) any { return outcome(func() any { return m.Get(reader()) }) }),
	}
}

func effect(args []js.Value) any {
	return outcome(func() any {
		scope := root
		if r := reader(); r != nil {
			scope = r.Scope()
		}
		stop := signals.Effect(scope, func(r *signals.Reader) {
			if f := as(r, args[0]).Get("cleanup"); f.Type() == js.TypeFunction {
				r.OnCleanup(func() { as(nil, f) })
			}
		})
		return function(func([]js.Value) any {
			return outcome(func() any {
				stop()
				return nil
			})
		})
	})
}

func batch(args []js.Value) any {
	return outcome(func() any {
		graph.Batch(func() { as(reader(), args[0]) })
		return nil
	})
}

func untracked(args []js.Value) any {
	return outcome(func() any { return as(reader().Untracked(), args[0]).Get("value") })
}

func main() {
	js.Global().Set("tandem", map[string]any{
		"signal":    function(signal),
		"computed":  function(computed),
		"effect":    function(effect),
		"batch":     function(batch),
		"untracked": function(untracked),
	})
	select {}
}
