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

// Coalescing is limit with one write for all that was answered since the last read.
var Coalescing = rival.Rival{Name: "limit-co", About: "limit that writes before it reads again, not for each message", Echo: EchoCoalescing, Fanout: newQueued}

// readSize is where a larger read buffer stops to pay.
const readSize = 32 << 10

// EchoCoalescing serves an app.
func EchoCoalescing(app rival.App) http.Handler {
	answers, op := app.Answers(), app.Op()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, br, err := rival.Hijack(w, r)
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			Coalesce(conn, br, answers(), op)
		}()
	})
}

// Coalesce answers until the connection ends; a nil answer sends messages back as they are. What was answered is
// written before each read, whatever lies half received, so no reply waits for the peer.
func Coalesce(conn net.Conn, br *bufio.Reader, answer msg.Answer, reply byte) {
	in := make([]byte, readSize)
	got, _ := io.ReadFull(br, in[:br.Buffered()])
	var out []byte
	at := 0
	for {
		head, n, mask, ok := parse(in[at:got])
		if !ok || got-at-head < n {
			if len(out) > 0 {
				if _, err := conn.Write(out); err != nil {
					return
				}
				out = out[:0]
			}
			if need := head + n; ok && need > len(in) {
				in = append(make([]byte, 0, need+need/4), in...)
				in = in[:cap(in)]
			}
			got, at = copy(in, in[at:got]), 0
			k, err := conn.Read(in[got:])
			if got += k; err != nil {
				return
			}
			continue
		}
		op := in[at] & 0xf
		payload := in[at+head : at+head+n]
		unmask(payload, mask)
		at += head + n
		if answer == nil || op == frame.Close {
			out = append(appendHead(out, op, n), payload...)
			if op == frame.Close {
				_, _ = conn.Write(out)
				return
			}
			continue
		}
		start := len(out)
		var err error
		if out, err = answer(append(out, make([]byte, room)...), payload); err != nil {
			return
		}
		out = out[:start+copy(out[start:], Head(out[start:], reply))]
	}
}

func appendHead(b []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		return append(b, 0x80|op, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 0x80|op, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 0x80|op, 127), uint64(n))
}

// parse reads the header of a masked frame in b.
func parse(b []byte) (size, n int, mask [4]byte, ok bool) {
	if len(b) < 2 {
		return 0, 0, mask, false
	}
	size, n = 2, int(b[1]&0x7f)
	switch n {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if len(b) < size+4 {
		return 0, 0, mask, false
	}
	switch n {
	case 126:
		n = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		n = int(binary.BigEndian.Uint64(b[2:]))
	}
	return size + 4, n, [4]byte(b[size:]), true
}
