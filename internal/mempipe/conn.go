package mempipe

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Conn is one end of an in-memory connection. Errors other than io.EOF are a [*net.OpError] around the cause:
//
//   - net.ErrClosed: this end was closed, before or during the call.
//   - syscall.EPIPE: a write, and the peer has closed, or this end has called CloseWrite.
//   - syscall.ECONNRESET: the peer has reset the connection.
//   - os.ErrDeadlineExceeded: the deadline has passed; a later deadline, or none, makes the call work again.
//
// Reads and writes do not allocate once the buffer has grown to its working size, nor does moving a deadline.
type Conn struct {
	in, out       *stream
	local, remote Addr
	resetUnread   bool
	closed        atomic.Bool
	abortive      atomic.Bool // SetLinger(0) was called: Close resets
}

// Read waits until at least one byte is there and returns what is. After the peer has closed it returns what is left,
// then io.EOF. An empty p returns at once.
func (c *Conn) Read(p []byte) (int, error) {
	n, _, err := c.in.read(p, true)
	return n, c.wrap("read", err)
}

// TryRead is Read without the waiting: ok is false, and nothing else is set, where Read would wait.
// The end of the stream is ok with io.EOF.
func (c *Conn) TryRead(p []byte) (n int, ok bool, err error) {
	n, ok, err = c.in.read(p, false)
	return n, ok, c.wrap("read", err)
}

// Write puts all of p into the buffer and waits for room as often as it must. On an error n bytes were written.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, true)
	return n, c.wrap("write", err)
}

// TryWrite is Write without the waiting: it writes what fits, which is nothing while another goroutine's Write waits
// for room. A short count comes without an error.
func (c *Conn) TryWrite(p []byte) (n int, err error) {
	n, err = c.out.write(p, false)
	return n, c.wrap("write", err)
}

// Close ends both directions and wakes the calls waiting on this end. The peer reads what is left, then io.EOF; its
// writes fail. What this end has not read is lost. A second Close returns net.ErrClosed, as TCP's does.
func (c *Conn) Close() error {
	reset := c.abortive.Load() || c.resetUnread && c.in.buffered() > 0
	return c.end(reset)
}

// Reset closes this end as a TCP RST would: the bytes in both directions are lost, and the peer's reads and writes
// fail at once, those that wait now too.
func (c *Conn) Reset() error {
	return c.end(true)
}

func (c *Conn) end(reset bool) error {
	if c.closed.Swap(true) {
		return c.wrap("close", net.ErrClosed)
	}
	c.in.closeReader(reset) // first: who sees the other half end may answer, which nobody is to read
	c.out.closeWriter(reset)
	return nil
}

// CloseWrite ends this end's direction only: the peer reads what is left, then io.EOF, and may go on writing.
func (c *Conn) CloseWrite() error {
	if c.closed.Load() {
		return c.wrap("close", net.ErrClosed)
	}
	c.out.finish()
	return nil
}

// SetLinger with sec = 0 makes Close act as Reset, as with [net.TCPConn.SetLinger]; any other value makes it orderly
// again.
func (c *Conn) SetLinger(sec int) error {
	if c.closed.Load() {
		return c.wrap("set", net.ErrClosed)
	}
	c.abortive.Store(sec == 0)
	return nil
}

// Buffered returns how many bytes have arrived at this end and were not read yet.
func (c *Conn) Buffered() int { return c.in.buffered() }

// LocalAddr returns the name of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the name of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets the deadline of reads and writes, those that wait now too. The zero time means none.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline is SetDeadline for reads.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if c.closed.Load() {
		return c.wrap("set", net.ErrClosed)
	}
	c.in.setReadDeadline(t)
	return nil
}

// SetWriteDeadline is SetDeadline for writes. A write that is cut off returns how much of it is on its way.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.closed.Load() {
		return c.wrap("set", net.ErrClosed)
	}
	c.out.setWriteDeadline(t)
	return nil
}

// wrap leaves nil and io.EOF alone: readers compare with io.EOF by ==.
func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.local, Addr: c.remote, Err: err}
}
