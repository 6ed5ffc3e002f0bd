//go:build js

package jsws_test

import (
	"context"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/jsws"
	"github.com/tandem-ws/tandem/internal/wire"
)

var global = js.Global()

// fake is a WebSocket that does what a test says. Its events come from the event loop, as a browser's do.
type fake struct {
	t         testing.TB
	obj       js.Value
	url       string
	offers    js.Value
	sent      []js.Value
	closes    []closing
	listeners []js.Value // that were ever added
}

type closing struct {
	code   int // 0 where there was none
	reason string
}

// replace puts something else in the place of a global for the time of the test.
func replace(t testing.TB, name string, v any) {
	old := global.Get(name)
	global.Set(name, v)
	t.Cleanup(func() { global.Set(name, old) })
}

func funcOf(t testing.TB, f func(this js.Value, args []js.Value) any) js.Func {
	fn := js.FuncOf(f)
	t.Cleanup(fn.Release)
	return fn
}

// fakes has every WebSocket be a fake.
func fakes(t testing.TB) <-chan *fake {
	made := make(chan *fake, 8)
	replace(t, "WebSocket", funcOf(t, func(_ js.Value, args []js.Value) any {
		f := &fake{t: t, obj: global.Get("EventTarget").New(), url: args[0].String(), offers: args[1]}
		f.obj.Set("bufferedAmount", 0)
		f.obj.Set("protocol", "chosen")
		f.obj.Set("send", funcOf(t, func(_ js.Value, args []js.Value) any {
			f.sent = append(f.sent, args[0])
			return nil
		}))
		f.obj.Set("close", funcOf(t, func(_ js.Value, args []js.Value) any {
			var c closing
			if len(args) == 2 {
				c = closing{args[0].Int(), args[1].String()}
			}
			f.closes = append(f.closes, c)
			return nil
		}))
		add := f.obj.Get("addEventListener").Call("bind", f.obj)
		f.obj.Set("addEventListener", funcOf(t, func(_ js.Value, args []js.Value) any {
			f.listeners = append(f.listeners, args[1])
			in := make([]any, len(args))
			for i, a := range args {
				in[i] = a
			}
			return add.Invoke(in...)
		}))
		made <- f
		return f.obj
	}))
	return made
}

// fire has the event loop dispatch events, all in one task.
func (f *fake) fire(events ...js.Value) {
	list := global.Get("Array").New()
	for _, e := range events {
		list.Call("push", e)
	}
	dispatch := f.obj.Get("dispatchEvent").Call("bind", f.obj)
	global.Call("setTimeout", list.Get("forEach").Call("bind", list, dispatch), 0)
}

func event(name string) js.Value { return global.Get("Event").New(name) }

func message(data any) js.Value {
	if b, ok := data.([]byte); ok {
		a := global.Get("Uint8Array").New(len(b))
		js.CopyBytesToJS(a, b)
		data = a.Get("buffer")
	}
	return global.Get("MessageEvent").New("message", map[string]any{"data": data})
}

func closed(code int, reason string) js.Value {
	e := event("close")
	e.Set("code", code)
	e.Set("reason", reason)
	return e
}

// text is what was sent as the i-th message.
func (f *fake) text(i int) string {
	f.t.Helper()
	assert.True(f.t, i < len(f.sent), "message %d was not sent", i)
	return f.sent[i].String()
}

// unlimited bounds nothing that a test is not about.
func unlimited() *jsws.Config {
	return &jsws.Config{
		MaxMessage: 1 << 20, QueueMessages: 1 << 20, QueueBytes: 1 << 30,
		WriteTimeout: time.Minute, CloseTimeout: time.Minute,
	}
}

// dial opens a connection on a fake.
func dial(t testing.TB, cfg *jsws.Config, own jsws.Owner) (*jsws.Conn, *fake) {
	t.Helper()
	made := fakes(t)
	ready := make(chan *fake, 1)
	go func() {
		f := <-made
		f.fire(event("open"))
		ready <- f
	}()
	c, err := jsws.Dial(t.Context(), "ws://here/", []string{"a", "b"}, cfg, own)
	assert.NoError(t, err)
	t.Cleanup(func() { c.Abort(wire.ErrClosed) })
	return c, <-ready
}

// next receives a message.
func next(t *testing.T, c *jsws.Conn) string {
	t.Helper()
	kind, data, err := c.Next(t.Context())
	assert.NoError(t, err)
	defer c.Done()
	return kind.String() + " " + string(data)
}

// send sends a message of text.
func send(ctx context.Context, c *jsws.Conn, text string) error {
	b := c.Begin()
	b.B = append(b.B, text...)
	return c.Commit(ctx, wire.Text, b)
}

// soon is short, and long enough for whatever waits to have begun to.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
