package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/internal/wire"
)

// reader is the incoming half. Its state lies in fields, not on a stack, so that a wait can be given up at any byte
// and taken up by the next call.
type reader struct {
	c *Conn

	mu          sync.Mutex    // the right to read; guards everything below that is not atomic
	receiving   atomic.Bool   // somebody is in Next, or holds a message from it
	wanted      atomic.Bool   // somebody waits for mu: the watcher leaves
	interrupted atomic.Bool   // the read deadline may lie in the past
	pending     atomic.Bool   // the watcher met a message: only Next can go on
	more        atomic.Bool   // bytes not looked at lie behind the message being worked on
	progress    atomic.Uint32 // counts reads that brought bytes

	buf  *wire.Block // bytes r to w of its capacity are unread; nil while there are none
	r, w int
	hold int // length of the frame that was handed out in place

	// The message in progress, when it is not one frame that fits the buffer.
	msg       *wire.Block
	kind      wire.Kind
	inMessage bool
	frames    int   // frames of the message so far
	left      int64 // payload of the current frame still to come
	inPayload bool
	fin       bool
	mask      [4]byte
	maskPos   int

	began    time.Time // when the message in progress was first waited for
	deadline time.Time // the read deadline that is set
	first    bool      // the first message is still to come
	opened   time.Time
	answered bool // a pong was queued and not flushed
	turn     int  // messages served since the last wait

	got wire.Frame // what was found last

	msgTokens, byteTokens bucket

	ctxDone <-chan struct{} // the context that wakes the reader when it is cancelled
	ctxMu   sync.Mutex      // guards ctxStop, which ends that when the connection has ended
	ctxStop func() bool

	try     tryReader
	rawRead func(fd uintptr) bool
	direct  []byte // where the next read goes, when not into the buffer
	n       int    // how the last read went
	rerr    error
}

// Sizes of the read buffer. With non-blocking reads it is lent for the time there are bytes in it; a stream that must
// be waited on with a buffer in hand keeps a small one.
const (
	pooledBuffer = 32 << 10
	heldBuffer   = 4 << 10
)

// messagesPerTurn bounds how many messages one connection is served before other goroutines get their turn: with one
// processor, a peer whose next frame is always there already would be served for 10 ms at a stretch.
const messagesPerTurn = 64

// tryReader is a stream that can read without blocking, as tandem's in-memory pipe does.
type tryReader interface {
	TryRead(p []byte) (n int, ok bool, err error)
}

var (
	errYield = errors.New("the right to read is wanted elsewhere")
	errFlush = errors.New("something is to be written before waiting")
)

func (rd *reader) init(c *Conn, buffered []byte) {
	rd.c = c
	rd.try, _ = c.conn.(tryReader)
	if c.raw != nil {
		rd.rawRead = rd.readFD
	}
	if len(buffered) > 0 {
		rd.buf = wire.GetBlock(max(len(buffered), rd.bufferSize()))
		rd.w = copy(rd.buf.B[:cap(rd.buf.B)], buffered)
	}
	rd.first = true
	if c.cfg.FirstMessage > 0 {
		rd.opened = time.Now()
	}
}

func (rd *reader) bufferSize() int {
	if rd.c.raw != nil || rd.try != nil {
		return pooledBuffer
	}
	return heldBuffer
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
	if !rd.receiving.CompareAndSwap(false, true) {
		return wire.ErrConcurrentRead
	}
	if err := rd.lock(); err != nil {
		rd.receiving.Store(false)
		return err
	}
	rd.register(ctx)
	for {
		err := c.unreadable()
		ok := false
		if err == nil {
			ok, err = rd.parse(m)
		}
		if ok {
			rd.served()
			return nil
		}
		if err == nil {
			err = rd.wait(ctx)
		}
		if err != nil {
			c.readFailed(err)
			rd.unlock()
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
	rd.unlock()
	c.ka.armWatch()
}

// lock takes the right to read, from the watcher if need be.
func (rd *reader) lock() error {
	if rd.mu.TryLock() {
		return nil
	}
	rd.wanted.Store(true)
	defer rd.wanted.Store(false)
	rd.interrupt()
	if err := rd.c.closedErr(); err != nil {
		return err // Close has it, and will not give it back
	}
	rd.mu.Lock()
	return nil
}

func (rd *reader) unlock() {
	rd.receiving.Store(false)
	rd.mu.Unlock()
}

// interrupt wakes whoever waits for bytes, to look around.
func (rd *reader) interrupt() {
	rd.interrupted.Store(true)
	rd.c.conn.SetReadDeadline(aLongTimeAgo)
}

// Interrupt wakes a waiting Next after the base context was cancelled.
func (c *Conn) Interrupt() { c.rd.interrupt() }

// register arranges that a cancelled ctx wakes the reader. It is done once for a context, not once a call: repeating
// it costs more than all the rest of receiving a small message.
func (rd *reader) register(ctx context.Context) {
	done := ctx.Done()
	if done == nil || done == rd.c.base || done == rd.ctxDone {
		return
	}
	rd.ctxMu.Lock()
	defer rd.ctxMu.Unlock()
	if rd.ctxStop != nil {
		rd.ctxStop()
	}
	rd.ctxDone = done
	rd.ctxStop = context.AfterFunc(ctx, rd.interrupt)
}

// unregister forgets the context when the connection has ended, so that a long-lived one does not keep it in memory.
func (rd *reader) unregister() {
	rd.ctxMu.Lock()
	defer rd.ctxMu.Unlock()
	if rd.ctxStop != nil {
		rd.ctxStop()
		rd.ctxStop = nil
	}
}

// served does the bookkeeping of a message about to be handed out.
func (rd *reader) served() {
	rd.pending.Store(false)
	more := rd.r+rd.hold < rd.w
	if more != rd.more.Load() {
		rd.more.Store(more)
	}
	if rd.answered {
		rd.answered = false
		rd.c.wr.mu.Lock()
		rd.c.wr.kick()
	}
	if rd.turn++; rd.turn >= messagesPerTurn {
		rd.turn = 0
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

// parse looks for a frame in the bytes at hand and leaves it in got. Not ok means that more are needed.
func (rd *reader) parse(m mode) (ok bool, err error) {
	masked := !rd.c.cfg.Client
	var h header
	for {
		if rd.inPayload {
			if !rd.takePayload() {
				return false, nil
			}
			if rd.fin {
				rd.inMessage, rd.frames = false, 0
				err = rd.finish(rd.kind, rd.msg.B)
				return err == nil, err
			}
			continue
		}
		b := rd.unread()
		if err := h.parse(b, masked); err != nil || h.size == 0 {
			return false, err
		}
		whole := int64(h.size) + h.length // overflows for absurd lengths, which admit refuses
		if h.control() {
			if int64(len(b)) < whole {
				return false, nil
			}
			payload := b[h.size:whole]
			if masked {
				ws.Cipher(payload, h.mask, 0)
			}
			rd.r += int(whole)
			if err := rd.control(wire.Kind(h.op), payload); err != nil {
				return false, err
			}
			if m == everything {
				return true, nil
			}
			if wire.Kind(h.op) == wire.Close {
				return false, rd.c.closedErr()
			}
			continue
		}
		if m == control {
			return true, nil
		}
		if err := rd.admit(&h); err != nil {
			return false, err
		}
		if !h.fin || rd.inMessage || whole > int64(rd.capacity()) {
			rd.beginPayload(&h)
			continue
		}
		if int64(len(b)) < whole {
			return false, nil
		}
		payload := b[h.size:whole]
		if masked {
			ws.Cipher(payload, h.mask, 0)
		}
		rd.hold = int(whole)
		err := rd.finish(wire.Kind(h.op), payload)
		return err == nil, err
	}
}

// admit checks a data frame against the message in progress and the limits, before anything is allocated for it.
func (rd *reader) admit(h *header) error {
	cfg := rd.c.cfg
	switch {
	case h.op == opCont && !rd.inMessage:
		return wire.Violated(wire.CodeProtocol, "continuation of nothing")
	case h.op != opCont && rd.inMessage:
		return wire.Violated(wire.CodeProtocol, "message inside another")
	}
	have := int64(0)
	if rd.inMessage {
		have = int64(len(rd.msg.B))
	}
	if h.length > cfg.MaxMessage-have {
		return wire.Violated(wire.CodeTooBig, "message over "+itoa(cfg.MaxMessage)+" bytes")
	}
	if cfg.MaxFragments > 0 && rd.frames+1 > cfg.MaxFragments {
		return wire.Violated(wire.CodePolicy, "message in too many fragments")
	}
	return nil
}

// beginPayload takes the header of a frame whose payload is collected in msg.
func (rd *reader) beginPayload(h *header) {
	rd.r += h.size
	rd.inPayload, rd.left, rd.fin, rd.mask, rd.maskPos = true, h.length, h.fin, h.mask, 0
	rd.frames++
	if !rd.inMessage {
		rd.inMessage, rd.kind = true, wire.Kind(h.op)
		rd.msg = wire.GetBlock(int(min(h.length, messageStep)))
	}
}

// messageStep bounds what a declared length alone makes us allocate; beyond it, memory follows the bytes received.
const messageStep = 64 << 10

// takePayload moves what the buffer has of the frame's payload to msg. It reports whether the payload is complete.
func (rd *reader) takePayload() bool {
	b := rd.unread()
	n := int(min(rd.left, int64(len(b))))
	if n > 0 {
		rd.growMessage(n)
		rd.msg.B = append(rd.msg.B, b[:n]...)
		rd.r += n
		rd.tookPayload(n)
	}
	if rd.left > 0 {
		return false
	}
	rd.inPayload = false
	return true
}

// tookPayload accounts for n bytes of payload at the end of msg.
func (rd *reader) tookPayload(n int) {
	if !rd.c.cfg.Client {
		ws.Cipher(rd.msg.B[len(rd.msg.B)-n:], rd.mask, rd.maskPos)
		rd.maskPos = (rd.maskPos + n) & 3
	}
	rd.left -= int64(n)
}

// growMessage makes room for at least n more bytes, and for as many again as have come already, if that many are due.
func (rd *reader) growMessage(n int) {
	have := len(rd.msg.B)
	if cap(rd.msg.B)-have >= n {
		return
	}
	rd.msg.Grow(max(n, int(min(rd.left, int64(max(have, messageStep))))))
}

// finish checks a complete message and leaves it in got.
func (rd *reader) finish(kind wire.Kind, payload []byte) error {
	cfg := rd.c.cfg
	rd.first = false
	rd.began = time.Time{}
	if kind == wire.Text && !utf8.Valid(payload) {
		return wire.Violated(wire.CodeInvalid, "text is not valid UTF-8")
	}
	if cfg.MessageRate.PerSecond > 0 && !rd.msgTokens.take(cfg.MessageRate, 1) {
		return wire.Violated(wire.CodePolicy, "too many messages")
	}
	if cfg.ByteRate.PerSecond > 0 && !rd.byteTokens.take(cfg.ByteRate, float64(len(payload))) {
		return wire.Violated(wire.CodePolicy, "too many bytes")
	}
	rd.got.Kind, rd.got.Payload = kind, payload
	return nil
}

// control acts on a control frame and leaves it in got.
func (rd *reader) control(kind wire.Kind, payload []byte) error {
	c := rd.c
	rd.got = wire.Frame{Kind: kind, Payload: payload}
	switch kind {
	case wire.Ping:
		if r := c.cfg.MessageRate; r.PerSecond > 0 && !rd.msgTokens.take(r, 1) {
			return wire.Violated(wire.CodePolicy, "too many pings")
		}
		c.wr.mu.Lock()
		if c.wr.state == open {
			c.wr.putControl(wire.Pong, payload)
			rd.answered = true
		}
		c.wr.mu.Unlock()
	case wire.Pong:
		c.ka.pong(payload)
	case wire.Close:
		code, reason, err := parseClose(payload)
		if err != nil {
			return err
		}
		c.peerClosed(code, reason)
		rd.got.Code, rd.got.Payload = code, []byte(reason)
	}
	return nil
}

func (rd *reader) unread() []byte {
	if rd.buf == nil {
		return nil
	}
	return rd.buf.B[rd.r:rd.w:rd.w]
}

// capacity is how long a frame may be to be handed out in place.
func (rd *reader) capacity() int {
	if rd.buf == nil {
		return rd.bufferSize()
	}
	return cap(rd.buf.B)
}

// releaseEmpty gives the buffer back when nothing is in it.
func (rd *reader) releaseEmpty() {
	if rd.buf != nil && rd.r == rd.w {
		rd.buf.Free()
		rd.buf, rd.r, rd.w = nil, 0, 0
	}
}

// space is where the next read goes: behind the unread bytes, or straight to the message's end.
func (rd *reader) space() []byte {
	if rd.direct != nil {
		return rd.direct
	}
	if rd.buf == nil {
		rd.buf = wire.GetBlock(rd.bufferSize())
	}
	if c := cap(rd.buf.B); len(rd.buf.B) != c {
		rd.buf.B = rd.buf.B[:c]
	}
	if rd.r > 0 && (rd.r == rd.w || rd.w == cap(rd.buf.B)) {
		rd.w = copy(rd.buf.B, rd.buf.B[rd.r:rd.w])
		rd.r = 0
	}
	return rd.buf.B[rd.w:]
}

// mayWait is beforeWait for the inside of a raw read, where nothing may be written: a failed write closes the socket,
// and closing waits for the raw read to end. It reports false when beforeWait has something to do outside first.
func (rd *reader) mayWait() bool {
	rd.c.wr.mu.Lock()
	flush := !rd.c.wr.busy && rd.c.wr.pending()
	rd.c.wr.mu.Unlock()
	if flush {
		return false
	}
	rd.more.Store(false)
	rd.turn = 0
	rd.releaseEmpty()
	return true
}

// beforeWait is called when there is nothing to read and the goroutine is about to be parked.
func (rd *reader) beforeWait() {
	rd.more.Store(false)
	rd.answered = false
	rd.turn = 0
	rd.c.wr.beforeWait()
	rd.releaseEmpty()
}

// wait reads more bytes. A nil ctx is the watcher's, who leaves when the right to read is wanted.
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
		} else if err := ctx.Err(); err != nil {
			return err
		}
		n, err := rd.read()
		if n > 0 {
			rd.progress.Add(1)
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
			if errors.Is(err, io.EOF) {
				err = io.EOF
			}
			lost := &wire.LostError{Err: err}
			rd.c.finish(lost)
			return rd.c.Err()
		}
	}
}

// setDeadline sets the deadline of the message in progress, or of the first one.
func (rd *reader) setDeadline() {
	cfg := rd.c.cfg
	var at time.Time
	if rd.inMessage || rd.r < rd.w {
		if cfg.MessageTimeout > 0 {
			if rd.began.IsZero() {
				rd.began = time.Now()
			}
			at = rd.began.Add(cfg.MessageTimeout)
		}
	} else {
		rd.began = time.Time{}
	}
	if rd.first && cfg.FirstMessage > 0 {
		if by := rd.opened.Add(cfg.FirstMessage); at.IsZero() || by.Before(at) {
			at = by
		}
	}
	if rd.interrupted.Swap(false) || !at.Equal(rd.deadline) {
		rd.deadline = at
		rd.c.conn.SetReadDeadline(at)
	}
}

// overdue tells which deadline of the peer's has passed, if one has.
func (rd *reader) overdue() error {
	cfg, now := rd.c.cfg, time.Now()
	if rd.first && cfg.FirstMessage > 0 && !now.Before(rd.opened.Add(cfg.FirstMessage)) {
		return wire.Violated(wire.CodePolicy, "first message too late")
	}
	if !rd.began.IsZero() && cfg.MessageTimeout > 0 && !now.Before(rd.began.Add(cfg.MessageTimeout)) {
		return wire.Violated(wire.CodePolicy, "message took too long")
	}
	return nil
}

// directMin is from how many missing bytes on a payload is read straight into its place.
const directMin = 4 << 10

// read reads once and accounts for the bytes.
func (rd *reader) read() (int, error) {
	if rd.inPayload && rd.r == rd.w && rd.left >= directMin {
		rd.growMessage(1)
		room := rd.msg.B[len(rd.msg.B):cap(rd.msg.B)]
		rd.direct = room[:min(int64(len(room)), rd.left)]
	}
	n, err := rd.readOnce()
	if rd.direct != nil {
		rd.direct = nil
		rd.msg.B = rd.msg.B[:len(rd.msg.B)+n]
		rd.tookPayload(n)
	} else {
		rd.w += n
	}
	return n, err
}

func (rd *reader) readOnce() (int, error) {
	conn := rd.c.conn
	switch {
	case rd.rawRead != nil:
		for {
			rd.n, rd.rerr = 0, nil
			err := rd.c.raw.Read(rd.rawRead)
			if rd.rerr == errFlush {
				rd.beforeWait()
				continue
			}
			if rd.rerr != nil {
				err = rd.rerr
			}
			return rd.n, err
		}
	case rd.try != nil:
		if n, ok, err := rd.try.TryRead(rd.space()); ok {
			return n, err
		}
	}
	rd.beforeWait()
	return conn.Read(rd.space())
}
