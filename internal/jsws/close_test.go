//go:build js

package jsws_test

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/jsws"
	"github.com/tandem-ws/tandem/internal/wire"
)

func TestConn_Close_codes(t *testing.T) {
	for code, sent := range map[int]closing{
		1000: {1000, "why"}, 1001: {4951, "why"}, 1009: {4959, "why"}, 1014: {4964, "why"},
		3000: {3000, "why"}, 4999: {4999, "why"}, wire.CodeNoStatus: {},
	} {
		c, f := dial(t, unlimited(), nil)
		f.fire(message("not received"))
		go func() {
			for len(f.closes) == 0 {
				<-soon(t).Done()
			}
			f.fire(closed(sent.code, ""))
		}()
		assert.NoError(t, c.Close(code, "why"))
		assert.Equal(t, f.closes, []closing{sent})
		assert.NoError(t, c.Close(code, "why"), "again")
		_, _, err := c.Next(t.Context())
		assert.ErrorIs(t, err, wire.ErrClosed)
		assert.ErrorIs(t, send(t.Context(), c, "late"), wire.ErrClosed)
	}
}

func TestConn_Close_unanswered(t *testing.T) {
	cfg := unlimited()
	cfg.CloseTimeout = 10 * time.Millisecond
	c, _ := dial(t, cfg, nil)
	assert.ErrorAs[*wire.LostError](t, c.Close(1000, ""))
	assert.ErrorAs[*wire.LostError](t, c.Close(1000, ""), "again")
	assert.ErrorIs(t, c.Err(), wire.ErrClosed)
}

// Nobody needs to wait for the answer.
func TestConn_StartClose_unanswered(t *testing.T) {
	cfg := unlimited()
	cfg.CloseTimeout = 10 * time.Millisecond
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	c, _ := dial(t, cfg, own)
	why := wire.Violated(wire.CodeInvalid, "")
	c.StartClose(why, why.Code, "")
	assert.Equal(t, <-own.ended, error(why))
}

func TestConn_Close_lostMeanwhile(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	f.fire(closed(1006, ""))
	assert.ErrorAs[*wire.LostError](t, c.Close(1000, strings.Repeat("x", 123)))
}

func TestConn_StartClose_wakesReceiver(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	time.AfterFunc(0, func() { c.StartClose(wire.ErrClosed, 4000, "") })
	_, _, err := c.Next(t.Context())
	assert.ErrorIs(t, err, wire.ErrClosed)
	assert.Equal(t, f.closes, []closing{{4000, ""}})
}

func TestConn_Abort(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	c.Abort(wire.ErrClosed)
	assert.Equal(t, f.closes, []closing{{3008, ""}})
	_, _, err := c.Next(t.Context())
	assert.ErrorIs(t, err, wire.ErrClosed)
}

func TestDial_refused(t *testing.T) {
	for name, events := range map[string][]js.Value{
		"browser": {event("error"), closed(1006, "")},
		"node":    {event("error")},
	} {
		t.Run(name, func(t *testing.T) {
			made := fakes(t)
			go func() { (<-made).fire(events...) }()
			_, err := jsws.Dial(t.Context(), "ws://here/", nil, unlimited(), nil)
			assert.ErrorAs[*wire.LostError](t, err)
		})
	}
}

func TestDial_cancelled(t *testing.T) {
	made := fakes(t)
	_, err := jsws.Dial(soon(t), "ws://here/", []string{"a"}, unlimited(), nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	f := <-made
	assert.Equal(t, f.url, "ws://here/")
	assert.Equal(t, f.offers.Index(0).String(), "a")
	assert.Equal(t, f.closes, []closing{{}}, "the browser gives up")
	f.released()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = jsws.Dial(over, "ws://here/", nil, unlimited(), nil)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, len(made), 0)
}

func TestDial_throws(t *testing.T) {
	replace(t, "WebSocket", global.Get("Proxy")) // it wants objects
	_, err := jsws.Dial(t.Context(), "ws://here/", nil, unlimited(), nil)
	assert.ErrorAs[js.Error](t, err)
	replace(t, "WebSocket", js.Undefined())
	_, err = jsws.Dial(t.Context(), "ws://here/", nil, unlimited(), nil)
	assert.True(t, err != nil && !errors.As(err, new(js.Error)), "a WebSocket is missing: %v", err)
}

// released checks that no listener is a Go function that could still be called. Go complains when a released one is.
func (f *fake) released() {
	f.t.Helper()
	complaints := 0
	console := global.Get("console")
	old := console.Get("error")
	console.Set("error", funcOf(f.t, func(_ js.Value, args []js.Value) any {
		if args[0].String() == "call to released function" {
			complaints++
		}
		return nil
	}))
	defer console.Set("error", old)
	want := 0
	for _, l := range f.listeners {
		if name := l.Get("name").String(); !strings.HasPrefix(name, "bound ") {
			want++
			l.Invoke(event("open"))
		}
	}
	assert.True(f.t, want > 0, "there were Go functions")
	assert.Equal(f.t, complaints, want, "released functions")
}

// Whatever ends a connection, its callbacks are released.
func TestConn_releasesItsCallbacks(t *testing.T) {
	for name, end := range map[string]func(c *jsws.Conn, f *fake){
		"peer closes": func(c *jsws.Conn, f *fake) {
			f.fire(closed(1000, ""))
			_, _, _ = c.Next(t.Context())
		},
		"lost": func(c *jsws.Conn, f *fake) {
			f.fire(message("x"), closed(1006, ""))
			assert.Equal(t, next(t, c), "text x")
			_, _, _ = c.Next(t.Context())
		},
		"closed": func(c *jsws.Conn, f *fake) {
			f.fire(closed(1000, ""))
			_ = c.Close(1000, "")
		},
		"aborted": func(c *jsws.Conn, _ *fake) { c.Abort(wire.ErrClosed) },
		"dropped": func(c *jsws.Conn, _ *fake) { c.Drop(wire.ErrClosed, time.Minute) },
		"panic": func(c *jsws.Conn, f *fake) {
			f.fire(event("close")) // without a code
			_, _, err := c.Next(t.Context())
			assert.ErrorAs[*wire.LostError](t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, f := dial(t, unlimited(), nil)
			end(c, f)
			f.released()
		})
	}
}
