//go:build !js

package session

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

var (
	// ErrVersion is returned by Restore for a snapshot of another revision of tandem. Leave its record alone: whoever
	// wrote it can read it, and it expires. To its client the session is unknown.
	ErrVersion = errors.New("session: snapshot of another version")
	// ErrSnapshot is returned by Restore for bytes that are damaged or were never a snapshot.
	ErrSnapshot = errors.New("session: damaged snapshot")
)

// Restore makes the server's end of a session from a snapshot. It has no socket. The rule is that no counter goes back:
//
//   - A snapshot taken after Rest goes on where the session stopped, and so does one of a session with Durable. Until
//     Saved says that a snapshot of this process has taken the old one's place, nothing goes out: otherwise the old one
//     would be found again after another crash, and would be a lie by then. A record that is deleted instead does as well.
//   - A snapshot of a session that ran says that its process died. What it took, sent and was told afterwards is not
//     known, so the session is over, the reason is crashed, and all messages in it are maybe delivered.
//   - A snapshot of another epoch is one that a backup has brought back: the session is over, the reason is epoch.
//
// The window is the session's own, not that of cfg. A session that was lost at a time unknown waits from now on.
//
// src belongs to the session from here on: messages keep pointing into it. Memory beside it is bounded by its length:
// some fifty bytes for one, when it consists of nothing but empty messages.
func Restore(cfg *ServerConfig, now time.Time, src []byte) (*Server, error) {
	if len(src) < 1 {
		return nil, ErrSnapshot
	}
	if src[0] != snapshotV1 {
		return nil, ErrVersion
	}
	body := len(src) - crc32.Size
	if body < 3 || crc32.Checksum(src[:body], castagnoli) != binary.BigEndian.Uint32(src[body:]) {
		return nil, ErrSnapshot
	}
	s := &Server{cfg: *cfg}
	d := decoder{src: src[3:body:body]}
	stand := standing(src[1])
	epoch := s.decode(&d, stand, src[2], now)
	if d.bad || len(d.src) != 0 {
		return nil, ErrSnapshot
	}
	s.calls = cfg.Calls
	s.out.durable, s.in.durable = cfg.Durable, cfg.Durable
	s.out.limit, s.in.limit = s.cfg.Window, s.cfg.Window
	s.in.got, s.in.done, s.in.acked = s.in.taken, s.in.taken, s.in.taken
	s.in.firm, s.out.firm = s.in.taken, s.out.last
	s.keeping.settled = point{taken: s.in.taken, last: s.out.last}
	s.keeping.written = s.keeping.settled
	s.changed(true)
	switch {
	case stand == standOver:
		s.over = true
	case epoch != cfg.Epoch:
		s.out.high = s.out.last
		s.finish(WhyEpoch, 0)
	case stand == standRunning:
		s.out.high = s.out.last
		s.finish(WhyCrashed, 0)
	case stand == standDurable:
		s.out.high = s.out.last
		s.keeping.doubt = min(max(s.keeping.doubt, s.in.taken+s.cfg.Window.N), MaxSeq)
	}
	return s, nil
}

// decode reads what Snapshot has written behind the flags.
func (s *Server) decode(d *decoder, stand standing, flags byte, now time.Time) (epoch string) {
	d.check(stand <= standOver && flags < 16)
	s.sid = d.text(MaxSID)
	s.principal, s.codec = d.text(len(d.src)), d.text(len(d.src))
	s.schema, epoch, s.endedBy = d.text(MaxSchema), d.text(MaxEpoch), d.text(MaxWhy)
	w := &s.cfg.Window
	w.N, w.Bytes, w.MS = d.number(), d.number(), d.number()
	d.check(w.N > 0 && w.Bytes > 0 && w.MS > 0)
	s.in.taken, s.keeping.doubt = d.number(), d.number()
	s.confirmed = flags&1 != 0
	s.secrets.shown, s.secrets.fresh = d.secret(flags&4 != 0), d.secret(flags&8 != 0)
	s.since = now
	if flags&2 != 0 {
		if at := time.Unix(0, d.signed()); at.Before(now) {
			s.since = at
		}
	}
	if stand == standOver {
		return epoch
	}
	o := &s.out
	o.acked, o.high = d.number(), d.number()
	n := d.number()
	o.last = o.acked + n
	d.check(n <= uint64(len(d.src)/3) && n <= 2*w.N && o.last <= MaxSeq && o.acked <= o.high && o.high <= o.last)
	if d.bad || n == 0 {
		return epoch
	}
	size := 8
	for uint64(size) < n {
		size *= 2
	}
	o.ring = make([]Message, size)
	for seq := o.acked + 1; seq <= o.last; seq++ {
		m := Message{Kind: Kind(d.byte()), Payload: d.bytes(len(d.src)), Meta: d.bytes(len(d.src))}
		d.check(m.Kind.Sequenced())
		if len(m.Meta) == 0 {
			m.Meta = nil
		}
		*o.at(seq) = m
		o.bytes += uint64(len(m.Payload))
	}
	return epoch
}

// decoder reads a snapshot. What it gives after the first fault is zero.
type decoder struct {
	src []byte
	bad bool
}

func (d *decoder) check(ok bool) {
	if !ok {
		d.bad, d.src = true, nil
	}
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// take cuts off n bytes, or gives nil.
func (d *decoder) take(n int) []byte {
	if d.check(n <= len(d.src)); d.bad {
		return nil
	}
	b := d.src[:n:n]
	d.src = d.src[n:]
	return b
}

// number reads an integer up to what a frame can hold.
func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.src)
	if d.check(size > 0 && n <= MaxSeq); d.bad {
		return 0
	}
	d.src = d.src[size:]
	return n
}

func (d *decoder) signed() int64 {
	n, size := binary.Varint(d.src)
	if d.check(size > 0); d.bad {
		return 0
	}
	d.src = d.src[size:]
	return n
}

func (d *decoder) bytes(limit int) []byte {
	n := d.number()
	if d.check(n <= uint64(limit)); d.bad {
		return nil
	}
	return d.take(int(n))
}

func (d *decoder) text(limit int) string { return string(d.bytes(limit)) }

func (d *decoder) secret(set bool) secret {
	if !set {
		return secret{}
	}
	s := secret{set: true, try: d.number()}
	copy(s.hash[:], d.take(sha256.Size))
	return s
}
