package engine

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// reader is the incoming half. Its state lies in fields, not on a stack, so that a wait can be given up at any byte
// and taken up by the next call.
type reader struct {
	c *Conn

	right       right         // the right to read; guards everything below that is not atomic
	wanted      atomic.Bool   // somebody waits for the right: the watcher leaves
	interrupted atomic.Bool   // the read deadline may lie in the past
	pending     atomic.Bool   // the watcher met a message: only Next can go on
	ahead       atomic.Uint32 // what lies ahead: see below
	progress    atomic.Uint32 // counts turns in which something has come

	buf  *wire.Block // bytes r to w of it are unread; nil while there are none
	r, w int
	hold int // length of the frame that was handed out in place
	size int // of the buffer

	// The message in progress, when it is not one frame that fits the buffer.
	msg       *wire.Block
	kind      wire.Kind
	inMessage bool
	inPayload bool
	fin       bool
	mask      [4]byte
	maskPos   int
	frames    int32 // frames of the message so far
	left      int64 // payload of the current frame still to come

	ready    bool          // the watcher has completed the message in progress: it is in got
	first    bool          // the first message is still to come
	came     bool          // something has come in this turn
	answered bool          // a pong was queued and not flushed
	turn     int32         // messages served since the last wait
	since    instant       // since when the message in progress is waited for; 0 while nobody waits for it
	spent    time.Duration // how long it was waited for before
	deadline instant       // the read deadline that is set
	opened   instant

	got wire.Frame // what was found last

	rates *rates // nil where there is no limit

	ctxDone <-chan struct{} // the context that wakes the reader when it is cancelled
	ctxMu   sync.Mutex      // guards the two below
	ctxStop func() bool     // ends that
	ctxOver bool            // the connection has ended: no context may keep it in memory

	rawRead func(fd uintptr) bool
	direct  bool // the next read goes straight to the end of msg, not into the buffer
	n       int  // how the last read went
	rerr    error
}

// messagesPerTurn bounds how many messages one connection is served before other goroutines get their turn: with one
// processor, a peer whose next frame is always there already would be served for 10 ms at a stretch.
const messagesPerTurn = 64

// What lies ahead of the reader, for the writer to know whether more answers are likely to follow.
const (
	waiting   = iota // it waits, or nobody reads
	oneAhead         // a message is being worked on, behind which nothing has come yet
	muchAhead        // bytes not looked at lie behind the message being worked on
)

var (
	errYield = errors.New("the right to read is wanted elsewhere")
	errFlush = errors.New("something is to be written before waiting")
)

func (rd *reader) init(c *Conn, buffered []byte) {
	rd.c = c
	rd.size = heldBuffer
	if c.inline() {
		rd.size = pooledBuffer
	}
	if c.wr.raw != nil {
		rd.rawRead = rd.readFD
	}
	if len(buffered) > 0 {
		rd.buf = wire.GetBlock(max(len(buffered), rd.size))
		rd.buf.B = rd.buf.B[:cap(rd.buf.B)]
		rd.w = copy(rd.buf.B, buffered)
	}
	if c.cfg.MessageRate.PerSecond > 0 || c.cfg.ByteRate.PerSecond > 0 {
		rd.rates = new(rates)
	}
	rd.first = true
	if c.cfg.FirstMessageTimeout > 0 {
		rd.opened = now()
	}
}

// Next waits for the next message. The payload is valid until Done, which must follow every success: until then the
// caller holds the right to read.
func (c *Conn) Next(ctx context.Context) (wire.Kind, []byte, error) {
	if err := c.next(ctx, messages); err != nil {
		return 0, nil, err
	}
	return c.rd.got.Kind, c.rd.got.Payload, nil
}

// NextFrame is Next that shows pings, pongs and the Close frame as well. They have been answered already. The frame
// that carries the peer's close comes first, the error only from the call after it.
func (c *Conn) NextFrame(ctx context.Context) (wire.Frame, error) {
	if err := c.next(ctx, everything); err != nil {
		return wire.Frame{}, err
	}
	return c.rd.got, nil
}

// mode says what a reader is looking for.
type mode uint8

const (
	messages   mode = iota // text and binary
	everything             // control frames too
	control                // control frames only: stop at a message
)

// next leaves what it found in rd.got, and the right to read with the caller.
func (c *Conn) next(ctx context.Context, m mode) error {
	rd := &c.rd
	if !rd.right.try(receiver) {
		if err := rd.claim(); err != nil {
			return err
		}
	}
	if ctx != c.base {
		rd.register(ctx)
	} else if rd.ctxDone != nil {
		rd.forget()
	}
	for {
		err, ok := error(nil), rd.ready
		if c.down.Load() {
			err = c.unreadable()
		}
		if err == nil && !ok && (rd.r < rd.w || rd.inPayload) {
			ok, err = rd.parse(m)
		}
		if ok && err == nil {
			rd.ready = false
			rd.served()
			return nil
		}
		if err == nil {
			err = rd.wait(ctx)
			rd.pause()
		}
		if err != nil {
			c.readFailed(err)
			rd.right.give()
			c.ka.armWatch()
			return err
		}
	}
}

// Done gives back the payload of the last Next and the right to read.
func (c *Conn) Done() {
	rd := &c.rd
	rd.r += rd.hold
	rd.hold = 0
	if rd.msg != nil && !rd.inMessage {
		rd.msg.Free()
		rd.msg = nil
	}
	// An empty buffer stays until somebody waits: the next call, or the watcher soon.
	rd.right.give()
	c.ka.armWatch()
}

// In is the In of the block with the message of the last Next.
func (c *Conn) In() *any {
	if c.rd.hold > 0 {
		return &c.rd.buf.In
	}
	return &c.rd.msg.In
}

// claim takes the right to read from the watcher.
func (rd *reader) claim() error {
	if rd.right.is(receiver) {
		return wire.ErrConcurrentRead
	}
	rd.wanted.Store(true)
	defer rd.wanted.Store(false)
	rd.interrupt()
	if err := rd.c.closedErr(); err != nil {
		return err // Close has it, and will not give it back
	}
	rd.right.take(receiver)
	return nil
}

// interrupt wakes whoever waits for bytes, to look around.
func (rd *reader) interrupt() {
	rd.interrupted.Store(true)
	rd.c.conn.SetReadDeadline(aLongTimeAgo)
}

// Interrupt wakes a waiting Next after the base context was cancelled.
func (c *Conn) Interrupt() {
	c.baseOver.Store(true)
	c.rd.interrupt()
}

// register arranges that a cancelled ctx wakes the reader. It is done once for a context, not once a call: repeating
// it costs more than all the rest of receiving a small message.
func (rd *reader) register(ctx context.Context) {
	done := ctx.Done()
	if done == nil || done == rd.ctxDone || rd.c.isBase(ctx) {
		return
	}
	rd.ctxMu.Lock()
	defer rd.ctxMu.Unlock()
	if rd.ctxOver {
		return
	}
	if rd.ctxStop != nil {
		rd.ctxStop()
	}
	rd.ctxDone = done
	rd.ctxStop = context.AfterFunc(ctx, rd.interrupt)
}

// forget lets go of the context that was registered last.
func (rd *reader) forget() {
	rd.ctxMu.Lock()
	defer rd.ctxMu.Unlock()
	if rd.ctxStop != nil {
		rd.ctxStop()
		rd.ctxStop, rd.ctxDone = nil, nil
	}
}

// unregister forgets the context when the connection has ended, so that a long-lived one does not keep it in memory.
func (rd *reader) unregister() {
	rd.ctxMu.Lock()
	defer rd.ctxMu.Unlock()
	rd.ctxOver = true
	if rd.ctxStop != nil {
		rd.ctxStop()
		rd.ctxStop = nil
	}
}

// served does the bookkeeping of a message about to be handed out.
func (rd *reader) served() {
	if rd.pending.Load() {
		rd.pending.Store(false)
	}
	ahead := uint32(oneAhead)
	if rd.r+rd.hold < rd.w {
		ahead = muchAhead
	}
	if ahead != rd.ahead.Load() {
		rd.ahead.Store(ahead)
	}
	if rd.answered {
		rd.answered = false
		rd.c.wr.flushSoon()
	}
	if rd.turn++; rd.turn >= messagesPerTurn {
		rd.endTurn()
		rd.c.wr.beforeWait()
		runtime.Gosched()
	}
}

// readFailed acts on an error of parse or wait.
func (c *Conn) readFailed(err error) {
	var ce *wire.CloseError
	if errors.As(err, &ce) && ce.Violation {
		c.StartClose(ce, ce.Code, ce.Reason)
	}
}

// wait reads more bytes, as long as whoever asks has no reason to leave: a receiver's context gives one; the watcher,
// which has no context, leaves when the right to read is wanted. The caller pauses the clock after it.
func (rd *reader) wait(ctx context.Context) error {
	for {
		rd.setDeadline()
		// Whoever wakes a reader changes what is asked here first and the deadline after, so that it cannot be missed.
		if err := rd.c.closedErr(); err != nil {
			return err
		}
		if ctx == nil {
			if rd.wanted.Load() {
				return errYield
			}
		} else if ctx != rd.c.base || rd.c.baseOver.Load() {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		n, err := rd.read()
		if n > 0 {
			rd.came = true
			return nil
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			rd.interrupted.Store(true)
			if err := rd.overdue(); err != nil {
				return err
			}
		default:
			if cerr := rd.c.closedErr(); cerr != nil && errors.Is(err, net.ErrClosed) {
				return cerr
			}
			rd.c.finish(wire.Lost(err))
			return rd.c.Err()
		}
	}
}

// setDeadline sets the deadline of the message in progress, or of the first one.
func (rd *reader) setDeadline() {
	if !rd.first && !rd.inMessage && rd.r == rd.w && rd.deadline == 0 && !rd.interrupted.Load() {
		rd.spent = 0
		return // nothing is due and nothing is set, as nearly always
	}
	cfg := rd.c.cfg
	var at instant
	if rd.inMessage || rd.r < rd.w {
		if cfg.MessageTimeout > 0 {
			if rd.since == 0 {
				rd.since = now()
			}
			at = rd.since.add(cfg.MessageTimeout - rd.spent)
		}
	} else {
		rd.spent = 0
	}
	if rd.first && cfg.FirstMessageTimeout > 0 {
		if by := rd.opened.add(cfg.FirstMessageTimeout); at == 0 || by < at {
			at = by
		}
	}
	if rd.interrupted.Load() && rd.interrupted.Swap(false) || at != rd.deadline {
		rd.deadline = at
		rd.c.conn.SetReadDeadline(at.time())
	}
}

// pause stops the clock of the message in progress: it judges the peer, so it runs only while somebody waits.
func (rd *reader) pause() {
	if rd.since == 0 {
		return
	}
	rd.spent += now().sub(rd.since)
	rd.since = 0
}

// overdue tells which deadline of the peer's has passed, if one has.
func (rd *reader) overdue() error {
	cfg, now := rd.c.cfg, now()
	if rd.first && cfg.FirstMessageTimeout > 0 && now >= rd.opened.add(cfg.FirstMessageTimeout) {
		return wire.Violated(wire.CodePolicy, "first message too late")
	}
	if rd.since != 0 && rd.spent+now.sub(rd.since) >= cfg.MessageTimeout {
		return wire.Violated(wire.CodePolicy, "message took too long")
	}
	return nil
}
