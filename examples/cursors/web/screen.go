//go:build js

package main

import (
	"syscall/js"
	"time"

	"github.com/tandem-ws/tandem/examples/cursors/view"
)

// screen is the browser's window.
type screen struct{}

var _ view.Screen = screen{}

// Frames calls f before each frame that the browser draws.
func (screen) Frames(f func(now time.Duration)) (stop func()) {
	window := js.Global()
	request := window.Get("requestAnimationFrame").Call("bind", window)
	var draw js.Func
	var id js.Value
	draw = js.FuncOf(func(_ js.Value, args []js.Value) any {
		id = request.Invoke(draw) // first, so that what f does is part of this frame and not of when the next is asked for
		f(time.Duration(args[0].Float() * float64(time.Millisecond)))
		return nil
	})
	id = request.Invoke(draw)
	return func() {
		window.Call("cancelAnimationFrame", id)
		draw.Release()
	}
}

// Size is how large it is.
func (screen) Size() (width, height float64) {
	window := js.Global()
	return window.Get("innerWidth").Float(), window.Get("innerHeight").Float()
}

// Calm tells whether somebody prefers reduced motion, now and when that changes.
func (screen) Calm(tell func(bool)) (stop func()) {
	query := js.Global().Call("matchMedia", "(prefers-reduced-motion: reduce)")
	changed := js.FuncOf(func(js.Value, []js.Value) any {
		tell(query.Get("matches").Bool())
		return nil
	})
	tell(query.Get("matches").Bool())
	query.Call("addEventListener", "change", changed)
	return func() {
		query.Call("removeEventListener", "change", changed)
		changed.Release()
	}
}
