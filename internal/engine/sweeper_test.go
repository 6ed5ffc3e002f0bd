package engine_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// absent is a server's end that has two messages to work on, has answered the first, and does something else. pipe is the
// stream of its client.
func absent(t *testing.T, cfg *engine.Config, o *mempipe.Options, answer []byte) (server *engine.Conn, pipe *mempipe.Conn) {
	t.Helper()
	a, b := mempipe.Pair(o)
	client := engine.New(mute{b}, config(true), engine.Options{})
	assert.NoError(t, client.Send(t.Context(), wire.Binary, []byte("1")))
	assert.NoError(t, client.Send(t.Context(), wire.Binary, []byte("2")))
	server = engine.New(a, cfg, engine.Options{})
	_, _, err := server.Next(t.Context())
	assert.NoError(t, err)
	assert.NoError(t, server.Send(t.Context(), wire.Binary, answer))
	server.Done()
	client.Abort(wire.ErrClosed)
	return server, b
}

// mute is a stream that can be written, and stays open.
type mute struct{ *mempipe.Conn }

func (mute) Close() error                               { return nil }
func (mute) TryRead([]byte) (n int, ok bool, err error) { return 0, true, nil }

// received gives the next message that comes through a pipe.
func received(t *testing.T, pipe *mempipe.Conn) []byte {
	t.Helper()
	client := engine.New(pipe, config(true), engine.Options{})
	_, p, err := client.Next(context.Background())
	assert.NoError(t, err)
	p = bytes.Clone(p)
	client.Done()
	client.Abort(wire.ErrClosed)
	return p
}

// What a program has answered leaves at once when it does something else, though it has more messages to work on.
func TestSweeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, began := config(false), time.Now()
		var pipes []*mempipe.Conn
		for range 20 {
			server, pipe := absent(t, cfg, nil, []byte("answer"))
			defer server.Abort(wire.ErrClosed)
			pipes = append(pipes, pipe)
		}
		for _, pipe := range pipes {
			assert.Equal(t, string(received(t, pipe)), "answer")
		}
		assert.Equal(t, time.Since(began), 0)
	})
}

// A peer that takes nothing keeps nobody else waiting.
func TestSweeper_stuckPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(false)
		long := bytes.Repeat([]byte("long "), 1000)
		stuck, pipe := absent(t, cfg, &mempipe.Options{Buffer: 64}, long)
		defer stuck.Abort(wire.ErrClosed)
		synctest.Wait()
		server, other := absent(t, cfg, nil, []byte("answer"))
		defer server.Abort(wire.ErrClosed)
		assert.Equal(t, string(received(t, other)), "answer")
		assert.Equal(t, string(received(t, pipe)), string(long))
	})
}

// A connection that has ended by then is no matter.
func TestSweeper_ended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(false)
		ended, _ := absent(t, cfg, nil, []byte("answer"))
		ended.Abort(wire.ErrClosed)
		server, pipe := absent(t, cfg, nil, []byte("answer"))
		defer server.Abort(wire.ErrClosed)
		assert.Equal(t, string(received(t, pipe)), "answer")
	})
}
