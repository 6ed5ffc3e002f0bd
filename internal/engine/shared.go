package engine

import (
	"slices"

	"github.com/tandem-ws/tandem/internal/wire"
)

// frames are messages as they stand on the wire from a server, which masks nothing: the same bytes for everybody.
type frames struct {
	b    []byte
	ends []int // where each message ends
}

func (f *frames) add(kind wire.Kind, payload []byte) {
	f.b = appendFrame(f.b, kind, payload, false)
	f.ends = append(f.ends, len(f.b))
}

// from is where the messages from the i-th on begin.
func (f *frames) from(i int) int {
	if i == 0 {
		return 0
	}
	return f.ends[i-1]
}

// sendFrames sends the messages from the first on. They are written from where they lie, and copied only if the socket
// does not take them or others wait before them. It never blocks: where the overflow policy says that senders wait, it
// returns ErrQueueFull, and what did not fit is not sent.
func (c *Conn) sendFrames(f *frames, first int, a *attempt) error {
	w := &c.wr
	if !w.inline || !w.word.CompareAndSwap(0, busy) {
		return w.queueFrames(f, first)
	}
	w.freeSpare()
	p := f.b[f.from(first):]
	n, err := a.write(w, p)
	if err == nil && n == len(p) {
		w.release(0)
		return nil
	}
	w.mu.Lock()
	w.word.Or(attention)
	if err != nil {
		defer w.mu.Unlock()
		w.fail(err)
		return w.err
	}
	// The message that the socket has not taken, or half of it, comes next. Those behind it are subject to the limits.
	at := f.from(first) + n
	i, _ := slices.BinarySearch(f.ends[first:], at+1)
	i += first
	rest := wire.GetBlock(f.ends[i] - at)
	rest.B = append(rest.B, f.b[at:f.ends[i]]...)
	w.out, w.outOff, w.outMsgs, w.outLen = rest, 0, 1, len(rest.B)
	w.handOver()
	w.mu.Unlock()
	return w.queueFrames(f, i+1)
}

func (w *writer) queueFrames(f *frames, first int) error {
	w.mu.Lock()
	for i := first; i < len(f.ends); i++ {
		for w.state == open && w.full() && w.c.cfg.Overflow == DropOldest {
			w.dropOldest()
		}
		if w.state != open {
			defer w.mu.Unlock()
			return w.err
		}
		if w.full() {
			w.kick(false)
			return wire.ErrQueueFull
		}
		frame := f.b[f.from(i):f.ends[i]]
		b := wire.GetBlock(len(frame))
		b.B = append(b.B, frame...)
		w.put(b, 0)
	}
	w.kick(false)
	return nil
}
