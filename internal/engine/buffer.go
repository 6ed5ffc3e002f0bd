package engine

import "github.com/tandem-ws/tandem/internal/wire"

// Sizes of the read buffer. With non-blocking reads it is lent for the time there are bytes in it; a stream that must
// be waited on with a buffer in hand keeps a small one.
const (
	pooledBuffer = 32 << 10
	heldBuffer   = 4 << 10
)

func (rd *reader) unread() []byte {
	if rd.buf == nil {
		return nil
	}
	return rd.buf.B[rd.r:rd.w:rd.w]
}

// capacity is how long a frame may be to be handed out in place.
func (rd *reader) capacity() int {
	if rd.buf == nil {
		return rd.size
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
	if rd.direct {
		room := rd.msg.B[len(rd.msg.B):cap(rd.msg.B)]
		return room[:min(int64(len(room)), rd.left)]
	}
	switch {
	case rd.buf == nil:
		rd.buf = wire.GetBlock(rd.size)
		rd.buf.B = rd.buf.B[:cap(rd.buf.B)]
	case len(rd.buf.B) < rd.size:
		rd.moveUnread(rd.size)
	case rd.r == rd.w:
		rd.r, rd.w = 0, 0
	case rd.r > 0 && rd.w == len(rd.buf.B):
		rd.w = copy(rd.buf.B, rd.buf.B[rd.r:rd.w])
		rd.r = 0
	}
	return rd.buf.B[rd.w:]
}

// smallRest is the beginning of a frame that is kept in a small block while the rest is waited for.
const smallRest = 256

// moveUnread moves the unread bytes to a block of another size.
func (rd *reader) moveUnread(size int) {
	b := wire.GetBlock(size)
	b.B = append(b.B, rd.unread()...)
	rd.r, rd.w = 0, len(b.B)
	b.B = b.B[:cap(b.B)]
	rd.buf.Free()
	rd.buf = b
}

// mayWait is beforeWait for the inside of a raw read, where nothing may be written: a failed write closes the socket,
// and closing waits for the raw read to end. It reports false when beforeWait has something to do outside first.
func (rd *reader) mayWait() bool {
	if rd.c.wr.unwritten() {
		return false
	}
	rd.toWait()
	rd.shrink()
	return true
}

// shrink keeps no more of the buffer than what is in it needs, for a while in which nothing is read.
func (rd *reader) shrink() {
	rd.releaseEmpty()
	if rd.buf != nil && rd.w-rd.r <= smallRest && cap(rd.buf.B) > heldBuffer {
		rd.moveUnread(smallRest)
	}
}

// beforeWait is called when there is nothing to read and the goroutine is about to be parked.
func (rd *reader) beforeWait() {
	rd.toWait()
	rd.answered = false
	rd.c.wr.beforeWait()
	rd.releaseEmpty()
}

func (rd *reader) endTurn() {
	rd.turn = 0
	if rd.came { // counted here and not when it came, which would be a locked instruction for each message
		rd.came = false
		rd.progress.Add(1)
	}
}

// toWait ends the turn: until the next message the writer holds nothing back and keeps nothing.
func (rd *reader) toWait() {
	rd.endTurn()
	if rd.ahead.Load() != waiting {
		rd.ahead.Store(waiting)
		rd.c.wr.dropSpare()
	}
}

// directMin is from how many missing bytes on a payload is read straight into its place.
const directMin = 4 << 10

// read reads once and accounts for the bytes.
func (rd *reader) read() (int, error) {
	if rd.inPayload && rd.r == rd.w && rd.left >= directMin {
		rd.growMessage(1)
		rd.direct = true
	}
	n, err := rd.readOnce()
	if rd.direct {
		rd.direct = false
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
			err := rd.c.wr.raw.Read(rd.rawRead)
			if rd.rerr == errFlush {
				rd.beforeWait()
				continue
			}
			if rd.rerr != nil {
				err = rd.rerr
			}
			return rd.n, err
		}
	case rd.c.wr.try != nil:
		if n, ok, err := rd.c.wr.try.TryRead(rd.space()); ok {
			return n, err
		}
	}
	rd.beforeWait()
	return conn.Read(rd.space())
}
