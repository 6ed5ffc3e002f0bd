package engine

import (
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/internal/wire"
)

// parse looks for a frame in the bytes at hand and leaves it in got. Not ok means that more are needed.
func (rd *reader) parse(m mode) (ok bool, err error) {
	if m != control && !rd.inMessage && rd.whole() {
		err := rd.finish(rd.got.Kind, rd.got.Payload)
		return err == nil, err
	}
	masked := !rd.c.cfg.Client
	var h header
	for {
		if rd.inPayload {
			if !rd.takePayload() {
				return false, nil
			}
			if rd.fin {
				rd.inMessage, rd.frames = false, 0
				err = rd.finish(rd.kind, rd.msg.B)
				rd.ready = err == nil && m == control
				return err == nil, err
			}
			continue
		}
		b := rd.unread()
		if err := h.parse(b, masked); err != nil || h.size == 0 {
			return false, err
		}
		whole := int64(h.size) + h.length // overflows for absurd lengths, which admit refuses
		if h.control() {
			if int64(len(b)) < whole {
				return false, nil
			}
			payload := b[h.size:whole]
			if masked {
				ws.Cipher(payload, h.mask, 0)
			}
			rd.r += int(whole)
			if err := rd.control(wire.Kind(h.op), payload); err != nil {
				return false, err
			}
			if m == everything {
				return true, nil
			}
			if wire.Kind(h.op) == wire.Close {
				return false, rd.c.closedErr()
			}
			continue
		}
		if m == control {
			return true, nil
		}
		if err := rd.admit(&h); err != nil {
			return false, err
		}
		if !h.fin || rd.inMessage || whole > int64(rd.capacity()) {
			rd.beginPayload(&h)
			continue
		}
		if int64(len(b)) < whole {
			return false, nil
		}
		payload := b[h.size:whole]
		if masked {
			ws.Cipher(payload, h.mask, 0)
		}
		rd.hold = int(whole)
		err := rd.finish(wire.Kind(h.op), payload)
		return err == nil, err
	}
}

// whole looks for what nearly every frame is: a message in one piece, shorter than 64 KiB, all of it in the buffer. It
// leaves the message in got, to be finished. Everything else is left to parse, untouched.
func (rd *reader) whole() bool {
	b, masked := rd.unread(), !rd.c.cfg.Client
	if len(b) < 4 || b[0] != finBit|byte(wire.Text) && b[0] != finBit|byte(wire.Binary) || b[1]&maskBit != 0 != masked {
		return false
	}
	n, at := int(b[1]&^maskBit), 2
	if n == 126 {
		n, at = int(b[2])<<8|int(b[3]), 4
		if n < 126 {
			return false
		}
	} else if n == 127 {
		return false
	}
	if masked {
		at += 4
	}
	if len(b) < at+n || int64(n) > rd.c.cfg.MaxMessage {
		return false
	}
	payload := b[at : at+n]
	if masked {
		ws.Cipher(payload, [4]byte(b[at-4:]), 0)
	}
	rd.hold = at + n
	rd.got.Kind, rd.got.Payload = wire.Kind(b[0]^finBit), payload
	return true
}

// admit checks a data frame against the message in progress and the limits, before anything is allocated for it.
func (rd *reader) admit(h *header) error {
	cfg := rd.c.cfg
	switch {
	case h.op == opCont && !rd.inMessage:
		return wire.Violated(wire.CodeProtocol, "continuation of nothing")
	case h.op != opCont && rd.inMessage:
		return wire.Violated(wire.CodeProtocol, "message inside another")
	}
	have := int64(0)
	if rd.inMessage {
		have = int64(len(rd.msg.B))
	}
	if h.length > cfg.MaxMessage-have {
		return wire.Violated(wire.CodeTooBig, "message over "+itoa(cfg.MaxMessage)+" bytes")
	}
	if cfg.MaxFragments > 0 && int(rd.frames) >= cfg.MaxFragments {
		return wire.Violated(wire.CodePolicy, "message in too many fragments")
	}
	return nil
}

// beginPayload takes the header of a frame whose payload is collected in msg.
func (rd *reader) beginPayload(h *header) {
	rd.r += h.size
	rd.inPayload, rd.left, rd.fin, rd.mask, rd.maskPos = true, h.length, h.fin, h.mask, 0
	rd.frames++
	if !rd.inMessage {
		rd.inMessage, rd.kind = true, wire.Kind(h.op)
		rd.msg = wire.GetBlock(rd.trust(0))
	}
}

// trust is how much room to make for the payload that is announced: in proportion to what has come already, have bytes
// in the message and the rest in the buffer. A few bytes that announce a long message hold a few kilobytes; a message
// that comes in earnest is not moved on the way.
func (rd *reader) trust(have int) int {
	return int(min(rd.left, int64(max(messageStep, 4*(have+rd.w-rd.r)))))
}

const messageStep = 4 << 10

// takePayload moves what the buffer has of the frame's payload to msg. It reports whether the payload is complete.
func (rd *reader) takePayload() bool {
	b := rd.unread()
	n := int(min(rd.left, int64(len(b))))
	if n > 0 {
		rd.growMessage(n)
		rd.msg.B = append(rd.msg.B, b[:n]...)
		rd.r += n
		rd.tookPayload(n)
	}
	if rd.left > 0 {
		return false
	}
	rd.inPayload = false
	return true
}

// tookPayload accounts for n bytes of payload at the end of msg.
func (rd *reader) tookPayload(n int) {
	if !rd.c.cfg.Client {
		ws.Cipher(rd.msg.B[len(rd.msg.B)-n:], rd.mask, rd.maskPos)
		rd.maskPos = (rd.maskPos + n) & 3
	}
	rd.left -= int64(n)
}

// growMessage makes room for at least n more bytes.
func (rd *reader) growMessage(n int) {
	if have := len(rd.msg.B); cap(rd.msg.B)-have < n {
		rd.msg.Grow(max(n, rd.trust(have)))
	}
}

// finish checks a complete message and leaves it in got.
func (rd *reader) finish(kind wire.Kind, payload []byte) error {
	cfg := rd.c.cfg
	rd.first = false
	rd.spent = 0
	if kind == wire.Text && !utf8.Valid(payload) {
		return wire.Violated(wire.CodeInvalid, "text is not valid UTF-8")
	}
	if cfg.MessageRate.PerSecond > 0 && !rd.rates.messages.take(cfg.MessageRate, 1) {
		return wire.Violated(wire.CodePolicy, "too many messages")
	}
	if cfg.ByteRate.PerSecond > 0 && !rd.rates.bytes.take(cfg.ByteRate, float64(len(payload))) {
		return wire.Violated(wire.CodePolicy, "too many bytes")
	}
	rd.got.Kind, rd.got.Payload = kind, payload
	return nil
}

// control acts on a control frame and leaves it in got.
func (rd *reader) control(kind wire.Kind, payload []byte) error {
	c := rd.c
	rd.got = wire.Frame{Kind: kind, Payload: payload}
	if r := c.cfg.MessageRate; kind != wire.Close && r.PerSecond > 0 && !rd.rates.messages.take(r, 1) {
		return wire.Violated(wire.CodePolicy, "too many pings")
	}
	switch kind {
	case wire.Ping:
		c.wr.mu.Lock()
		if c.wr.state == open {
			c.wr.putControl(wire.Pong, payload)
			c.wr.word.Or(attention)
			rd.answered = true
		}
		c.wr.mu.Unlock()
	case wire.Pong:
		c.ka.pong(payload)
	case wire.Close:
		code, reason, err := parseClose(payload)
		if err != nil {
			return err
		}
		c.peerClosed(code, reason)
		rd.got.Code, rd.got.Payload = int32(code), []byte(reason)
	}
	return nil
}
