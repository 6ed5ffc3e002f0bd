package wasm_test

import (
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/wasm"
)

// replace puts something else in the place of a global for the time of the test.
func replace(t *testing.T, name string, f func(original js.Value, args []js.Value) any) {
	original := js.Global().Get(name)
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any { return f(original, args) })
	js.Global().Set(name, fn)
	t.Cleanup(func() {
		js.Global().Set(name, original)
		fn.Release()
	})
}

// Ten thousand messages come in order, with far fewer calls into Go.
func TestBurst(t *testing.T) {
	rings := js.Global().Get("Array").New()
	replace(t, "MessageChannel", func(original js.Value, _ []js.Value) any {
		c := original.New()
		c.Get("port2").Call("addEventListener", "message", rings.Get("push").Call("bind", rings))
		return c
	})
	const n = 10_000
	began := time.Now()
	c := dial(t, wasm.Burst, wasm.Ask{N: n, Size: 32}, nil)
	for i := range n {
		assert.Equal(t, recv(t, c).N, i+1)
	}
	took := time.Since(began)
	t.Logf("%d messages with %d calls into Go, %v a message", n, rings.Length(), took/n)
	assert.True(t, rings.Length() < n/4, "%d calls into Go for %d messages", rings.Length(), n)
}

// When a connection has ended, no Go function listens any more.
func TestConn_releasesItsCallbacks(t *testing.T) {
	listeners := js.Global().Get("Array").New()
	replace(t, "WebSocket", func(original js.Value, args []js.Value) any {
		socket := original.New(args[0], args[1])
		add := socket.Get("addEventListener").Call("bind", socket)
		f := js.FuncOf(func(_ js.Value, args []js.Value) any {
			listeners.Call("push", args[1])
			if len(args) == 3 {
				return add.Invoke(args[0], args[1], args[2])
			}
			return add.Invoke(args[0], args[1])
		})
		t.Cleanup(f.Release)
		socket.Set("addEventListener", f)
		return socket
	})
	for _, code := range []int{0, 1006} {
		c := dial(t, wasm.Closes, wasm.Ask{N: 1, Code: code}, nil)
		recv(t, c)
		if code != 0 {
			assert.NoError(t, c.Send(limited(t), wasm.Note{}))
		}
		_, err := c.Recv(limited(t))
		assert.True(t, err != nil)
	}
	_, err := wasm.EchoJSON.Dial(limited(t), "http://127.0.0.1:1", wasm.Ask{}, nil)
	assert.True(t, err != nil)

	complaints := 0
	console := js.Global().Get("console")
	old := console.Get("error")
	listen := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].String() == "call to released function" {
			complaints++
		}
		return nil
	})
	defer listen.Release()
	console.Set("error", listen)
	defer console.Set("error", old)
	functions := 0
	for i := range listeners.Length() {
		if l := listeners.Index(i); !isBound(l) {
			functions++
			l.Invoke(js.Global().Get("Event").New("open"))
		}
	}
	assert.True(t, functions >= 3)
	assert.Equal(t, complaints, functions)
}

func isBound(f js.Value) bool {
	name := f.Get("name").String()
	return len(name) > 6 && name[:6] == "bound "
}
