package engine

import (
	"encoding/binary"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/internal/wire"
)

// maxControl is the largest payload of a control frame (RFC 6455, section 5.5).
const maxControl = 125

const (
	finBit    = 0x80
	rsvBits   = 0x70
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

// parse reads the header at the start of b. With too few bytes it leaves size 0, but it judges what is there already,
// so that a peer who does not speak the protocol is told at its second byte. Lengths that are negative or longer than
// needed are refused here, before anyone computes with them.
func (h *header) parse(b []byte, masked bool) error {
	h.size = 0
	if len(b) < 2 {
		return nil
	}
	b0, b1 := b[0], b[1]
	h.op, h.fin = b0&opcode, b0&finBit != 0
	short := b1 &^ maskBit
	if b0&rsvBits != 0 || reservedOps>>h.op&1 != 0 || h.op&opControl != 0 && (!h.fin || short > maxControl) || b1&maskBit != 0 != masked {
		return headerFault(b0, b1, masked)
	}
	at := 2
	switch short {
	case 126:
		if len(b) < 4 {
			return nil
		}
		h.length, at = int64(binary.BigEndian.Uint16(b[2:])), 4
		if h.length < 126 {
			return wire.Violated(wire.CodeProtocol, "length not in its shortest form")
		}
	case 127:
		if len(b) < 10 {
			return nil
		}
		n := binary.BigEndian.Uint64(b[2:])
		h.length, at = int64(n), 10
		if h.length < 0 {
			return wire.Violated(wire.CodeProtocol, "negative length")
		}
		if n < 1<<16 {
			return wire.Violated(wire.CodeProtocol, "length not in its shortest form")
		}
	default:
		h.length = int64(short)
	}
	if masked {
		if len(b) < at+4 {
			return nil
		}
		h.mask = [4]byte(b[at:])
		at += 4
	}
	h.size = at
	return nil
}

// reservedOps has a bit for each opcode without a meaning.
const reservedOps = 1<<0x3 | 1<<0x4 | 1<<0x5 | 1<<0x6 | 1<<0x7 | 1<<0xb | 1<<0xc | 1<<0xd | 1<<0xe | 1<<0xf

// headerFault names what is wrong with the first two bytes of a header.
func headerFault(b0, b1 byte, masked bool) error {
	text := "control frame over 125 bytes"
	switch op := b0 & opcode; {
	case b0&rsvBits != 0:
		text = "reserved bits set"
	case reservedOps>>op&1 != 0:
		text = "reserved opcode"
	case op&opControl != 0 && b0&finBit == 0:
		text = "fragmented control frame"
	case masked && b1&maskBit == 0:
		text = "unmasked frame from a client"
	case !masked && b1&maskBit != 0:
		text = "masked frame from a server"
	}
	return wire.Violated(wire.CodeProtocol, text)
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
