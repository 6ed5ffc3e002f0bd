package engine

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// One huge message must not make the next one's block huge.
func TestConn_Begin_afterHugeMessage(t *testing.T) {
	a, b := mempipe.Pair(&mempipe.Options{Buffer: 64 << 20})
	defer b.Close()
	c := New(a, &Config{MaxMessage: 1, QueueMessages: 10, QueueBytes: 1}, Options{})
	defer c.Abort(wire.ErrClosed)
	if err := c.Send(t.Context(), wire.Binary, make([]byte, 20<<20)); err != nil {
		t.Fatal(err)
	}
	next := c.Begin()
	if n := cap(next.B); n > 2<<20 {
		t.Errorf("%d bytes for a message not yet known", n)
	}
	c.Cancel(next)
}
