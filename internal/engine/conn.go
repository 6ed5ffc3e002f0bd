package engine

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Conn is one end of a websocket connection over a byte stream.
//
// Next, NextFrame and Done belong to one goroutine at a time; everything else may be called from any.
type Conn struct {
	wr writer // first, see there

	cfg  *Config
	conn net.Conn
	base context.Context // the context that Interrupt speaks for, or nil
	own  Owner           // or nil

	down     atomic.Bool // closing or ended: see closedErr
	peerDone atomic.Bool // the peer's Close frame has come
	baseOver atomic.Bool // base has been cancelled
	stale    atomic.Bool // see MarkStale

	rd reader
	ka keepalive
}

// Options are what differs from connection to connection.
type Options struct {
	// Buffered are bytes that were read together with the handshake.
	Buffered []byte
	// Base is the context the owner cancels together with Interrupt, so that waiting calls need not register with it.
	Base  context.Context
	Owner Owner
}

// Owner is told what happens to a connection. The methods must not block.
type Owner interface {
	// Ended is called once, when the connection has ended, with the reason.
	Ended(c *Conn, why error)
	// Pending is called when a message lies ready and nobody has received for a while.
	Pending()
}

// New starts the protocol on conn, whose handshake is done.
func New(conn net.Conn, cfg *Config, o Options) *Conn {
	c := &Conn{cfg: cfg, conn: conn, base: o.Base, own: o.Owner}
	c.wr.init(c)
	c.rd.init(c, o.Buffered)
	c.ka.start(c)
	return c
}

// nonBlocker is a stream that can read and write without blocking, as tandem's in-memory pipe does.
type nonBlocker interface {
	TryRead(p []byte) (n int, ok bool, err error)
	TryWrite(p []byte) (int, error)
}

// SetBase gives the connection a base context that was not known when it began, see [Options]. Nobody may be calling any
// other method meanwhile.
func (c *Conn) SetBase(base context.Context) {
	c.base = base
	c.rd.forget()
}

// MarkStale says that the peer was made with another schema. From now on a Close frame with 1007, ours or the answer to the
// peer's, has the code that says why messages do not decode. Only the frame has it: the ends of the connection are told 1007.
func (c *Conn) MarkStale() { c.stale.Store(true) }

// isBase reports whether ctx is the context that Interrupt speaks for, or ends when that one does. It asks the base for
// its channel only if it must: a context makes one when it is first asked for, 112 bytes that most connections never
// need.
func (c *Conn) isBase(ctx context.Context) bool {
	if ctx == c.base {
		return true
	}
	done := ctx.Done()
	return done != nil && c.base != nil && done == c.base.Done()
}

// inline reports whether the stream can be read and written without blocking. TLS and foreign streams cannot: to wait
// for them takes a buffer, and every write is the flusher's.
func (c *Conn) inline() bool { return c.wr.inline }

// Err is why the connection ended or is about to; nil while it is open.
func (c *Conn) Err() error {
	c.wr.mu.Lock()
	defer c.wr.mu.Unlock()
	return c.wr.err
}

// Drop ends the connection without the peer's Close frame, once what is queued is written or after d.
func (c *Conn) Drop(reason error, d time.Duration) {
	c.wr.waitDrained(d)
	c.finish(reason)
}

// Abort ends the connection at once, without a Close frame.
func (c *Conn) Abort(reason error) { c.finish(reason) }

// finish ends the connection: nothing is read or written any more, whoever waits is woken.
func (c *Conn) finish(reason error) {
	w := &c.wr
	w.mu.Lock()
	if w.state == ended {
		w.mu.Unlock()
		return
	}
	w.state = ended
	w.word.Or(attention)
	c.down.Store(true)
	if w.err == nil {
		w.err = reason
	}
	reason = w.err
	w.dropQueue()
	w.wakeRoom()
	w.wakeDrained()
	w.mu.Unlock()

	c.conn.Close()
	c.ka.stop()
	c.rd.unregister()
	if c.own != nil {
		c.own.Ended(c, reason)
	}
}

// aLongTimeAgo is a read deadline that wakes a reader at once.
var aLongTimeAgo = time.Unix(1, 0)
