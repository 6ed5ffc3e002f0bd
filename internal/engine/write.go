package engine

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

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
	deferred              // frames lie in the batch, and somebody is about to look: see schedule
)

// writer is the outgoing half: the right to write, a batch of frames that only its holder touches, and a queue for
// those who come while another has it.
//
// Whoever finds the writer idle encodes straight into its block and writes at once, without blocking (send.go); what
// the socket does not take is left to the flusher (flush.go). Frames that arrive during a write wait in the queue
// (queue.go) and leave together in the next one. While the reader still has bytes to work on, more answers are likely
// to follow, so sends only add to the batch and have the sweeper look at it, which runs as soon as the sender blocks
// (sweeper.go); the reader itself writes before it waits. Nothing ever waits for a timer.
type writer struct {
	// First what a message to many connections needs of each, in one cache line, because they are too many for the caches:
	// scattered over several it took 2 to 7 % of what 200 bytes to 1000 connections cost.
	c    *Conn
	hint atomic.Int32 // size of the blocks that Begin lends
	// word has the bits above. attention is set with mu held, and taken away with mu held by who gives up busy.
	word      atomic.Uint32
	scheduled atomic.Bool // see schedule: somebody will look, and has not yet
	inline    bool        // see Conn.inline
	handed    bool        // the right to write waits for the flusher; guarded by mu, as is the next
	state     state
	raw       syscall.RawConn // the socket itself, where it can be read and written without blocking; else nil
	try       nonBlocker      // a stream that is no socket, but has such calls; else nil
	spare     *wire.Block     // kept for the next message while the reader is at work; else nil

	// These belong to who has the right to write, as does the spare. What is being written changes with mu held only.
	own       attempt
	batch     *wire.Block // finished frames from batchOff on; nil while there are none, or a message is encoded behind them
	batchOff  int
	batchMsgs int
	out       *wire.Block // what is being written
	outOff    int
	outMsgs   int
	outLen    int     // bytes of out when the write began
	writeBy   instant // the write deadline that is set

	mu       sync.Mutex // guards the rest, and is never held during a system call
	err      error      // why the state left open
	closeErr error      // why Close could not complete the handshake

	// The queue: frames in one block, from off on. marks are their lengths, kept only where the oldest may be dropped.
	queue    *wire.Block
	off      int
	msgs     int
	marks    []int
	controls *controls // control frames; nil while there are none

	endWhenDrained error         // end the connection with this once everything is written
	room           chan struct{} // closed when the queue gets shorter; nil when nobody waits
	drained        chan struct{} // closed when everything is written; nil when nobody waits

	flush func() // the flusher, bound once: starting it allocates nothing
}

const firstBlock = 512

func (w *writer) init(c *Conn) {
	w.c = c
	w.raw = rawConn(c.conn)
	w.try, _ = c.conn.(nonBlocker)
	w.inline = w.raw != nil || w.try != nil
	w.hint.Store(firstBlock)
	w.flush = w.runFlusher
	w.own.init()
}

// release gives up the right to write, which the caller has taken without mu. If somebody has queued something
// meanwhile, that is written first. to is deferred when there is a batch, else 0.
func (w *writer) release(to uint32) {
	if w.word.CompareAndSwap(busy, to) {
		return
	}
	w.mu.Lock()
	w.writeOn()
	w.mu.Unlock()
}

// giveUp gives up the right to write with mu held. Only an open connection without a queue is ready for sends that do
// not look.
func (w *writer) giveUp() {
	if w.state == open && !w.pending() {
		w.word.Store(0)
	} else {
		w.word.Store(attention)
	}
}

// tryWrite writes what the stream takes without blocking.
func (w *writer) tryWrite(p []byte) (int, error) { return w.own.write(w, p) }

// attempt is a write that does not block: what is to be written, and how it went. Each connection has one, which belongs to
// who has the right to write. Who writes to many connections in turn uses one of its own for all, which is in the
// processor's caches.
type attempt struct {
	p   []byte
	n   int
	err error
	do  func(fd uintptr) bool // writeFD, bound once: calling it allocates nothing
}

func (a *attempt) init() { a.do = a.writeFD }

// write is called with the right to write.
func (a *attempt) write(w *writer, p []byte) (int, error) {
	if w.try != nil {
		return w.try.TryWrite(p)
	}
	a.p, a.n, a.err = p, 0, nil
	err := w.raw.Write(a.do)
	a.p = nil
	if a.err != nil {
		err = a.err
	}
	return a.n, err
}

// writePiece is what a peer must take within one write deadline.
const writePiece = 64 << 10

// blockingWrite writes what the peer takes in the write timeout, or up to a quarter more: the deadline is set anew only
// when too little of it is left, which takes a tenth off a short message over TLS.
func (w *writer) blockingWrite(p []byte) (int, error) {
	if d := w.c.cfg.WriteTimeout; d > 0 {
		if now := now(); w.writeBy == 0 || w.writeBy.sub(now) < d {
			w.writeBy = now.add(d + d/4)
			w.c.conn.SetWriteDeadline(w.writeBy.time())
		}
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
