package engine

import (
	"context"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Begin lends a block to encode a message into: append the payload to its B, which has From bytes before it, then call
// Commit or Cancel.
//
// Where nobody else writes, the block comes with the right to write (it is Sole then): the message is encoded where it
// leaves from, behind those that wait already, and who sends meanwhile is queued behind it.
func (c *Conn) Begin() *wire.Block {
	w := &c.wr
	if w.inline {
		if word := w.word.Load(); word&(busy|attention) == 0 && w.word.CompareAndSwap(word, busy) {
			return w.begin()
		}
	}
	b := wire.GetBlock(int(w.hint.Load()))
	b.Sole, b.From = false, wire.HeaderRoom
	b.B = b.B[:wire.HeaderRoom]
	return b
}

// Bounds of a batch: what waits in one block for the answers to come. The block is as large as the read buffer.
const (
	batchBytes = pooledBuffer - 4<<10
	batchMsgs  = 64
)

// maxHint is the longest message that room is made for before it is known.
const maxHint = 1 << 20

// begin makes room for a message behind the batch. The caller has taken the right to write.
func (w *writer) begin() *wire.Block {
	hint := int(w.hint.Load())
	b := w.batch
	if b == nil {
		if w.c.rd.ahead.Load() == muchAhead {
			hint = max(hint, pooledBuffer)
		}
		if b, w.spare = w.spare, nil; b == nil || cap(b.B) < hint {
			b.Free()
			b = wire.GetBlock(hint)
			b.Sole = true
		}
		b.From = wire.HeaderRoom
		b.B = b.B[:wire.HeaderRoom]
		return b
	}
	w.batch = nil
	b.From = len(b.B) + w.headerRoom()
	b.Grow(w.headerRoom() + hint)
	b.B = b.B[:b.From]
	return b
}

// headerRoom is what is left free for a header in a batch: enough for a message that is neither short nor long. It is
// also the room in front of From that Begin promises at least.
func (w *writer) headerRoom() int {
	if w.c.cfg.Client {
		return 8
	}
	return 4
}

// Cancel gives a block from Begin back, unsent.
func (c *Conn) Cancel(b *wire.Block) {
	if !b.Sole {
		b.Free()
		return
	}
	w := &c.wr
	if w.batchMsgs == 0 {
		w.keep(b)
		return
	}
	b.B = b.B[:b.From-w.headerRoom()]
	w.putOff(b)
}

// Commit sends the message in a block from Begin and takes the block over. It returns when the message is written or
// queued; when the queue is full it does what the overflow policy says. After an error nothing of the message is sent.
func (c *Conn) Commit(ctx context.Context, kind wire.Kind, b *wire.Block) error {
	w := &c.wr
	n := len(b.B) - b.From
	if c.cfg.MaxSend > 0 && int64(n) > c.cfg.MaxSend {
		c.Cancel(b)
		return &wire.TooBigError{Size: n, Limit: int(c.cfg.MaxSend)}
	}
	if ctx != c.base {
		if err := ctx.Err(); err != nil && !c.isBase(ctx) { // while the owner shuts down, answers still go out
			c.Cancel(b)
			return err
		}
	}
	// Messages are mostly as long as the one before. What no pool keeps is made when it is needed.
	if hint, need := int(w.hint.Load()), min(n+wire.HeaderRoom, maxHint); hint < need || hint > 4*need+firstBlock {
		w.hint.Store(int32(need))
	}
	size := headerSize(n, c.cfg.Client)
	if b.Sole && w.batchMsgs > 0 {
		w.addToBatch(b, size, kind)
		return w.sendSole(b)
	}
	off := b.From - size
	frameInPlace(b.B[off:], size, kind, c.cfg.Client)
	if b.Sole {
		w.batchOff = off
		return w.sendSole(b)
	}
	return w.send(ctx, b, off)
}

// noWait is the context of a message that is sent only if there is room.
var noWait = context.WithValue(context.Background(), noWaitKey{}, nil)

type noWaitKey struct{}

// Volatile is Commit that drops the message where Commit would find the queue full. It reports whether the message is on
// its way.
func (c *Conn) Volatile(kind wire.Kind, b *wire.Block) (sent bool, err error) {
	err = c.Commit(noWait, kind, b)
	if err == wire.ErrQueueFull {
		return false, nil
	}
	return err == nil, err
}

// Full reports whether Commit would find the queue full.
func (c *Conn) Full() bool {
	w := &c.wr
	if w.word.Load() == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state == open && w.full()
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

// addToBatch frames the message at the end of a batch. A header that needs more or less room than was left for it
// moves the payload.
func (w *writer) addToBatch(b *wire.Block, size int, kind wire.Kind) {
	room := w.headerRoom()
	off := b.From - room
	if moved := size - room; moved != 0 {
		b.Grow(max(moved, 0))
		end := len(b.B)
		copy(b.B[b.From+moved:end+moved], b.B[b.From:end])
		b.B = b.B[:end+moved]
	}
	frameInPlace(b.B[off:], size, kind, w.c.cfg.Client)
}

// sendSole writes the batch with its new frame, or leaves it while more answers are likely to follow. The caller has
// the right to write.
func (w *writer) sendSole(b *wire.Block) error {
	w.batchMsgs++
	if w.c.rd.ahead.Load() == muchAhead && w.batchMsgs < min(batchMsgs, w.c.cfg.QueueMessages) && len(b.B) < batchBytes {
		w.putOff(b)
		return nil
	}
	p := b.B[w.batchOff:]
	n, err := w.tryWrite(p)
	if err == nil && n == len(p) {
		w.batchMsgs = 0
		w.keep(b)
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word.Or(attention)
	w.out, w.outOff, w.outMsgs, w.outLen = b, w.batchOff+n, w.batchMsgs, len(p)
	w.batchMsgs = 0
	if err != nil {
		w.fail(err)
		return w.err
	}
	w.handOver()
	return nil
}

// putOff leaves the batch for later and gives up the right to write. Somebody is asked to look after that: who found the
// right taken before would have gone.
func (w *writer) putOff(b *wire.Block) {
	w.batch = b
	w.release(deferred)
	w.schedule()
}

// keep gives up the right to write after everything is written. It puts the block aside for the next message, as long
// as the reader is at work: that drops it before it waits. Where nothing is received the block goes back to the pool at
// once.
func (w *writer) keep(b *wire.Block) {
	w.freeSpare()
	if w.c.rd.ahead.Load() == waiting {
		b.Free()
		w.release(0)
		return
	}
	b.B = b.B[:0]
	w.spare = b
	w.release(0)
	if w.c.rd.ahead.Load() == waiting { // it may have looked for the spare before it was there
		w.dropSpare()
	}
}

// freeSpare gives the spare back. The caller has the right to write.
func (w *writer) freeSpare() {
	if w.spare != nil {
		w.spare.Free()
		w.spare = nil
	}
}

// dropSpare gives the block back that keep has put aside, before the reader waits. Where the writer is not idle it has
// no need to: whoever writes what waits frees the spare, and keep looks whether the reader waits.
func (w *writer) dropSpare() {
	if !w.word.CompareAndSwap(0, busy) {
		return
	}
	w.freeSpare()
	if w.word.CompareAndSwap(busy, 0) {
		return
	}
	w.mu.Lock() // the reader may be inside a raw read, where nothing may be written
	w.handOver()
	w.mu.Unlock()
}

// send queues the frame in b[off:] and sees to it that it is written.
func (w *writer) send(ctx context.Context, b *wire.Block, off int) error {
	if w.inline && w.c.rd.ahead.Load() != muchAhead && w.word.CompareAndSwap(0, busy) {
		w.batchOff, b.Sole = off, true
		return w.sendSole(b)
	}
	w.mu.Lock()
	for w.state == open && w.full() {
		policy := w.c.cfg.Overflow
		if ctx == noWait {
			policy = Refuse
		}
		switch policy {
		case Refuse:
			w.mu.Unlock()
			b.Free()
			return wire.ErrQueueFull
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
		done := ctx.Done()
		if w.c.isBase(ctx) {
			done = nil // the state alone decides
		}
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
