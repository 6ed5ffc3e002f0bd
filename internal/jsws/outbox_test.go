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

// busy has the fake have sent nothing but the given number of bytes of what it got.
func (f *fake) busy(sent int) {
	n := -sent
	for _, m := range f.sent {
		n += len(m.String())
	}
	f.obj.Set("bufferedAmount", n)
}

func TestConn_Send_textAndBinary(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	for _, text := range []string{"größe", "\ufeffgröße", "\ufeff\ufeff", ""} {
		assert.NoError(t, c.Send(t.Context(), wire.Text, []byte(text)))
		assert.Equal(t, f.text(len(f.sent)-1), text)
	}
	assert.NoError(t, c.Send(t.Context(), wire.Binary, []byte{0, 255}))
	b := make([]byte, 2)
	assert.Equal(t, js.CopyBytesToGo(b, f.sent[len(f.sent)-1]), 2)
	assert.Equal(t, b, []byte{0, 255})
}

func TestConn_Commit_tooBig(t *testing.T) {
	cfg := unlimited()
	cfg.MaxSend = 3
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, "123"))
	assert.Equal(t, *assert.ErrorAs[*wire.TooBigError](t, send(t.Context(), c, "1234")), wire.TooBigError{Size: 4, Limit: 3})
	assert.NoError(t, send(t.Context(), c, "567"), "no harm was done")
	assert.Equal(t, len(f.sent), 2)
}

// Both bounds of the queue make Commit wait; a cancelled one has sent nothing.
func TestConn_Commit_block(t *testing.T) {
	for name, cfg := range map[string]jsws.Config{
		"messages": {QueueMessages: 2, QueueBytes: 1 << 20},
		"bytes":    {QueueMessages: 100, QueueBytes: 15},
	} {
		t.Run(name, func(t *testing.T) {
			c, f := dial(t, &cfg, nil)
			for range 2 {
				assert.NoError(t, send(t.Context(), c, "0123456789"))
				f.busy(0)
			}
			assert.True(t, c.Full())
			assert.ErrorIs(t, send(soon(t), c, "cancelled"), context.DeadlineExceeded)
			sent, err := c.Volatile(wire.Text, block(c, "stale"))
			assert.NoError(t, err)
			assert.True(t, !sent)
			done := make(chan error)
			go func() { done <- send(t.Context(), c, "waited") }()
			_, _, err = c.Next(soon(t))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, len(f.sent), 2)
			f.busy(10)
			assert.NoError(t, <-done)
			assert.Equal(t, f.text(2), "waited")
			f.busy(20)
			assert.True(t, !c.Full())
			sent, err = c.Volatile(wire.Text, block(c, "fresh"))
			assert.NoError(t, err)
			assert.True(t, sent)
			assert.Equal(t, f.text(3), "fresh")
		})
	}
}

func block(c *jsws.Conn, text string) *wire.Block {
	b := c.Begin()
	b.B = append(b.B, text...)
	return b
}

func TestConn_Commit_refuse(t *testing.T) {
	cfg := unlimited()
	cfg.QueueMessages, cfg.Overflow = 1, jsws.Refuse
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, "a"))
	f.busy(0)
	assert.ErrorIs(t, send(t.Context(), c, "b"), wire.ErrQueueFull)
	f.busy(1)
	assert.NoError(t, send(t.Context(), c, "c"))
	assert.Equal(t, f.text(1), "c")
}

func TestConn_Commit_closeSlow(t *testing.T) {
	cfg := unlimited()
	cfg.QueueMessages, cfg.Overflow = 1, jsws.CloseSlow
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, "a"))
	f.busy(0)
	why := assert.ErrorAs[*wire.CloseError](t, send(t.Context(), c, "b"))
	assert.Equal(t, *why, *wire.Violated(wire.CodeTryAgain, "too slow"))
	assert.Equal(t, f.closes, []closing{{4963, "too slow"}})
}

// The browser gets 64 KiB or a queue of bytes; of what waits behind that the oldest goes.
func TestConn_Commit_dropOldest(t *testing.T) {
	cfg := unlimited()
	cfg.QueueMessages, cfg.Overflow = 2, jsws.DropOldest
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, strings.Repeat("x", 64<<10)))
	f.busy(0)
	for _, text := range []string{"a", "b", "c", "d"} {
		assert.NoError(t, send(t.Context(), c, text))
	}
	assert.Equal(t, len(f.sent), 1)
	f.busy(64 << 10)
	for len(f.sent) < 3 {
		_, _, err := c.Next(soon(t))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
	assert.Equal(t, []string{f.text(1), f.text(2)}, []string{"c", "d"})

	assert.NoError(t, send(t.Context(), c, strings.Repeat("x", 64<<10)))
	f.busy(64<<10 + 2)
	assert.NoError(t, send(t.Context(), c, "held"))
	assert.NoError(t, send(t.Context(), c, "held too"))
	assert.Equal(t, len(f.sent), 4)
	c.StartClose(wire.ErrClosed, 1000, "")
	assert.Equal(t, []string{f.text(4), f.text(5)}, []string{"held", "held too"}, "in front of the Close frame")
	assert.Equal(t, f.closes, []closing{{1000, ""}})
}

func TestConn_Commit_stalled(t *testing.T) {
	cfg := unlimited()
	cfg.QueueMessages, cfg.WriteTimeout = 1, 20*time.Millisecond
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, "a"))
	f.busy(0)
	assert.ErrorAs[*wire.LostError](t, send(t.Context(), c, "b"))
	assert.ErrorAs[*wire.LostError](t, c.Err())
}

// A slow peer is not a stalled one.
func TestConn_Commit_slow(t *testing.T) {
	cfg := unlimited()
	cfg.QueueMessages, cfg.WriteTimeout = 1, 300*time.Millisecond
	c, f := dial(t, cfg, nil)
	assert.NoError(t, send(t.Context(), c, strings.Repeat("x", 100)))
	f.busy(0)
	done := make(chan error)
	go func() { done <- send(t.Context(), c, "b") }()
	for sent := range 100 {
		_, _, err := c.Next(soon(t))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		f.busy(sent)
	}
	f.busy(100)
	assert.NoError(t, <-done)
}

func TestConn_Ping(t *testing.T) {
	c, f := dial(t, unlimited(), nil)
	_, err := c.Ping(t.Context())
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorIs(t, c.Send(t.Context(), wire.Ping, nil), errors.ErrUnsupported)
	assert.ErrorIs(t, c.Send(t.Context(), wire.Pong, nil), errors.ErrUnsupported)
	assert.Equal(t, len(f.sent), 0)
	assert.NoError(t, c.Err())
}
