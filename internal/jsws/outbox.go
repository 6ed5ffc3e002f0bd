//go:build js

package jsws

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"time"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/wire"
)

// outbox knows what waits to be sent. The queue is the browser's own, which tells how many bytes are in it, and which
// nothing can be taken back from. Only who drops the oldest needs one here, of what the browser has not got yet.
type outbox struct {
	given  int   // bytes that the browser got so far
	gone   int   // how many of them it had sent when it was last asked
	ends   []int // given, after each message that may not be gone
	held   []message
	heldB  int           // bytes in held
	room   chan struct{} // closed when there is room; nil while nobody waits
	waits  int           // who waits for that
	timer  *time.Timer   // asks the browser; nil while nobody waits and nothing is held
	delay  time.Duration // until it asks again
	sentAt time.Time     // when it was last seen to have sent something
}

var errStalled = errors.New("the peer takes no bytes")

// errNoPing is what calls get that a browser cannot do. It is a type of errors.ErrUnsupported: a session has another way.
var errNoPing = say.Errorf("a browser sends no pings: %w", errors.ErrUnsupported)

// room is what Begin leaves free in front of a message, for a mark of the one who appends it.
const room = 8

// Begin lends a block to append a message to, behind its From.
func (c *Conn) Begin() *wire.Block {
	b := wire.GetBlock(0)
	b.Sole, b.From = false, room
	b.B = b.B[:room]
	return b
}

// Cancel gives a block from Begin back, unsent.
func (c *Conn) Cancel(b *wire.Block) { b.Free() }

// Commit sends the message in a block from Begin and takes the block over. It returns when the browser has the message;
// when its queue is full it does what the overflow policy says. After an error nothing of the message is sent.
func (c *Conn) Commit(ctx context.Context, kind wire.Kind, b *wire.Block) error {
	return c.commit(ctx, kind, b, c.cfg.Overflow)
}

// Volatile is Commit that drops the message where Commit would find the queue full. It reports whether the message is on
// its way.
func (c *Conn) Volatile(kind wire.Kind, b *wire.Block) (sent bool, err error) {
	err = c.commit(context.Background(), kind, b, Refuse)
	if err == wire.ErrQueueFull {
		return false, nil
	}
	return err == nil, err
}

// Send sends a payload. It copies that. Pings and pongs are the browser's own.
func (c *Conn) Send(ctx context.Context, kind wire.Kind, payload []byte) error {
	if kind == wire.Ping || kind == wire.Pong {
		return errNoPing
	}
	b := c.Begin()
	b.Grow(len(payload))
	b.B = append(b.B, payload...)
	return c.Commit(ctx, kind, b)
}

// Ping returns an error: a browser sends no pings.
func (c *Conn) Ping(context.Context) (time.Duration, error) { return 0, errNoPing }

// Full reports whether Commit would find the queue full.
func (c *Conn) Full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == open && c.full()
}

func (c *Conn) commit(ctx context.Context, kind wire.Kind, b *wire.Block, policy Overflow) error {
	n := len(b.B) - b.From
	if c.cfg.MaxSend > 0 && int64(n) > c.cfg.MaxSend {
		b.Free()
		return &wire.TooBigError{Size: n, Limit: int(c.cfg.MaxSend)}
	}
	if err := ctx.Err(); err != nil {
		b.Free()
		return err
	}
	c.mu.Lock()
	for c.state == open && c.full() {
		switch policy {
		case Refuse:
			c.mu.Unlock()
			b.Free()
			return wire.ErrQueueFull
		case DropOldest:
			c.out.dropOldest()
			continue
		case CloseSlow:
			c.mu.Unlock()
			b.Free()
			why := wire.Violated(wire.CodeTryAgain, "too slow")
			c.StartClose(why, why.Code, why.Reason)
			return why
		}
		if err := c.waitForRoom(ctx); err != nil {
			c.mu.Unlock()
			b.Free()
			return err
		}
	}
	defer c.mu.Unlock()
	if c.state != open {
		b.Free()
		return c.err
	}
	if c.cfg.Overflow == DropOldest && (len(c.out.held) > 0 || !c.handsOver()) {
		c.out.hold(message{kind, b})
		c.poll()
		return nil
	}
	return c.give(message{kind, b})
}

// full reports whether the queue takes no further message. One may go past the limit of bytes by its own length.
func (c *Conn) full() bool {
	o := &c.out
	if c.cfg.Overflow == DropOldest { // what the browser has cannot be dropped, and does not count
		return len(o.held) >= c.cfg.QueueMessages || o.heldB >= c.cfg.QueueBytes
	}
	if len(o.ends) < c.cfg.QueueMessages && o.given-o.gone < c.cfg.QueueBytes {
		return false // without asking the browser
	}
	c.ask()
	return len(o.ends) >= c.cfg.QueueMessages || o.given-o.gone >= c.cfg.QueueBytes
}

// ask asks the browser how much it has sent. It answers as of the last time that every goroutine waited, see
// https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount.
func (c *Conn) ask() (progress bool) {
	o := &c.out
	gone := o.given - c.socket.Get("bufferedAmount").Int()
	progress = gone != o.gone
	o.gone = gone
	n := 0
	for n < len(o.ends) && o.ends[n] <= gone {
		n++
	}
	o.ends = append(o.ends[:0], o.ends[n:]...)
	return progress
}

// give gives a message to the browser.
func (c *Conn) give(m message) error {
	defer m.b.Free()
	payload := m.b.B[m.b.From:]
	var data js.Value
	if m.kind == wire.Text {
		text := string(payload)
		if strings.HasPrefix(text, byteOrderMark) {
			text = byteOrderMark + text // the decoder of wasm_exec.js takes one off
		}
		data = js.ValueOf(text)
	} else {
		data = uint8Array().New(len(payload))
		js.CopyBytesToJS(data, payload)
	}
	if err := attempt(func() { c.socket.Call("send", data) }); err != nil {
		return err
	}
	o := &c.out
	o.given += len(payload)
	o.ends = append(o.ends, o.given)
	if c.cfg.Overflow == DropOldest {
		o.ends = o.ends[:0] // nobody asks for their number
	}
	return nil
}

const byteOrderMark = "\ufeff"

// handedOver is how many bytes the browser gets before messages are held, so that the oldest can be dropped: enough to
// keep a connection busy from one look at it to the next.
const handedOver = 64 << 10

func (c *Conn) handsOver() bool {
	if bound := min(handedOver, c.cfg.QueueBytes); c.out.given-c.out.gone >= bound {
		c.ask()
		return c.out.given-c.out.gone < bound
	}
	return true
}

func (o *outbox) hold(m message) {
	o.held = append(o.held, m)
	o.heldB += len(m.b.B) - m.b.From
}

func (o *outbox) dropOldest() { o.release().b.Free() }

// release takes the message that was held longest.
func (o *outbox) release() message {
	m := o.held[0]
	o.held = append(o.held[:0], o.held[1:]...)
	o.heldB -= len(m.b.B) - m.b.From
	return m
}

// waitForRoom waits until there may be room. The lock is given up meanwhile.
func (c *Conn) waitForRoom(ctx context.Context) error {
	o := &c.out
	if o.room == nil {
		o.room = make(chan struct{})
	}
	room := o.room
	o.waits++
	c.poll()
	c.mu.Unlock()
	var err error
	select {
	case <-room:
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.mu.Lock()
	o.waits--
	return err
}

// How soon the browser is asked whether it has sent something: a millisecond is what its timers know at best. While it
// has not, it is asked more and more rarely.
const (
	firstPoll = time.Millisecond
	lastPoll  = 32 * time.Millisecond
)

// poll asks the browser from time to time what it has sent, because it does not tell. The lock is held.
func (c *Conn) poll() {
	o := &c.out
	if o.timer == nil {
		o.delay, o.sentAt = firstPoll, time.Now()
		o.timer = time.AfterFunc(o.delay, c.polled)
	}
}

func (c *Conn) polled() {
	c.mu.Lock()
	o := &c.out
	if o.timer == nil { // nobody waits any more
		c.mu.Unlock()
		return
	}
	if c.ask() {
		o.delay, o.sentAt = firstPoll, time.Now()
	} else {
		o.delay = min(2*o.delay, lastPoll)
	}
	for c.state == open && len(o.held) > 0 && c.handsOver() {
		_ = c.give(o.release())
	}
	if o.room != nil && !c.full() {
		o.wakeRoom()
	}
	stalled := c.state == open && c.cfg.WriteTimeout > 0 && time.Since(o.sentAt) >= c.cfg.WriteTimeout
	if c.state == open && o.waits+len(o.held) > 0 && !stalled {
		o.timer.Reset(o.delay)
	} else {
		o.timer = nil
	}
	c.mu.Unlock()
	if stalled {
		c.Abort(wire.Lost(errStalled))
	}
}

func (o *outbox) wakeRoom() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// drop lets go of what is held, and of who waits.
func (o *outbox) drop() {
	for _, m := range o.held {
		m.b.Free()
	}
	o.held, o.heldB = nil, 0
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	o.wakeRoom()
}
