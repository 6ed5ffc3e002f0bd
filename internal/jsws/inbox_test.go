//go:build js

package jsws_test

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/jsws"
	"github.com/tandem-ws/tandem/internal/wire"
)

func TestConn_Next_textAndBinary(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	f.fire(message("größe"), message([]byte{0, 255}), message(""), message([]byte{}))
	assert.Equal(t, next(t, c), "text größe")
	assert.Equal(t, next(t, c), "binary \x00\xff")
	assert.Equal(t, next(t, c), "text ")
	assert.Equal(t, next(t, c), "binary ")
	assert.Equal(t, f.obj.Get("binaryType").String(), "arraybuffer")
}

func TestConn_Next_cancelled(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	_, _, err := c.Next(soon(t))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	f.fire(message("a"), message("b"))
	assert.Equal(t, next(t, c), "text a", "after a cancelled wait")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	kind, data, err := c.Next(over)
	assert.NoError(t, err, "what lies there costs no waiting")
	assert.Equal(t, kind.String()+" "+string(data), "text b")
	c.Done()
	_, _, err = c.Next(over)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestConn_Next_concurrent(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	got := make(chan string)
	go func() {
		_, data, err := c.Next(t.Context())
		if err != nil {
			data = []byte(err.Error())
		}
		got <- string(data)
	}()
	runtime.Gosched() // there is one thread: the other one runs until it waits
	_, _, err := c.Next(t.Context())
	assert.ErrorIs(t, err, wire.ErrConcurrentRead)
	f.fire(message("a"))
	assert.Equal(t, <-got, "a")
	_, _, err = c.Next(t.Context())
	assert.ErrorIs(t, err, wire.ErrConcurrentRead, "until Done")
	c.Done()
	f.fire(message("b"))
	assert.Equal(t, next(t, c), "text b")
}

// What has come before the end is received before it.
func TestConn_Next_peerCloses(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	f.fire(message("last"), closed(4001, "later"))
	assert.Equal(t, next(t, c), "text last")
	frame, err := c.NextFrame(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, frame, wire.Frame{Kind: wire.Close, Code: 4001, Payload: []byte("later")})
	c.Done()
	for range 2 {
		_, err = c.NextFrame(t.Context())
		assert.Equal(t, *assert.ErrorAs[*wire.CloseError](t, err), wire.CloseError{Code: 4001, Reason: "later"})
	}
	assert.ErrorAs[*wire.CloseError](t, send(t.Context(), c, "late"))
	assert.NoError(t, c.Close(1000, ""), "the peer has closed")
	assert.Equal(t, len(f.sent)+len(f.closes), 0)
}

func TestConn_Next_lost(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	f.fire(message("last"), event("error"), closed(1006, ""))
	assert.Equal(t, next(t, c), "text last")
	_, err := c.NextFrame(t.Context())
	assert.ErrorAs[*wire.LostError](t, err)
	assert.ErrorAs[*wire.LostError](t, c.Err())
	assert.ErrorAs[*wire.LostError](t, c.Close(1000, ""))
}

func TestConn_Next_tooBig(t *testing.T) {
	for name, data := range map[string]any{"text": "ä234", "binary": []byte("12345")} {
		t.Run(name, func(t *testing.T) {
			cfg := unlimited()
			cfg.MaxMessage = 4
			c, f := dial(t, cfg, nil)
			f.fire(message("1234"), message(data), message("5"))
			assert.Equal(t, next(t, c), "text 1234")
			_, _, err := c.Next(t.Context())
			assert.Equal(t, *assert.ErrorAs[*wire.CloseError](t, err), *wire.Violated(wire.CodeTooBig, "message too long"))
			assert.Equal(t, f.closes, []closing{{4959, "message too long"}})
		})
	}
}

func TestConn_Next_flood(t *testing.T) {
	for _, row := range []struct{ messages, size, fit int }{
		{messages: 65<<10 + 1, size: 1, fit: 64 << 10},
		{messages: 70, size: 1 << 20, fit: 64},
	} {
		t.Run(strconv.Itoa(row.size), func(t *testing.T) {
			c, f := dial(t, unlimited(), nil)
			events := make([]js.Value, row.messages)
			one := message(strings.Repeat("x", row.size))
			for i := range events {
				events[i] = one
			}
			f.fire(events...)
			for got := 0; ; got++ {
				_, _, err := c.Next(t.Context())
				if err != nil {
					assert.Equal(t, got, row.fit)
					assert.Equal(t, assert.ErrorAs[*wire.CloseError](t, err).Code, wire.CodeTryAgain)
					assert.Equal(t, f.closes, []closing{{4963, "messages are received too slowly"}})
					return
				}
				c.Done()
			}
		})
	}
}

// owner hears of a connection.
type owner struct {
	ended   chan error
	pending chan struct{}
}

func (o *owner) Ended(_ *jsws.Conn, why error) { o.ended <- why }
func (o *owner) Pending()                      { o.pending <- struct{}{} }

func TestOwner(t *testing.T) {
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	c, f := dial(t, unlimited(), own)
	f.fire(message("a"))
	<-own.pending // nobody receives
	assert.Equal(t, next(t, c), "text a")

	f.fire(message("b"), closed(4500, "bye"))
	<-own.pending
	assert.Equal(t, len(own.ended), 0, "there is something to receive")
	assert.Equal(t, next(t, c), "text b")
	assert.Equal(t, len(own.ended), 0, "the receiver is at work")
	_, _, err := c.Next(t.Context())
	assert.Equal(t, <-own.ended, err)
	assert.Equal(t, assert.ErrorAs[*wire.CloseError](t, err).Code, 4500)
	_, _, err = c.Next(t.Context())
	assert.ErrorAs[*wire.CloseError](t, err)
	assert.Equal(t, len(own.ended), 0, "once")
}

// What came while a message was worked on is pending when nobody asks for it after that.
func TestOwner_Done(t *testing.T) {
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	c, f := dial(t, unlimited(), own)
	f.fire(message("a"))
	_, _, err := c.Next(t.Context())
	assert.NoError(t, err)
	f.fire(message("b"))
	again, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	select {
	case <-own.pending:
		t.Fatal("pending, although somebody receives")
	case <-again.Done():
	}
	c.Done()
	<-own.pending
}

func TestOwner_nothingToReceive(t *testing.T) {
	own := &owner{make(chan error, 1), make(chan struct{}, 1)}
	_, f := dial(t, unlimited(), own)
	f.fire(closed(1006, ""))
	assert.ErrorAs[*wire.LostError](t, <-own.ended)
}
