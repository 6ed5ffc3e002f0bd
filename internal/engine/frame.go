package engine

import (
	"encoding/binary"
	"math/bits"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/internal/wire"
)

// maxControl is the largest payload of a control frame (RFC 6455, section 5.5).
const maxControl = 125

const (
	finBit    = 0x80
	rsvBits   = 0x70
	rsv1Bit   = 0x40
	maskBit   = 0x80
	opcode    = 0x0f
	opCont    = 0x0
	opControl = 0x8
)

// header is a frame header as it stands on the wire.
type header struct {
	op     byte
	fin    bool
	mask   [4]byte
	length int64
	size   int // bytes of the header itself
}

func (h *header) control() bool { return h.op&opControl != 0 }

// parseHeader reads the header at the start of b. With too few bytes it gives size 0, but it judges what is there
// already, so that a peer who does not speak the protocol is told at its second byte. Lengths that are negative or
// longer than needed are refused here, before anyone computes with them.
func parseHeader(b []byte, masked bool) (h header, err error) {
	if len(b) < 2 {
		return header{}, nil
	}
	h.op, h.fin = b[0]&opcode, b[0]&finBit != 0
	short := b[1] &^ maskBit
	switch {
	case b[0]&rsvBits != 0:
		return header{}, wire.Violated(wire.CodeProtocol, "reserved bits set")
	case h.op > byte(wire.Binary) && h.op < byte(wire.Close) || h.op > byte(wire.Pong):
		return header{}, wire.Violated(wire.CodeProtocol, "reserved opcode")
	case h.control() && !h.fin:
		return header{}, wire.Violated(wire.CodeProtocol, "fragmented control frame")
	case h.control() && short > maxControl:
		return header{}, wire.Violated(wire.CodeProtocol, "control frame over 125 bytes")
	case masked && b[1]&maskBit == 0:
		return header{}, wire.Violated(wire.CodeProtocol, "unmasked frame from a client")
	case !masked && b[1]&maskBit != 0:
		return header{}, wire.Violated(wire.CodeProtocol, "masked frame from a server")
	}
	at := 2
	switch short {
	case 126:
		if len(b) < 4 {
			return header{}, nil
		}
		h.length, at = int64(binary.BigEndian.Uint16(b[2:])), 4
		if h.length < 126 {
			return header{}, wire.Violated(wire.CodeProtocol, "length not in its shortest form")
		}
	case 127:
		if len(b) < 10 {
			return header{}, nil
		}
		n := binary.BigEndian.Uint64(b[2:])
		h.length, at = int64(n), 10
		if bits.Len64(n) > 63 {
			return header{}, wire.Violated(wire.CodeProtocol, "negative length")
		}
		if n < 1<<16 {
			return header{}, wire.Violated(wire.CodeProtocol, "length not in its shortest form")
		}
	default:
		h.length = int64(short)
	}
	if masked {
		if len(b) < at+4 {
			return header{}, nil
		}
		h.mask = [4]byte(b[at:])
		at += 4
	}
	h.size = at
	return h, nil
}

// headerSize is the length of the header of an outgoing frame with n bytes of payload.
func headerSize(n int, masked bool) int {
	size := 2
	switch {
	case n > 0xffff:
		size = 10
	case n > 125:
		size = 4
	}
	if masked {
		size += 4
	}
	return size
}

// putHeader writes the header of an unfragmented frame with n bytes of payload into b, which has room for it.
// A nil mask means unmasked.
func putHeader(b []byte, kind wire.Kind, n int, mask *[4]byte) {
	b[0] = finBit | byte(kind)
	at := 2
	switch {
	case n > 0xffff:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(n))
		at = 10
	case n > 125:
		b[1] = 126
		binary.BigEndian.PutUint16(b[2:], uint16(n))
		at = 4
	default:
		b[1] = byte(n)
	}
	if mask != nil {
		b[1] |= maskBit
		copy(b[at:], mask[:])
	}
}

// appendFrame appends a whole unfragmented frame; payload is not changed.
func appendFrame(dst []byte, kind wire.Kind, payload []byte, masked bool) []byte {
	size := headerSize(len(payload), masked)
	at := len(dst)
	dst = append(dst, make([]byte, size)...)
	dst = append(dst, payload...)
	frameInPlace(dst[at:], size, kind, masked)
	return dst
}

// frameInPlace turns b, whose first size bytes are free and whose rest is the payload, into a frame.
func frameInPlace(b []byte, size int, kind wire.Kind, masked bool) {
	if !masked {
		putHeader(b, kind, len(b)-size, nil)
		return
	}
	mask := newMask()
	putHeader(b, kind, len(b)-size, &mask)
	ws.Cipher(b[size:], mask, 0)
}
