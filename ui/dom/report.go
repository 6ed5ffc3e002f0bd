//go:build js

package dom

import (
	"runtime"
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
)

// try calls f and reports its panic.
func try(f func(), onPanic func(*signals.PanicError)) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			report(caught(v), onPanic)
		}
	}()
	f()
	return true
}

// caught is a panic that was recovered. It is to be called by the deferred function.
func caught(v any) *signals.PanicError {
	p, ok := v.(*signals.PanicError)
	if !ok {
		p = &signals.PanicError{Value: v, Stack: stack()}
	}
	return p
}

// report tells the console and the program of a panic.
func report(p *signals.PanicError, onPanic func(*signals.PanicError)) {
	js.Global().Get("console").Call("error", p.Error()+"\n"+string(p.Stack))
	if onPanic != nil {
		onPanic(p)
	}
}

// stack is debug.Stack, whose package brings package os and with it a tenth of what a browser downloads.
func stack() []byte {
	buf := make([]byte, 4096)
	for {
		if n := runtime.Stack(buf, false); n < len(buf) {
			return buf[:n]
		}
		buf = make([]byte, 2*len(buf))
	}
}
