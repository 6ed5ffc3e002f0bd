// Package limit is the least that a websocket server in Go can do: hijack, a bufio.Reader, unmasking in place, one
// write for each message. It has no locks, no context, no limits, no fragments and no answer to a ping, so nobody could
// use it; every ratio is taken against it.
package limit

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"

	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "limit", About: "hijack, bufio, unmask in place, one write: the floor", Echo: Echo, Fanout: newInline}

// room is what a frame header of a server takes at most.
const room = 10

// Echo serves an app. The loop runs in a goroutine of its own, so that net/http's buffers are freed.
func Echo(app rival.App) http.Handler {
	answers, op := app.Answers(), app.Op()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, br, err := rival.Hijack(w, r)
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if answer := answers(); answer != nil {
				Typed(conn, br, answer, op)
			} else {
				Raw(conn, br)
			}
		}()
	})
}

// Raw sends every message back until the connection ends.
func Raw(conn net.Conn, br *bufio.Reader) {
	var buf []byte
	for {
		op, n, mask, err := readHeader(br)
		if err != nil {
			return
		}
		buf = grow(buf, room+n)
		payload := buf[room : room+n]
		if _, err := io.ReadFull(br, payload); err != nil {
			return
		}
		unmask(payload, mask)
		if _, err := conn.Write(Head(buf[:room+n], op)); err != nil || op == frame.Close {
			return
		}
	}
}

// Typed sends an answer to every message until the connection ends.
func Typed(conn net.Conn, br *bufio.Reader, answer msg.Answer, reply byte) {
	var in []byte
	out := make([]byte, room, 512)
	for {
		op, n, mask, err := readHeader(br)
		if err != nil {
			return
		}
		in = grow(in, n)
		if _, err := io.ReadFull(br, in[:n]); err != nil {
			return
		}
		unmask(in[:n], mask)
		if op == frame.Close {
			_, _ = conn.Write(Head(append(out[:room], in[:n]...), op))
			return
		}
		if out, err = answer(out[:room], in[:n]); err != nil {
			return
		}
		if _, err := conn.Write(Head(out, reply)); err != nil {
			return
		}
	}
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n+n/4)
	}
	return b[:cap(b)]
}

// readHeader reads the header of a masked frame.
func readHeader(br *bufio.Reader) (op byte, n int, mask [4]byte, err error) {
	h, err := br.Peek(2)
	if err != nil {
		return 0, 0, mask, err
	}
	op, n = h[0]&0xf, int(h[1]&0x7f)
	size := 2
	switch n {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if h, err = br.Peek(size + 4); err != nil {
		return 0, 0, mask, err
	}
	switch n {
	case 126:
		n = int(binary.BigEndian.Uint16(h[2:]))
	case 127:
		n = int(binary.BigEndian.Uint64(h[2:]))
	}
	mask = [4]byte(h[size:])
	_, _ = br.Discard(size + 4) // it was peeked
	return op, n, mask, nil
}

func unmask(p []byte, mask [4]byte) {
	m := uint64(binary.LittleEndian.Uint32(mask[:]))
	m |= m << 32
	for len(p) >= 32 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^m)
		binary.LittleEndian.PutUint64(p[8:], binary.LittleEndian.Uint64(p[8:])^m)
		binary.LittleEndian.PutUint64(p[16:], binary.LittleEndian.Uint64(p[16:])^m)
		binary.LittleEndian.PutUint64(p[24:], binary.LittleEndian.Uint64(p[24:])^m)
		p = p[32:]
	}
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^m)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= mask[i&3]
	}
}

// Head writes the header in front of the payload, which begins at room, and gives the frame.
func Head(b []byte, op byte) []byte {
	n := len(b) - room
	switch {
	case n < 126:
		b[room-2], b[room-1] = 0x80|op, byte(n)
		return b[room-2:]
	case n < 1<<16:
		b[room-4], b[room-3] = 0x80|op, 126
		binary.BigEndian.PutUint16(b[room-2:], uint16(n))
		return b[room-4:]
	}
	b[0], b[1] = 0x80|op, 127
	binary.BigEndian.PutUint64(b[2:], uint64(n))
	return b
}
