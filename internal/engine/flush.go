package engine

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// kick sees to it that what is queued gets written: at once, unless the reader has more to work on, which is likely to
// end in more to write. It is called with mu held and returns with it released.
func (w *writer) kick(atOnce bool) {
	defer w.mu.Unlock()
	if w.word.Or(attention)&busy != 0 || w.scheduled.Load() && !atOnce {
		return // it will leave with the next write
	}
	if !w.inline || !atOnce && w.c.rd.ahead.Load() == muchAhead {
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
	switch word := w.word.Load(); {
	case word == 0 || word&busy != 0:
		return false
	case word&deferred != 0:
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.word.Load()&busy == 0 && w.pending() && (w.inline || !w.scheduled.Load())
}

// pending reports whether something waits in the queue.
func (w *writer) pending() bool {
	return w.queue != nil || w.controls != nil
}

// schedule has what waits written soon, by the sweeper or a flusher, unless that is about to happen.
func (w *writer) schedule() {
	if !w.scheduled.Load() && w.scheduled.CompareAndSwap(false, true) {
		if s := w.c.cfg.Sweeper; s != nil && w.inline {
			s.add(w)
		} else {
			go w.flush()
		}
	}
}

// sweep writes what waits, as far as that is possible without blocking, unless somebody writes now, who takes it along. It
// reports whether the right to write has been handed over to a flusher, as what the stream did not take.
func (w *writer) sweep() (handed bool) {
	w.scheduled.Store(false)
	if w.word.Load() == 0 {
		return false // mostly the sender has written all of it before it waited
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.handed && w.word.Or(busy)&busy == 0 {
		w.writeOn()
		return false
	}
	return w.handed
}

// take moves the batch, or else everything that is queued, into out. It reports whether there is anything to write.
func (w *writer) take() bool {
	switch {
	case w.batch != nil:
		w.out, w.outOff, w.outMsgs = w.batch, w.batchOff, w.batchMsgs
		w.batch, w.batchMsgs = nil, 0
		w.outLen = len(w.out.B) - w.outOff
		return true
	case !w.pending():
		return false
	case w.queue != nil:
		w.out, w.outOff, w.outMsgs = w.queue, w.off, w.msgs
		w.queue, w.off, w.msgs, w.marks = nil, 0, 0, w.marks[:0]
	default:
		w.out, w.outOff, w.outMsgs = wire.GetBlock(0), 0, 0
	}
	if c := w.controls; c != nil {
		w.out.Grow(len(c.ping) + len(c.pong) + len(c.last))
		w.out.B = append(append(append(w.out.B, c.ping...), c.pong...), c.last...)
		w.controls = nil
	}
	w.outLen = len(w.out.B) - w.outOff
	return true
}

// inlineRounds bounds how often a sender writes what others queued meanwhile before it hands over to the flusher.
const inlineRounds = 4

// writeOn writes what waits without blocking, in the caller's goroutine. It is called with mu held by who has the
// right to write, and returns with mu held; the right is given up by then, or is the flusher's with what could not be
// written.
func (w *writer) writeOn() {
	w.freeSpare()
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
	if w.out == nil && w.batch == nil && !w.pending() {
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
	if w.inline && !w.sweep() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scheduled.Store(false)
	if w.word.Or(busy)&busy != 0 && !w.handed {
		return // whoever writes now takes along what was left to us
	}
	w.handed = false
	w.freeSpare()
	for w.out != nil || w.take() {
		for w.outOff < len(w.out.B) {
			// The deadline is renewed with each piece: it judges a peer that takes nothing, not one that is slow.
			piece := w.out.B[w.outOff:min(w.outOff+writePiece, len(w.out.B))]
			w.mu.Unlock()
			n, err := w.blockingWrite(piece)
			w.mu.Lock()
			w.outOff += n
			if err != nil {
				w.fail(err)
				return
			}
		}
		w.written()
	}
	if w.inline && w.writeBy != 0 && w.state != ended {
		w.writeBy = 0
		w.c.conn.SetWriteDeadline(time.Time{}) // a deadline gone by would fail the writes of others
	}
	w.idle()
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

// fail ends the connection after a failed write. The right to write is kept for good: what anybody wrote before the
// stream is closed would stand behind half a frame, as the rest of it.
func (w *writer) fail(err error) {
	w.out.Free()
	w.out, w.outMsgs = nil, 0
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
	if w.state == ended || w.word.Or(attention)&(busy|deferred) == 0 && !w.scheduled.Load() && !w.pending() {
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
