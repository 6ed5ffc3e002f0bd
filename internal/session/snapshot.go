//go:build !js

package session

import (
	"encoding/binary"
	"hash/crc32"
)

// snapshotV1 is the first byte of a snapshot. A change of the format is another number: a snapshot is written and read
// by the same revision of tandem most of the time, and by its neighbours while servers are replaced one after the other.
const snapshotV1 = 1

// standing is what a snapshot is good for.
type standing uint8

const (
	standRunning standing = iota // the process went on: for telling the end
	standRest                    // the process had stopped: resumes exactly
	standDurable                 // nothing went out that is not in it: resumes exactly
	standOver                    // the session was over
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Snapshot appends what another process needs to go on, or to tell the end: see [Restore]. It holds the hashes of the
// keys, the counters, and the messages that are not acknowledged, and may be stored for as long as the session lives; not
// what lies in the application's queue, which the client sends again. It may be taken at any time:
//
//   - of a session that runs, it is good for telling that the session ended with the process;
//   - after Rest, and of a session with Durable at any time, it resumes exactly;
//   - of a session that is over, it tells a client that comes back what was taken.
//
// The form is compact: a version, numbers as varints, texts and payloads with their length, and a checksum, because a
// counter with a flipped bit would be believed.
func (s *Server) Snapshot(dst []byte) []byte {
	k := &s.keeping
	k.writing, k.written = k.changes, point{taken: s.in.taken, last: s.out.last}
	stand := standRunning
	switch {
	case s.over && !k.resting:
		stand = standOver
	case s.cfg.Durable && k.settled != k.written:
		stand, k.written = standDurable, k.settled
	case k.resting:
		stand = standRest
		if s.cfg.ByHand && s.in.done < s.in.taken {
			k.doubt = max(k.doubt, s.in.taken) // it may have been acted upon all the same
			k.written.taken = s.in.done
		}
	case s.cfg.Durable:
		stand = standDurable
	}
	start := len(dst)
	dst = append(dst, snapshotV1, byte(stand), flag(s.confirmed, 1)|flag(s.sock == 0, 2)|
		flag(s.secrets.shown.set, 4)|flag(s.secrets.fresh.set, 8))
	for _, text := range [...]string{s.sid, s.principal, s.codec, s.schema, s.cfg.Epoch, s.endedBy} {
		dst = appendBytes(dst, text)
	}
	dst = appendNumbers(dst, s.cfg.Window.N, s.cfg.Window.Bytes, s.cfg.Window.MS, k.written.taken, k.doubt)
	for _, key := range [...]*secret{&s.secrets.shown, &s.secrets.fresh} {
		if key.set {
			dst = append(binary.AppendUvarint(dst, key.try), key.hash[:]...)
		}
	}
	if s.sock == 0 {
		dst = binary.AppendVarint(dst, s.since.UnixNano())
	}
	if stand != standOver {
		dst = appendNumbers(dst, s.out.acked, s.out.high, k.written.last-s.out.acked)
		for n := s.out.acked + 1; n <= k.written.last; n++ {
			m := s.out.at(n)
			dst = append(dst, byte(m.Kind))
			dst = appendBytes(dst, m.Payload)
			dst = appendBytes(dst, m.Meta)
		}
	}
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func appendNumbers(dst []byte, list ...uint64) []byte {
	for _, n := range list {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func appendBytes[T string | []byte](dst []byte, b T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}
