//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
)

// NewGraph makes a graph whose effects run in a microtask. Panics of effects are written to the console and given to onPanic,
// which may be nil.
func NewGraph(onPanic func(*signals.PanicError)) *signals.Graph {
	return signals.NewGraph(&signals.Options{
		Scheduler: Microtask,
		OnPanic:   func(p *signals.PanicError) { report(p, onPanic) },
	})
}

// due is what is to be run in the next microtask.
var due []func()

// microtask is for the program, and never released.
var microtask js.Func

// Microtask has run called in a microtask. It is a signals.Scheduler.
func Microtask(run func()) {
	if microtask.IsUndefined() {
		microtask = js.FuncOf(func(js.Value, []js.Value) any {
			now := due
			due = nil
			for _, run := range now {
				try(run, nil)
			}
			return nil
		})
	}
	if due = append(due, run); len(due) == 1 {
		js.Global().Call("queueMicrotask", microtask)
	}
}
