// Package frame builds the frames a client sends and reads those a server answers with. It knows no library's code, so
// that no server is measured with its own.
package frame

import (
	"encoding/binary"
	"math/rand/v2"
)

// The opcodes of RFC 6455, section 5.2, that occur here.
const (
	Continuation = 0x0
	Text         = 0x1
	Binary       = 0x2
	Close        = 0x8
	Ping         = 0x9
	Pong         = 0xA
)

// AppendMasked appends an unfragmented client frame with the given mask.
func AppendMasked(dst []byte, op byte, payload []byte, mask [4]byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	dst = append(dst, mask[:]...)
	at := len(dst)
	dst = append(dst, payload...)
	for i := range payload {
		dst[at+i] ^= mask[i&3]
	}
	return dst
}

// Ring is a run of equal messages, each masked differently, laid out so that any number of them up to Len is one
// contiguous piece wherever it starts: the frames are there twice.
type Ring struct {
	bytes  []byte
	length int // frames
	size   int // bytes of one frame
}

// NewRing builds the frames of a message.
func NewRing(op byte, payload []byte, length int, rng *rand.Rand) *Ring {
	r := &Ring{length: length}
	for range length {
		var mask [4]byte
		binary.LittleEndian.PutUint32(mask[:], rng.Uint32())
		r.bytes = AppendMasked(r.bytes, op, payload, mask)
	}
	r.size = len(r.bytes) / length
	r.bytes = append(r.bytes, r.bytes...)
	return r
}

// Len is the number of frames.
func (r *Ring) Len() int { return r.length }

// Size is the number of bytes of one frame.
func (r *Ring) Size() int { return r.size }

// From gives n bytes beginning at offset at, and the offset behind them. n is at most Len frames.
func (r *Ring) From(at, n int) ([]byte, int) {
	return r.bytes[at : at+n], (at + n) % (r.length * r.size)
}

// Boundary reports whether a frame begins at offset at.
func (r *Ring) Boundary(at int) bool { return at%r.size == 0 }
