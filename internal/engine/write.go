package engine

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// state of a connection. It only goes up.
type state uint8

const (
	open    state = iota
	closing       // our Close frame is queued or sent; no more messages go out
	ended         // the stream is closed
)

// Bits of writer.word. While it is 0, the connection is open, nothing waits and nobody writes: a send then needs
// nothing but the right to write.
const (
	busy      = 1 << iota // somebody has the right to write
	attention             // there is something that needs writer.mu: a queue, a waiter, an end
)

// writer is the outgoing half: a queue of finished frames and the right to write them.
//
// Whoever finds the writer idle writes at once, without blocking; what the socket does not take is left to the
// flusher. Frames that arrive during a write leave together in the next one. While the reader still has bytes to work
// on, more answers are likely to follow, so sends only wake the flusher, which runs as soon as the sender blocks; the
// reader itself writes before it waits. Nothing ever waits for a timer.
type writer struct {
	c    *Conn
	try  tryWriter    // the stream, if it can write without blocking; else nil
	hint atomic.Int32 // size of the blocks that Begin lends
	// word has the bits above. attention is set with mu held, and taken away with mu held by who gives up busy.
	word atomic.Uint32

	mu    sync.Mutex
	state state
	err   error // why the state left open
	// closeErr is why Close could not complete the handshake.
	closeErr error

	// The queue, guarded by mu: frames in one block, from off on. marks are their lengths, kept only where
	// the oldest may be dropped.
	queue *wire.Block
	off   int
	msgs  int
	marks []int

	ping, pong []byte // the newest of each; they leave with the next write, behind the messages in it
	last       []byte // the Close frame, sent when the queue is empty

	handed    bool // the right to write waits for the flusher
	scheduled bool // the flusher has been started but does not run yet

	// What is being written; belongs to who has the right to write, and changes with mu held only.
	out     *wire.Block
	outOff  int
	outMsgs int
	outLen  int // bytes of out when the write began

	endWhenDrained error         // end the connection with this once everything is written
	room           chan struct{} // closed when the queue gets shorter; nil when nobody waits
	drained        chan struct{} // closed when everything is written; nil when nobody waits

	flush    func() // the flusher, bound once: starting it allocates nothing
	rawWrite func(fd uintptr) bool
	src      []byte // what rawWrite writes, and how it went
	n        int
	werr     error
}

const firstBlock = 512

func (w *writer) init(c *Conn) {
	w.c = c
	w.try, _ = c.conn.(tryWriter)
	w.hint.Store(firstBlock)
}

// send queues the frame in b[off:] and sees to it that it is written.
func (w *writer) send(ctx context.Context, b *wire.Block, off int) error {
	done := ctx.Done()
	if done == w.c.base {
		done = nil // while the owner shuts down, answers still go out; the state alone decides
	} else if err := ctx.Err(); err != nil {
		b.Free()
		return err
	}
	if w.canTry() && !w.c.rd.more.Load() && w.word.CompareAndSwap(0, busy) {
		return w.sendNow(b, off)
	}
	w.mu.Lock()
	for w.state == open && w.full() {
		switch w.c.cfg.Overflow {
		case DropOldest:
			w.dropOldest()
			continue
		case CloseSlow:
			w.mu.Unlock()
			b.Free()
			err := wire.Violated(wire.CodeTryAgain, "too slow")
			w.c.StartClose(err, err.Code, err.Reason)
			return err
		}
		if w.room == nil {
			w.room = make(chan struct{})
		}
		room := w.room
		w.mu.Unlock()
		select {
		case <-room:
		case <-done:
			b.Free()
			return ctx.Err()
		}
		w.mu.Lock()
	}
	if w.state != open {
		err := w.err
		w.mu.Unlock()
		b.Free()
		return err
	}
	w.put(b, off)
	w.kick(false)
	return nil
}

// sendNow writes a frame when nothing else waits, without the queue. The caller has taken the right to write.
func (w *writer) sendNow(b *wire.Block, off int) error {
	n, err := w.tryWrite(b.B[off:])
	if off += n; err == nil && off == len(b.B) {
		b.Free()
		if w.word.CompareAndSwap(busy, 0) {
			return nil
		}
		w.mu.Lock()
		w.writeOn() // somebody has queued something meanwhile
		w.mu.Unlock()
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word.Or(attention)
	w.out, w.outOff, w.outMsgs, w.outLen = b, off, 1, len(b.B)-off+n
	if err != nil {
		w.fail(err)
		return w.err
	}
	w.handOver()
	return nil
}

// sendControl queues a ping or a pong. Only the newest of each waits: a peer that sends pings faster than it takes
// the answers gets one answer (RFC 6455, section 5.5.3).
func (w *writer) sendControl(kind wire.Kind, payload []byte) error {
	w.mu.Lock()
	if w.state != open {
		defer w.mu.Unlock()
		return w.err
	}
	w.putControl(kind, payload)
	w.kick(false)
	return nil
}

func (w *writer) putControl(kind wire.Kind, payload []byte) {
	slot := &w.ping
	if kind == wire.Pong {
		slot = &w.pong
	}
	*slot = appendFrame((*slot)[:0], kind, payload, w.c.cfg.Client)
}

// full reports whether the queue takes no further message. A message may go past the limit of bytes by its own
// length, so that one which is longer than the whole queue can still be sent.
func (w *writer) full() bool {
	cfg := w.c.cfg
	msgs, bytes := w.msgs, 0
	if w.queue != nil {
		bytes = len(w.queue.B) - w.off
	}
	if w.out != nil && cfg.Overflow != DropOldest { // what is being written cannot be dropped
		left := len(w.out.B) - w.outOff
		msgs += (w.outMsgs*left + w.outLen - 1) / w.outLen // as if they were equally long
		bytes += left
	}
	return msgs >= cfg.QueueMessages || bytes >= cfg.QueueBytes
}

// put appends a frame to the queue, which takes the block over when it is empty.
func (w *writer) put(b *wire.Block, off int) {
	w.msgs++
	if w.c.cfg.Overflow == DropOldest {
		w.marks = append(w.marks, len(b.B)-off)
	}
	if w.queue == nil {
		w.queue, w.off = b, off
		return
	}
	frame := b.B[off:]
	if w.off > len(w.queue.B)/2 && len(w.queue.B)+len(frame) > cap(w.queue.B) {
		n := copy(w.queue.B, w.queue.B[w.off:])
		w.queue.B, w.off = w.queue.B[:n], 0
	}
	w.queue.Grow(len(frame))
	w.queue.B = append(w.queue.B, frame...)
	b.Free()
}

// dropOldest drops the message that has waited longest. It is called when the queue is full, so there is one.
func (w *writer) dropOldest() {
	w.off += w.marks[0]
	w.marks = w.marks[1:]
	w.msgs--
	if w.msgs == 0 {
		w.queue.Free()
		w.queue, w.off = nil, 0
	}
}

func (w *writer) dropQueue() {
	w.queue.Free()
	w.queue, w.off, w.msgs, w.marks = nil, 0, 0, nil
	w.ping, w.pong, w.last = nil, nil, nil
}

// kick sees to it that what is queued gets written: at once, unless the reader has more to work on, which is likely to
// end in more to write. It is called with mu held and returns with it released.
func (w *writer) kick(atOnce bool) {
	defer w.mu.Unlock()
	if w.word.Or(attention)&busy != 0 || w.scheduled && !atOnce {
		return // it will leave with the next write
	}
	if !w.canTry() || !atOnce && w.c.rd.more.Load() {
		w.schedule()
		return
	}
	w.word.Or(busy)
	w.writeOn()
}

// flushSoon is kick for what has been queued without it.
func (w *writer) flushSoon() {
	w.mu.Lock()
	w.kick(false)
}

// beforeWait writes what is queued, as far as that is possible without blocking. The reader calls it when it is about
// to wait, so no answer is ever held back by a quiet peer.
func (w *writer) beforeWait() {
	if w.unwritten() {
		w.mu.Lock()
		w.kick(true)
	}
}

// unwritten reports whether something waits that nobody is writing.
func (w *writer) unwritten() bool {
	if w.word.Load() != attention {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.word.Load() == attention && w.pending() && (w.canTry() || !w.scheduled)
}

func (w *writer) pending() bool {
	return w.queue != nil || len(w.ping) > 0 || len(w.pong) > 0 || len(w.last) > 0
}

// schedule starts the flusher, unless it is about to run.
func (w *writer) schedule() {
	if w.scheduled {
		return
	}
	if w.flush == nil {
		w.flush = w.runFlusher
	}
	w.scheduled = true
	go w.flush()
}

// take moves everything that waits into out. It reports whether there is anything to write.
func (w *writer) take() bool {
	if !w.pending() {
		return false
	}
	if w.queue != nil {
		w.out, w.outOff, w.outMsgs = w.queue, w.off, w.msgs
		w.queue, w.off, w.msgs, w.marks = nil, 0, 0, w.marks[:0]
	} else {
		w.out, w.outOff, w.outMsgs = wire.GetBlock(0), 0, 0
	}
	if n := len(w.ping) + len(w.pong) + len(w.last); n > 0 {
		w.out.Grow(n)
		w.out.B = append(append(append(w.out.B, w.ping...), w.pong...), w.last...)
		w.ping, w.pong, w.last = nil, nil, nil
	}
	w.outLen = len(w.out.B) - w.outOff
	return true
}

// inlineRounds bounds how often a sender writes what others queued meanwhile before it hands over to the flusher.
const inlineRounds = 4

// writeOn writes what is queued without blocking, in the caller's goroutine. It is called with mu held by who has the
// right to write, and returns with mu held; the right is given up by then, or is the flusher's with what could not be
// written.
func (w *writer) writeOn() {
	for range inlineRounds {
		if !w.take() {
			w.idle()
			return
		}
		w.mu.Unlock()
		n, err := w.tryWrite(w.out.B[w.outOff:])
		w.mu.Lock()
		w.outOff += n
		if err != nil {
			w.fail(err)
			return
		}
		if w.outOff < len(w.out.B) {
			break
		}
		w.written()
	}
	if w.out == nil && !w.pending() {
		w.idle()
		return
	}
	w.handOver()
}

// handOver leaves the right to write to the flusher.
func (w *writer) handOver() {
	w.handed = true
	w.schedule()
}

// runFlusher is the flusher's goroutine.
func (w *writer) runFlusher() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scheduled = false
	if w.word.Or(busy)&busy != 0 && !w.handed {
		return // whoever writes now takes along what was left to us
	}
	w.handed = false
	waited := false
	for w.out != nil || w.take() {
		for w.outOff < len(w.out.B) {
			// The deadline is renewed with each piece: it judges a peer that takes nothing, not one that is slow.
			piece := w.out.B[w.outOff:min(w.outOff+writePiece, len(w.out.B))]
			w.mu.Unlock()
			n, err := w.blockingWrite(piece)
			w.mu.Lock()
			waited = true
			w.outOff += n
			if err != nil {
				w.fail(err)
				return
			}
		}
		w.written()
	}
	if waited && w.c.cfg.WriteTimeout > 0 && w.state != ended {
		w.c.conn.SetWriteDeadline(time.Time{}) // a deadline gone by would fail the writes of others
	}
	w.idle()
}

// writePiece is what a peer must take within one write deadline.
const writePiece = 64 << 10

func (w *writer) blockingWrite(p []byte) (int, error) {
	if d := w.c.cfg.WriteTimeout; d > 0 {
		w.c.conn.SetWriteDeadline(time.Now().Add(d))
	}
	n, err := w.c.conn.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if n > 0 {
			return n, nil
		}
		err = errWriteStalled
	}
	return n, err
}

// written gives back the block that is on the wire.
func (w *writer) written() {
	w.out.Free()
	w.out, w.outMsgs = nil, 0
	w.wakeRoom()
}

// idle gives up the right to write when there is nothing left to write.
func (w *writer) idle() {
	w.wakeDrained()
	w.giveUp()
	if err := w.endWhenDrained; err != nil && w.state != ended {
		w.endWhenDrained = nil
		w.mu.Unlock()
		w.c.finish(err)
		w.mu.Lock()
	}
}

// giveUp gives up the right to write. Only an open connection without a queue is ready for sends that do not look.
func (w *writer) giveUp() {
	if w.state == open && !w.pending() {
		w.word.Store(0)
	} else {
		w.word.Store(attention)
	}
}

// fail ends the connection after a failed write.
func (w *writer) fail(err error) {
	w.out.Free()
	w.out, w.outMsgs = nil, 0
	w.giveUp()
	if w.state == ended {
		return
	}
	w.mu.Unlock()
	w.c.finish(wire.Lost(err))
	w.mu.Lock()
}

func (w *writer) wakeRoom() {
	if w.room != nil {
		close(w.room)
		w.room = nil
	}
}

func (w *writer) wakeDrained() {
	if w.drained != nil {
		close(w.drained)
		w.drained = nil
	}
}

// waitDrained waits until everything queued is on the wire, or the connection has ended, or the time is over.
func (w *writer) waitDrained(d time.Duration) {
	w.mu.Lock()
	if w.state == ended || w.word.Or(attention)&busy == 0 && !w.scheduled && !w.pending() {
		w.mu.Unlock()
		return
	}
	if w.drained == nil {
		w.drained = make(chan struct{})
	}
	drained := w.drained
	w.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-drained:
	case <-t.C:
	}
}

// tryWriter is a stream that can write without blocking, as tandem's in-memory pipe does.
type tryWriter interface {
	TryWrite(p []byte) (int, error)
}

// canTry reports whether the stream can be written without blocking. TLS and foreign streams cannot: for them every
// write is the flusher's.
func (w *writer) canTry() bool { return w.c.raw != nil || w.try != nil }

// tryWrite writes what the stream takes without blocking.
func (w *writer) tryWrite(p []byte) (int, error) {
	if w.try != nil {
		return w.try.TryWrite(p)
	}
	if w.rawWrite == nil {
		w.rawWrite = w.writeFD
	}
	w.src, w.n, w.werr = p, 0, nil
	err := w.c.raw.Write(w.rawWrite)
	w.src = nil
	if w.werr != nil {
		err = w.werr
	}
	return w.n, err
}
