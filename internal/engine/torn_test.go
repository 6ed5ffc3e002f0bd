package engine_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// breaking is a stream whose write breaks off in the middle of a frame, once.
type breaking struct {
	*mempipe.Conn
	left   atomic.Int64 // writes that still go well
	behind atomic.Int64 // writes after the one that failed
}

func (c *breaking) TryWrite(p []byte) (int, error) {
	switch left := c.left.Add(-1); {
	case left > 0:
		return c.Conn.TryWrite(p)
	case left < 0:
		c.behind.Add(1)
	}
	n, _ := c.Conn.TryWrite(p[:len(p)/2])
	return n, errors.New("half of it")
}

// Behind half a frame nothing may be written: the peer would take it for the frame's rest.
func TestConn_tornWrite(t *testing.T) {
	for range 2000 {
		a, b := mempipe.Pair(nil)
		stream := &breaking{Conn: a}
		stream.left.Store(3)
		c := engine.New(stream, config(false), engine.Options{})
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				for c.Send(t.Context(), wire.Binary, []byte("message")) == nil {
				}
			})
		}
		senders.Wait()
		b.Close()
		if n := stream.behind.Load(); n > 0 {
			t.Fatal(n, "writes behind half a frame")
		}
	}
}
