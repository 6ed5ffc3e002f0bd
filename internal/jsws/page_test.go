//go:build js

package jsws_test

import (
	"context"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/wire"
)

// window gives the page a window that can be left: its own, where it has one, which cannot be replaced.
func window(t *testing.T) js.Value {
	if w := global.Get("window"); w.Truthy() {
		return w
	}
	w := global.Get("EventTarget").New()
	replace(t, "window", w)
	return w
}

func TestPage_comesBack(t *testing.T) {
	w := window(t)
	c, f := dial(t, unlimited(), nil)
	w.Call("dispatchEvent", event("pageshow")) // as after any load
	assert.NoError(t, c.Err())
	f.fire(message("before"))
	assert.Equal(t, next(t, c), "text before")

	w.Call("dispatchEvent", event("pagehide"))
	assert.Equal(t, f.closes, []closing{{1000, ""}})
	assert.ErrorAs[*wire.LostError](t, send(t.Context(), c, "late"))
	f.fire(closed(1000, ""))
	_, _, err := c.Next(soon(t))
	assert.ErrorIs(t, err, context.DeadlineExceeded, "nothing is told while the page is away")

	w.Call("dispatchEvent", event("pageshow"))
	_, _, err = c.Next(t.Context())
	assert.ErrorAs[*wire.LostError](t, err)
	f.released()
}

// A session is not to end with its page's visit, if the browser keeps the page.
func TestPage_session(t *testing.T) {
	w := window(t)
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	_, f := dial(t, unlimited(), own)
	hide := event("pagehide")
	hide.Set("persisted", true)
	w.Call("dispatchEvent", hide)
	assert.Equal(t, f.closes, []closing{{3008, ""}})
	assert.Equal(t, len(own.ended), 0)
	w.Call("dispatchEvent", event("pageshow"))
	assert.ErrorAs[*wire.LostError](t, <-own.ended)
}

// Nobody comes back to a session whose page is not kept, so the server need not wait.
func TestPage_sessionOfPageThatIsGone(t *testing.T) {
	w := window(t)
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	_, f := dial(t, unlimited(), own)
	w.Call("dispatchEvent", event("pagehide"))
	assert.Equal(t, f.closes, []closing{{1000, ""}})
	w.Call("dispatchEvent", event("pageshow"))
	assert.ErrorAs[*wire.LostError](t, <-own.ended)
}

// The page's listeners are there as long as there are connections.
func TestPage_listeners(t *testing.T) {
	w := window(t)
	count := 0
	remove := w.Get("removeEventListener").Call("bind", w)
	w.Set("removeEventListener", funcOf(t, func(_ js.Value, args []js.Value) any {
		count++
		return remove.Invoke(args[0], args[1])
	}))
	t.Cleanup(func() { w.Delete("removeEventListener") }) // the one of its prototype is left
	a, _ := dial(t, unlimited(), nil)
	b, _ := dial(t, unlimited(), nil)
	a.Abort(wire.ErrClosed)
	assert.Equal(t, count, 0)
	b.Abort(wire.ErrClosed)
	assert.Equal(t, count, 2)
}
