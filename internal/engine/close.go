package engine

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/wire"
)

// closeDrain is how many bytes are read and thrown away while waiting for the peer's Close frame. A peer in the
// middle of a long message has to come to its end before it sees our Close; dropping the stream under it would
// destroy our frame on its way (TCP answers unread bytes with a reset).
const closeDrain = 32 << 20

// parseClose reads a Close frame's payload. No code is 1005.
func parseClose(p []byte) (code int, reason string, err error) {
	if len(p) == 0 {
		return wire.CodeNoStatus, "", nil
	}
	if len(p) == 1 {
		return 0, "", wire.Violated(wire.CodeProtocol, "close frame of one byte")
	}
	code = int(binary.BigEndian.Uint16(p))
	if !wire.ValidCode(code) {
		return 0, "", wire.Violated(wire.CodeProtocol, "invalid close code")
	}
	if !utf8.Valid(p[2:]) {
		return 0, "", wire.Violated(wire.CodeInvalid, "close reason is not valid UTF-8")
	}
	return code, string(p[2:]), nil
}

// closePayload is the payload of a Close frame. The reason is cut to what a control frame holds, between characters.
func closePayload(code int, reason string) []byte {
	if code == wire.CodeNoStatus {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), wire.CutReason(reason)...)
}

// closedErr is why nothing can be read any more; nil while the connection is open.
func (c *Conn) closedErr() error {
	if !c.down.Load() {
		return nil
	}
	return c.Err()
}

// unreadable is why messages that have come already are not handed out any more. After a lost connection they are.
func (c *Conn) unreadable() error {
	err := c.closedErr()
	if _, lost := err.(*wire.LostError); lost {
		return nil
	}
	return err
}

// StartClose queues a Close frame behind what is queued already, and waits for nothing. From now on calls return why.
// When the connection is closing already it does nothing. The handshake is completed by Close, or by itself a little
// later, and the connection is dropped after the close timeout at the latest.
func (c *Conn) StartClose(why error, code int, reason string) {
	w := &c.wr
	w.mu.Lock()
	if w.state != open {
		w.mu.Unlock()
		return
	}
	w.state, w.err = closing, why
	c.down.Store(true)
	w.putClose(code, reason)
	w.wakeRoom()
	w.kick(true)
	c.ka.closeWithin(c.cfg.CloseTimeout)
}

// peerClosed acts on the peer's Close frame: it answers one, or completes the handshake we began.
func (c *Conn) peerClosed(code int, reason string) {
	c.peerDone.Store(true)
	w := &c.wr
	w.mu.Lock()
	if w.state != open {
		w.mu.Unlock()
		return
	}
	err := &wire.CloseError{Code: code, Reason: reason}
	w.state, w.err = closing, err
	c.down.Store(true)
	w.putClose(code, reason)
	w.endWhenDrained = err
	w.wakeRoom()
	w.kick(true)
}

// Close sends a Close frame behind what is queued, waits for the peer's, and ends the connection; all of it within
// the close timeout. The code must be valid, or 1005 for a frame without one. It returns nil when the handshake was
// completed, whoever began it, and else why it was not.
func (c *Conn) Close(code int, reason string) error {
	defer c.discard()
	if c.ended() {
		return c.closeResult(nil)
	}
	c.StartClose(wire.ErrClosed, code, reason)
	deadline := time.Now().Add(c.cfg.CloseTimeout)
	c.wr.waitDrained(c.cfg.CloseTimeout)
	err := c.awaitPeerClose(deadline)
	c.finish(wire.ErrClosed)
	return c.closeResult(err)
}

// discard gives the buffers back when nothing in them will be handed out any more: the collector need not find 32 KiB
// for each connection that ends.
func (c *Conn) discard() {
	rd := &c.rd
	if c.unreadable() == nil || !rd.right.try(closer) {
		return
	}
	rd.buf.Free()
	rd.buf, rd.r, rd.w, rd.hold = nil, 0, 0, 0
	rd.msg.Free()
	rd.msg, rd.inPayload, rd.inMessage = nil, false, false
	rd.right.give()
}

func (c *Conn) ended() bool {
	c.wr.mu.Lock()
	defer c.wr.mu.Unlock()
	return c.wr.state == ended
}

// closeResult is what Close returns, now and when it is called again.
func (c *Conn) closeResult(err error) error {
	if c.peerDone.Load() {
		return nil
	}
	w := &c.wr
	w.mu.Lock()
	defer w.mu.Unlock()
	if lost, ok := w.err.(*wire.LostError); ok {
		return lost
	}
	if w.closeErr == nil {
		w.closeErr = err
	}
	return w.closeErr
}

// linger completes a handshake that StartClose began and nobody waits for.
func (c *Conn) linger() {
	if c.ended() || !c.rd.right.try(closer) {
		return
	}
	go func() {
		deadline := time.Now().Add(c.cfg.CloseTimeout) // the timer's comes first
		_ = c.drain(deadline)
		c.rd.right.give()
		c.wr.waitDrained(time.Until(deadline))
		c.finish(wire.ErrClosed)
	}()
}

// awaitPeerClose takes over reading and waits for the peer's Close frame.
func (c *Conn) awaitPeerClose(deadline time.Time) error {
	rd := &c.rd
	rd.wanted.Store(true)
	rd.interrupt()
	rd.right.take(closer)
	defer rd.right.give()
	rd.wanted.Store(false)
	return c.drain(deadline)
}

// drain skips everything up to the peer's Close frame. A client then waits for the server to close the stream first
// (RFC 6455, section 7.1.1). The caller has the right to read.
func (c *Conn) drain(deadline time.Time) error {
	rd := &c.rd
	for skipped := 0; skipped < closeDrain; {
		n, err := rd.skip()
		skipped += n
		if err != nil {
			return err
		}
		if c.peerDone.Load() && !c.cfg.Client {
			return nil
		}
		c.conn.SetReadDeadline(deadline)
		if n, err := rd.read(); n == 0 && err != nil {
			switch {
			case errors.Is(err, io.EOF) && c.peerDone.Load():
				return nil
			case errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(deadline):
				continue // somebody who wanted to read woke us
			case errors.Is(err, os.ErrDeadlineExceeded):
				return wire.Lost(errNoClose)
			}
			return wire.Lost(err)
		}
	}
	return wire.Lost(errNoClose)
}

// skip throws away the bytes at hand, acting on a Close frame only. It returns how many there were.
func (rd *reader) skip() (skipped int, err error) {
	if rd.msg != nil { // the rest of this message is of no use
		rd.msg.Free()
		rd.msg = nil
	}
	rd.inPayload, rd.inMessage = false, false
	var h header
	for {
		b := rd.unread()
		if n := min(rd.left, int64(len(b))); n > 0 {
			rd.left -= n
			rd.r += int(n)
			skipped += int(n)
			continue
		}
		if rd.left > 0 || rd.c.peerDone.Load() {
			skipped += len(b)
			rd.r = rd.w
			return skipped, nil
		}
		err := h.parse(b, !rd.c.cfg.Client)
		if err != nil || h.size == 0 {
			return skipped, err
		}
		if !h.control() {
			rd.r += h.size
			skipped += h.size
			rd.left = h.length
			continue
		}
		size := h.size + int(h.length)
		if len(b) < size {
			return skipped, nil
		}
		if wire.Kind(h.op) == wire.Close {
			rd.c.peerClosed(wire.CodeNoStatus, "")
		}
		rd.r += size
		skipped += size
	}
}
