package fault

import (
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const (
	// chunkSize is the most that is read at once.
	chunkSize = 16 << 10

	// paces is how many pieces a second's worth of bytes is cut into under Bandwidth: small enough to flow evenly,
	// large enough for the timers of a real clock.
	paces = 100

	// catchUp is how much lateness of real timers Bandwidth makes up for. More would be a burst.
	catchUp = 20 * time.Millisecond

	// sliceGap lets a waiting reader run between two pieces.
	sliceGap = time.Microsecond
)

// lane is one direction of a link: a goroutine that reads into the queue and one that writes from it.
type lane struct {
	link      *link
	direction Direction
	control   *control
	src, dst  net.Conn
	queue     queue
	chance    chance
	drained   chan struct{} // closed when read has returned: src has nothing more to say

	// The rest belongs to the goroutine that writes.
	delivered int64
	moved     time.Time // when the last byte was delivered, or the link began
	free      time.Time // when the line is free for the next piece
	pieceAt   time.Time // when the piece to be written next went on the line, zero if it did not yet
}

func newLane(l *link, d Direction, number uint64, src, dst net.Conn) *lane {
	lane := &lane{
		link: l, direction: d, control: &l.proxy.faults[d.index()], src: src, dst: dst,
		chance: newChance(l.proxy.seed, number, d), drained: make(chan struct{}), moved: time.Now(),
	}
	lane.queue.init(l.proxy.buffer)
	return lane
}

func (l *lane) opposite() *lane { return l.link.lanes[1-l.direction.index()] }

// read moves bytes from src into the queue until src ends. In a sealed queue they vanish.
func (l *lane) read() {
	defer close(l.drained)
	buf := make([]byte, min(chunkSize, l.link.proxy.buffer))
	for {
		space, sealed := l.queue.space()
		if sealed {
			space = len(buf)
		}
		if space == 0 {
			select {
			case <-l.queue.freed:
			case <-l.link.done:
				return
			}
			continue
		}
		n, err := l.src.Read(buf[:min(space, len(buf))])
		set, _ := l.control.get()
		if n > 0 {
			data := append([]byte(nil), buf[:n]...)
			l.chance.corrupt(data, set.corrupt)
			// Jitter may make a chunk due before the one ahead of it, but the queue keeps their order.
			l.queue.put(chunk{data: data, due: time.Now().Add(l.chance.delay(set))})
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			l.queue.seal(time.Now().Add(set.delay))
			return
		case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe): // by us
			return
		default:
			l.carryReset()
			return
		}
	}
}

// write moves bytes from the queue to dst when their time has come and no fault is in the way.
func (l *lane) write() {
	for {
		// Before the settings are read: an interrupt that comes later than that must stop the Write below.
		_ = l.dst.SetWriteDeadline(time.Time{})
		set, changed := l.control.get()
		next, ok := l.queue.first()
		now := time.Now()
		var wait time.Time // zero: until something changes
		switch {
		case set.held:
			if !l.wait(changed, nil, wait) {
				return
			}
			l.moved = time.Now() // silence that was ordered is not idleness
			continue
		case set.resetAfter >= 0 && l.delivered >= set.resetAfter:
			if wait = l.moved.Add(settle); !wait.After(now) {
				abort(l.dst)
				l.opposite().carryReset()
				return
			}
		case set.cutAfter >= 0 && l.delivered >= set.cutAfter:
			if wait = l.moved.Add(settle); !wait.After(now) {
				l.link.beginCut()
				l.finish()
				return
			}
		case !ok && set.cutIdle > 0:
			if wait = l.moved.Add(set.cutIdle); !wait.After(now) {
				l.link.beginCut()
				l.finish()
				return
			}
		case !ok:
		case next.due.After(now):
			wait = next.due
		case next.end:
			l.finish()
			return
		default:
			data, at := l.piece(next, set, now)
			if !at.After(now) {
				if !l.deliver(data, set, at) {
					return
				}
				continue
			}
			wait = at
		}
		if !l.wait(changed, l.queue.filled, wait) {
			return
		}
	}
}

// piece returns what is to be written next, and when.
func (l *lane) piece(next chunk, set settings, now time.Time) (data []byte, at time.Time) {
	n := len(next.data)
	if set.slice > 0 {
		n = min(n, l.chance.slice(set.slice))
	}
	for _, limit := range []int64{set.cutAfter, set.resetAfter} {
		if limit >= 0 {
			n = int(min(int64(n), limit-l.delivered))
		}
	}
	if l.pieceAt.IsZero() {
		l.pieceAt = later(later(next.due, l.free), now.Add(-catchUp))
	}
	at = l.pieceAt
	if set.bandwidth > 0 {
		n = min(n, max(1, set.bandwidth/paces))
		at = at.Add(time.Duration(float64(n) / float64(set.bandwidth) * float64(time.Second)))
	}
	return next.data[:n], at
}

// deliver writes data, which left the line at the given time. It reports false if the direction is over.
func (l *lane) deliver(data []byte, set settings, at time.Time) bool {
	// Counted first, so that whoever has read a byte finds it in Proxy.Bytes.
	count := &l.link.proxy.bytes[l.direction.index()]
	count.Add(int64(len(data)))
	n, err := l.dst.Write(data)
	count.Add(int64(n - len(data)))

	if n > 0 {
		l.queue.take(n)
		l.delivered += int64(n)
		l.moved, l.free, l.pieceAt = time.Now(), at, time.Time{}
		if set.slice > 0 {
			l.chance.sliced(n)
			l.free = later(l.free, l.moved.Add(sliceGap))
		}
	}
	switch {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded): // the latter is an interrupt
		return true
	case errors.Is(err, net.ErrClosed): // by us
		return false
	}
	l.opposite().carryReset() // dst is gone: its answer to our bytes travels back
	return false
}

// finish delivers the end of the stream. If the connection was cut it then closes dst, but first gives what dst has
// sent the time to come in.
func (l *lane) finish() {
	if !closeWrite(l.dst) {
		l.link.finish(false)
		return
	}
	if l.link.isCut() {
		l.wait(nil, l.opposite().drained, time.Now().Add(linger))
		_ = l.dst.Close()
	}
	l.link.end(l.direction)
}

// carryReset carries a reset in this direction: it obeys Delay and Hold, and then both ends are dead. It overtakes
// bytes that wait for bandwidth or room.
func (l *lane) carryReset() {
	set, _ := l.control.get()
	due := time.Now().Add(set.delay + settle)
	for {
		set, changed := l.control.get()
		switch {
		case set.held:
			if !l.wait(changed, nil, time.Time{}) {
				return
			}
			due = later(due, time.Now().Add(settle))
		case due.After(time.Now()):
			if !l.wait(changed, nil, due) {
				return
			}
		default:
			l.link.finish(true)
			return
		}
	}
}

// wait returns when one of the channels is ready or the time has come; the zero time never comes. It reports false if
// the link is over.
func (l *lane) wait(changed, other <-chan struct{}, until time.Time) bool {
	var alarm <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-changed:
	case <-other:
	case <-alarm:
	case <-l.link.done:
		return false
	}
	return true
}

// interrupt makes a Write in progress return, so that new settings act at once even when dst does not read.
func (l *lane) interrupt() {
	_ = l.dst.SetWriteDeadline(time.Unix(1, 0))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
