package frame

import (
	"encoding/binary"
	"errors"
)

// Reader takes a server's bytes apart as they come, in pieces of any size. It keeps no payload.
type Reader struct {
	head   [10]byte
	have   int   // bytes of head
	left   int64 // payload of the current frame still to come
	length int64 // payload of the message so far
	op     byte  // of the message, or of the control frame
	fin    bool
	inside bool // a payload is being skipped
}

// Event is what a Reader has found.
type Event struct {
	Op     byte
	Length int64 // of the whole message
}

// Errors of a Reader.
var (
	ErrMasked   = errors.New("a masked frame from a server")
	ErrReserved = errors.New("a frame with reserved bits")
)

// Next looks for the end of the next message or control frame in b. It returns how many bytes it used; ok says that
// it found one. Without ok, all of b was used.
func (r *Reader) Next(b []byte) (used int, ev Event, ok bool, err error) {
	for {
		if !r.inside {
			n, err := r.header(b[used:])
			used += n
			if err != nil || !r.inside {
				return used, Event{}, false, err
			}
		}
		n := min(r.left, int64(len(b)-used))
		used += int(n)
		if r.left -= n; r.left > 0 {
			return used, Event{}, false, nil
		}
		r.inside, r.have = false, 0
		if r.fin {
			ev := Event{r.op, r.length}
			r.length = 0
			return used, ev, true, nil
		}
	}
}

// Between reports whether the last byte seen was the end of a message, so that the next byte begins a frame.
func (r *Reader) Between() bool { return !r.inside && r.have == 0 && r.length == 0 }

// header collects a frame header. inside is set when it is complete.
func (r *Reader) header(b []byte) (used int, err error) {
	if r.have == 0 && len(b) >= 2 && b[1] < 126 { // the usual case: nothing to collect
		return 2, r.begin(b[0], b[1], int64(b[1]))
	}
	for used < len(b) {
		r.head[r.have] = b[used]
		r.have++
		used++
		switch {
		case r.have == 2 && r.head[1]&0x7f < 126:
			return used, r.begin(r.head[0], r.head[1], int64(r.head[1]&0x7f))
		case r.have == 4 && r.head[1]&0x7f == 126:
			return used, r.begin(r.head[0], r.head[1], int64(binary.BigEndian.Uint16(r.head[2:])))
		case r.have == 10:
			return used, r.begin(r.head[0], r.head[1], int64(binary.BigEndian.Uint64(r.head[2:])))
		}
	}
	return used, nil
}

func (r *Reader) begin(b0, b1 byte, n int64) error {
	switch {
	case b1&0x80 != 0:
		return ErrMasked
	case b0&0x70 != 0:
		return ErrReserved
	}
	r.inside, r.left, r.fin = true, n, b0&0x80 != 0
	r.length += n
	if op := b0 & 0xf; op != Continuation {
		r.op = op
	}
	return nil
}
