//go:build js

package jsws_test

import (
	"strconv"
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/wire"
)

// rings counts, without Go, how often a bell calls Go.
func rings(t *testing.T) func() int {
	original, list := global.Get("MessageChannel"), global.Get("Array").New()
	replace(t, "MessageChannel", funcOf(t, func(js.Value, []js.Value) any {
		c := original.New()
		c.Get("port2").Call("addEventListener", "message", list.Get("push").Call("bind", list))
		return c
	}))
	return list.Length
}

// A burst of messages makes one call into Go.
func TestBurst(t *testing.T) {
	count := rings(t)
	c, f := dial(t, unlimited(), nil)
	for burst := 1; burst <= 3; burst++ {
		events := make([]js.Value, 1000)
		for i := range events {
			events[i] = message(strconv.Itoa(i))
		}
		f.fire(events...)
		for i := range events {
			assert.Equal(t, next(t, c), "text "+strconv.Itoa(i))
		}
		assert.Equal(t, count(), burst)
	}
}

// A bell that is left open keeps node from ending.
func TestBurst_closesItsBell(t *testing.T) {
	original, closed := global.Get("MessageChannel"), 0
	replace(t, "MessageChannel", funcOf(t, func(js.Value, []js.Value) any {
		c := original.New()
		port := c.Get("port1")
		shut := port.Get("close").Call("bind", port)
		port.Set("close", funcOf(t, func(js.Value, []js.Value) any {
			closed++
			return shut.Invoke()
		}))
		return c
	}))
	c, _ := dial(t, unlimited(), nil)
	assert.Equal(t, closed, 0)
	c.Abort(wire.ErrClosed)
	assert.Equal(t, closed, 1)
}

// BenchmarkBurst tells what 1000 messages of 32 bytes cost, and what they cost with a Go function as the listener.
func BenchmarkBurst(b *testing.B) {
	data := []byte(strings.Repeat("x", 32))
	events := make([]js.Value, 1000)
	for i := range events {
		events[i] = message(data)
	}
	b.Run("queue", func(b *testing.B) {
		c, f := dial(b, unlimited(), nil)
		for b.Loop() {
			f.fire(events...)
			for range events {
				if _, _, err := c.Next(b.Context()); err != nil {
					b.Fatal(err)
				}
				c.Done()
			}
		}
	})
	b.Run("callbacks", func(b *testing.B) {
		f := &fake{t: b, obj: global.Get("EventTarget").New()}
		buf, got, all := make([]byte, len(data)), 0, make(chan struct{}, 1)
		f.obj.Call("addEventListener", "message", funcOf(b, func(_ js.Value, args []js.Value) any {
			js.CopyBytesToGo(buf, global.Get("Uint8Array").New(args[0].Get("data")))
			if got++; got%len(events) == 0 {
				all <- struct{}{}
			}
			return nil
		}))
		for b.Loop() {
			f.fire(events...)
			<-all
		}
	})
}
