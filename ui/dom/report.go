//go:build js

package dom

import (
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
)

// try calls f and reports its panic.
func try(f func(), onPanic func(*signals.PanicError)) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			report(signals.Recovered(v), onPanic)
		}
	}()
	f()
	return true
}

// report tells the console and the program of a panic.
func report(p *signals.PanicError, onPanic func(*signals.PanicError)) {
	js.Global().Get("console").Call("error", p.Error()+"\n"+string(p.Stack))
	if onPanic != nil {
		onPanic(p)
	}
}
