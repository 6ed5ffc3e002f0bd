//go:build js

package jsws

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// StartClose sends a Close frame behind what is queued already, and waits for nothing. From now on calls return why. When
// the connection is closing already it does nothing. A peer that does not answer within the close timeout is forgotten.
func (c *Conn) StartClose(why error, code int, reason string) { c.startClose(why, code, reason, true) }

// startClose is StartClose that may leave those messages to be received that have come before.
func (c *Conn) startClose(why error, code int, reason string, deaf bool) {
	c.mu.Lock()
	if c.state != open {
		c.mu.Unlock()
		return
	}
	for len(c.out.held) > 0 {
		_ = c.give(c.out.release())
	}
	c.out.drop()
	c.state, c.err, c.deaf = closing, why, deaf
	c.bound = time.AfterFunc(c.cfg.CloseTimeout, c.giveUp)
	c.mu.Unlock()
	c.shut(code, reason)
	c.wake()
}

// giveUp ends a connection whose peer does not answer the Close frame.
func (c *Conn) giveUp() {
	c.mu.Lock()
	if c.state != ended && c.closeErr == nil {
		c.closeErr = wire.Lost(errNoClose)
	}
	c.mu.Unlock()
	c.finish(wire.ErrClosed)
}

// shut calls the browser's close, which waits until what is queued is sent. The lock is not held: node tells of the end
// of a handshake before close returns.
func (c *Conn) shut(code int, reason string) {
	_ = attempt(func() {
		if code == wire.CodeNoStatus {
			c.socket.Call("close")
			return
		}
		c.socket.Call("close", wire.PageCode(code), wire.CutReason(reason))
	})
}

// Close sends a Close frame behind what is queued, waits for the peer's, and ends the connection; all of it within the
// close timeout. It returns nil when the handshake was completed, whoever began it, and else why it was not.
func (c *Conn) Close(code int, reason string) error {
	c.StartClose(wire.ErrClosed, code, reason)
	timer := time.AfterFunc(c.cfg.CloseTimeout, c.giveUp)
	<-c.gone
	timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peerDone {
		return nil
	}
	if lost, ok := c.err.(*wire.LostError); ok {
		return lost
	}
	return c.closeErr
}

// Abort ends the connection at once. A browser cannot drop it, so the peer gets a Close frame that tells nothing but that
// somebody has left.
func (c *Conn) Abort(reason error) {
	c.mu.Lock()
	was := c.state
	if _, lost := reason.(*wire.LostError); !lost && was != ended {
		c.deaf = true
	}
	c.mu.Unlock()
	c.finish(reason)
	switch was {
	case connecting:
		c.shut(wire.CodeNoStatus, "")
	case open:
		c.shut(wire.CodeLeft, "")
	}
}

// Drop is Abort: what is queued is sent first in any case.
func (c *Conn) Drop(reason error, _ time.Duration) { c.Abort(reason) }
