package engine

import "github.com/tandem-ws/tandem/internal/wire"

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
	c := w.control()
	slot := &c.ping
	if kind == wire.Pong {
		slot = &c.pong
	}
	*slot = appendFrame((*slot)[:0], kind, payload, w.c.cfg.Client)
}

// putClose queues a Close frame. A stale peer is told that it is, see [Conn.MarkStale].
func (w *writer) putClose(code int, reason string) {
	if w.c.stale.Load() && wire.MeantCode(code) == wire.CodeInvalid {
		code = wire.CodeStale
	}
	w.control().last = appendFrame(nil, wire.Close, closePayload(code, reason), w.c.cfg.Client)
}

// controls are frames that leave with the next write, behind the messages in it.
type controls struct {
	ping, pong []byte // the newest of each
	last       []byte // the Close frame
}

func (w *writer) control() *controls {
	if w.controls == nil {
		w.controls = new(controls)
	}
	return w.controls
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
		msgs += int((int64(w.outMsgs)*int64(left) + int64(w.outLen) - 1) / int64(w.outLen)) // as if they were equally long
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
	if len(w.queue.B)+len(frame) > cap(w.queue.B) {
		w.queue.Grow(max(len(frame), len(w.queue.B)/4)) // in proportion, or a long queue is copied for each message
	}
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
	w.controls = nil
}
