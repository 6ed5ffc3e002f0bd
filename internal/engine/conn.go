package engine

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Conn is one end of a websocket connection over a byte stream.
//
// Next, NextFrame and Done belong to one goroutine at a time; everything else may be called from any.
type Conn struct {
	cfg  *Config
	conn net.Conn
	raw  syscall.RawConn // the socket itself, where non-blocking calls are possible; else nil
	base <-chan struct{} // Done of the context that Interrupt speaks for
	end  func(error)     // told once why the connection ended

	down     atomic.Bool // closing or ended: see closedErr
	peerDone atomic.Bool // the peer's Close frame has come

	rd reader
	wr writer
	ka keepalive
}

// Options are what differs from connection to connection.
type Options struct {
	// Buffered are bytes that were read together with the handshake.
	Buffered []byte
	// Base is the context the owner cancels together with Interrupt, so that waiting calls need not register with it.
	Base context.Context
	// OnEnd is called once, when the connection has ended, with the reason. It must not block.
	OnEnd func(error)
}

// New starts the protocol on conn, whose handshake is done.
func New(conn net.Conn, cfg *Config, o Options) *Conn {
	c := &Conn{cfg: cfg, conn: conn, end: o.OnEnd}
	if o.Base != nil {
		c.base = o.Base.Done()
	}
	c.raw = rawConn(conn)
	if c.raw != nil && cfg.PingInterval > 0 {
		boundUnanswered(c.raw, cfg.PingInterval+cfg.PongTimeout)
	}
	c.rd.init(c, o.Buffered)
	c.wr.init(c)
	c.ka.start(c)
	return c
}

// Begin lends a block to encode a message into: append the payload to its B, then call Commit or free it.
func (c *Conn) Begin() *wire.Block {
	b := wire.GetBlock(int(c.wr.hint.Load()))
	b.B = b.B[:wire.HeaderRoom]
	return b
}

// Commit sends the message in a block from Begin and takes the block over. It returns when the message is written or
// queued; when the queue is full it does what the overflow policy says. After an error nothing of the message is sent.
func (c *Conn) Commit(ctx context.Context, kind wire.Kind, b *wire.Block) error {
	n := len(b.B) - wire.HeaderRoom
	if c.cfg.MaxSend > 0 && int64(n) > c.cfg.MaxSend {
		b.Free()
		return &wire.TooBigError{Size: n, Limit: int(c.cfg.MaxSend)}
	}
	if hint := c.wr.hint.Load(); int(hint) < len(b.B) || int(hint) > 4*len(b.B)+firstBlock {
		c.wr.hint.Store(int32(len(b.B))) // messages are mostly as long as the one before
	}
	size := headerSize(n, c.cfg.Client)
	frameInPlace(b.B[wire.HeaderRoom-size:], size, kind, c.cfg.Client)
	return c.wr.send(ctx, b, wire.HeaderRoom-size)
}

// Send sends payload as one frame of the given kind, which may be Ping or Pong too. It copies the payload.
func (c *Conn) Send(ctx context.Context, kind wire.Kind, payload []byte) error {
	if kind == wire.Ping || kind == wire.Pong {
		return c.wr.sendControl(kind, payload)
	}
	b := c.Begin()
	b.Grow(len(payload))
	b.B = append(b.B, payload...)
	return c.Commit(ctx, kind, b)
}

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
	if c.end != nil {
		c.end(reason)
	}
}

// aLongTimeAgo is a read deadline that wakes a reader at once.
var aLongTimeAgo = time.Unix(1, 0)
