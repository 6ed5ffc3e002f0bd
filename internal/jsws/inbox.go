//go:build js

package jsws

import (
	"context"
	"runtime"
	"syscall/js"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// inbox holds what has come and was not received.
type inbox struct {
	queue     []message
	next      int // of the queue
	bytes     int
	full      bool // nothing more is taken: the connection is being closed for what came
	receiving bool // somebody is in Next, or works on a message from it
	shown     bool // NextFrame has shown the peer's Close frame
	watching  bool // Pending is planned
	turn      int  // messages handed out since somebody waited
	got       *wire.Block
}

type message struct {
	kind wire.Kind
	b    *wire.Block
}

// What a program may leave lying: a browser cannot be asked to read no further, so somebody who does not receive would
// fill the memory of the page. One message may go past the bytes. The bounds are far above what a burst brings, because to
// reach them is the end of the connection.
const (
	maxInbox      = 64 << 10
	maxInboxBytes = 64 << 20
)

func (in *inbox) len() int { return len(in.queue) - in.next }

func (in *inbox) push(m message) {
	if in.next > 0 && len(in.queue) == cap(in.queue) { // make room where messages were, rather than grow
		n := copy(in.queue, in.queue[in.next:])
		clear(in.queue[n:])
		in.queue, in.next = in.queue[:n], 0
	}
	in.queue = append(in.queue, m)
	in.bytes += len(m.b.B)
}

func (in *inbox) pop() message {
	m := in.queue[in.next]
	in.queue[in.next] = message{}
	in.bytes -= len(m.b.B)
	if in.next++; in.next == len(in.queue) {
		in.queue, in.next = in.queue[:0], 0
		if cap(in.queue) > keptInbox {
			in.queue = nil
		}
	}
	return m
}

// keptInbox is how many places an empty inbox keeps: those of a burst, not those of a flood.
const keptInbox = 1 << 10

// drain takes over what has come since.
func (c *Conn) drain() {
	data, n := c.burst.take()
	c.mu.Lock()
	var fault *wire.CloseError
	for i := range n {
		if c.in.full || c.deaf {
			break
		}
		if fault = c.take(data.Index(i)); fault != nil {
			c.in.full = true
		}
	}
	c.wake()
	c.watch()
	if c.state != ended {
		c.burst.listen()
	}
	c.mu.Unlock()
	if fault != nil {
		c.startClose(fault, fault.Code, fault.Reason, false)
	}
}

// take puts a message into the inbox, or tells what is wrong with it.
func (c *Conn) take(data js.Value) *wire.CloseError {
	if c.in.len() >= maxInbox || c.in.bytes >= maxInboxBytes {
		return wire.Violated(wire.CodeTryAgain, "messages are received too slowly")
	}
	kind := wire.Binary
	if data.Type() == js.TypeString {
		kind = wire.Text
		data = encoder().Call("encode", data)
	} else {
		data = uint8Array().New(data)
	}
	n := data.Length()
	if int64(n) > c.cfg.MaxMessage {
		return wire.Violated(wire.CodeTooBig, "message too long")
	}
	b := wire.GetBlock(n)
	b.B = b.B[:n]
	js.CopyBytesToGo(b.B, data)
	c.in.push(message{kind, b})
	return nil
}

// Next waits for the next message. The payload is valid until Done, which must follow every success.
func (c *Conn) Next(ctx context.Context) (wire.Kind, []byte, error) {
	f, err := c.receive(ctx, false)
	return f.Kind, f.Payload, err
}

// NextFrame is Next that shows the peer's Close frame as well, once; the error comes from the call after it. Of pings and
// pongs a browser does not tell.
func (c *Conn) NextFrame(ctx context.Context) (wire.Frame, error) { return c.receive(ctx, true) }

func (c *Conn) receive(ctx context.Context, frames bool) (wire.Frame, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := &c.in
	if in.receiving {
		return wire.Frame{}, wire.ErrConcurrentRead
	}
	in.receiving = true
	for {
		if in.len() > 0 && !c.deaf {
			m := in.pop()
			in.got = m.b
			c.served()
			return wire.Frame{Kind: m.kind, Payload: m.b.B}, nil
		}
		if err := c.over(); err != nil {
			if ce, ok := err.(*wire.CloseError); ok && frames && !ce.Violation && !in.shown {
				in.shown = true
				return wire.Frame{Kind: wire.Close, Payload: []byte(ce.Reason), Code: int32(ce.Code)}, nil
			}
			in.receiving = false
			c.tell()
			return wire.Frame{}, err
		}
		if err := ctx.Err(); err != nil {
			in.receiving = false
			c.watch()
			return wire.Frame{}, err
		}
		in.turn = 0
		c.mu.Unlock()
		select {
		case <-c.ready:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
}

// over is why nothing more will be received, when everything was that will be. A page that has left hears nothing.
func (c *Conn) over() error {
	if c.hidden && c.state != ended {
		return nil
	}
	return c.err
}

// messagesPerTurn bounds how many messages are handed out before other goroutines get their turn: Go in a browser does
// not take it from one by force.
const messagesPerTurn = 64

func (c *Conn) served() {
	if c.in.turn++; c.in.turn < messagesPerTurn {
		return
	}
	c.in.turn = 0
	c.mu.Unlock()
	runtime.Gosched()
	c.mu.Lock()
}

// Done gives back the payload of the last Next and the right to receive.
func (c *Conn) Done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.got.Free()
	c.in.got, c.in.receiving = nil, false
	c.watch()
}

// In is the In of the block with the message of the last Next.
func (c *Conn) In() *any { return &c.in.got.In }

// watchDelay is how long nobody may be receiving before the owner is told that messages lie ready: as long as in the
// engine, so that a receiver who is about to come back finds them.
const watchDelay = 100 * time.Millisecond

// watch sees to it that the owner is told of messages that nobody receives. The lock is held.
func (c *Conn) watch() {
	if c.own == nil || c.in.watching || !c.neglected() {
		return
	}
	c.in.watching = true
	time.AfterFunc(watchDelay, func() {
		c.mu.Lock()
		c.in.watching = false
		neglected := c.neglected()
		c.mu.Unlock()
		if neglected {
			c.own.Pending()
		}
	})
}

func (c *Conn) neglected() bool { return !c.in.receiving && c.in.len() > 0 && !c.deaf }

// Interrupt wakes a waiting Next to look whether its context has ended.
func (c *Conn) Interrupt() { c.wake() }

// SetBase is for servers: the context of a client's call speaks for itself.
func (c *Conn) SetBase(context.Context) {}
