package engine_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// The limits of the fuzz targets are small, so that short inputs reach them: go test minimizes long ones for minutes.
const (
	fuzzMessage   = 200
	fuzzFragments = 4
)

func fuzzConfig(maxMessage int64) *engine.Config {
	cfg := config(false)
	cfg.MaxMessage, cfg.MaxFragments = maxMessage, fuzzFragments
	return cfg
}

// said is what RFC 6455 and the limits make of a stream of bytes from a client.
type said struct {
	messages [][]byte
	code     int // of the Close frame that answers; 0 when the stream just ends
}

// judge is written from the RFC alone, to disagree with the engine where that is wrong.
func judge(b []byte, maxMessage uint64) (s said) {
	var msg []byte
	var text bool
	frames := 0
	for {
		if len(b) < 2 {
			return s
		}
		fin, op, n := b[0]&0x80 != 0, b[0]&0xf, uint64(b[1]&0x7f)
		control := op >= 8
		switch {
		case b[0]&0x70 != 0, b[1]&0x80 == 0, op > 2 && op < 8, op > 10, control && (!fin || n > 125):
			s.code = 1002
			return s
		}
		head := 2
		for _, long := range []struct {
			sign  uint64
			bytes int
			least uint64
		}{{126, 2, 126}, {127, 8, 1 << 16}} {
			if n != long.sign || head != 2 {
				continue
			}
			head += long.bytes
			if len(b) < head {
				return s
			}
			n = 0
			for _, c := range b[2:head] {
				n = n<<8 | uint64(c)
			}
			if n < long.least || n >= 1<<63 {
				s.code = 1002
				return s
			}
			break
		}
		if len(b) < head+4 {
			return s
		}
		mask := b[head : head+4]
		head += 4
		if !control {
			switch {
			case op == 0 && frames == 0, op != 0 && frames > 0:
				s.code = 1002
				return s
			case n+uint64(len(msg)) > maxMessage:
				s.code = 1009
				return s
			case frames == fuzzFragments:
				s.code = 1008
				return s
			}
		}
		if uint64(len(b)-head) < n {
			return s
		}
		payload := bytes.Clone(b[head : head+int(n)])
		for i := range payload {
			payload[i] ^= mask[i&3]
		}
		b = b[head+int(n):]
		switch {
		case op == 8:
			s.code = answerTo(payload)
			return s
		case control:
			continue
		}
		if frames == 0 {
			text = op == 1
		}
		msg = append(msg, payload...)
		frames++
		if !fin {
			continue
		}
		if text && !utf8.Valid(msg) {
			s.code = 1007
			return s
		}
		s.messages = append(s.messages, msg)
		msg, frames = nil, 0
	}
}

// answerTo is the code that answers a Close frame (RFC 6455, section 7.4).
func answerTo(payload []byte) int {
	switch {
	case len(payload) == 0:
		return 1005
	case len(payload) == 1:
		return 1002
	}
	code := int(payload[0])<<8 | int(payload[1])
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
	default:
		return 1002
	}
	if !utf8.Valid(payload[2:]) {
		return 1007
	}
	return code
}

// heard is what the server answered.
type heard struct {
	messages [][]byte
	code     int // 0 for none
}

// listenTo reads the server's frames to the end of the stream.
func listenTo(r io.Reader) (h heard, err error) {
	br := bufio.NewReader(r)
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(br, head); err != nil {
			return h, nil //nolint:nilerr // the end, or a reset
		}
		if h.code != 0 {
			return h, errors.New("a frame behind the Close frame")
		}
		n := int(head[1])
		if head[0]&0xf0 != 0x80 || n > 127 {
			return h, errors.New("a bad frame header")
		}
		if n > 125 {
			ext := make([]byte, 8)
			if _, err := io.ReadFull(br, ext[:map[int]int{126: 2, 127: 8}[n]]); err != nil {
				return h, err
			}
			if n == 126 {
				n = int(binary.BigEndian.Uint16(ext))
			} else {
				n = int(binary.BigEndian.Uint64(ext))
			}
		}
		payload := make([]byte, n)
		if _, err := io.ReadFull(br, payload); err != nil {
			return h, err
		}
		switch head[0] & 0xf {
		case 1, 2:
			h.messages = append(h.messages, payload)
		case 8:
			switch {
			case n == 1, n > 125, n > 1 && !utf8.Valid(payload[2:]):
				return h, errors.New("a bad Close frame")
			case n == 0:
				h.code = 1005
			default:
				h.code = int(binary.BigEndian.Uint16(payload))
			}
		case 9, 10:
			if n > 125 {
				return h, errors.New("a long control frame")
			}
		default:
			return h, errors.New("a bad opcode")
		}
	}
}

// converse feeds a server's end with bytes in slices of random length, ends the stream, and gives what was answered.
// The server echoes.
func converse(t *testing.T, data []byte, maxMessage int64, seed uint64) (h heard) {
	t.Helper()
	a, b := mempipe.Pair(nil)
	server := engine.New(a, fuzzConfig(maxMessage), engine.Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := echo(server)
		if err == nil {
			t.Error("no end")
		}
		server.Close(1000, "")
	}()
	result := make(chan error, 1)
	go func() {
		var err error
		h, err = listenTo(b)
		result <- err
	}()
	rng := rand.New(rand.NewPCG(seed, seed))
	for rest := data; len(rest) > 0; {
		n := min(len(rest), 1+rng.IntN(1<<rng.IntN(17)))
		if _, err := b.Write(rest[:n]); err != nil {
			break // the server has hung up
		}
		rest = rest[n:]
		switch rng.IntN(4) {
		case 0:
			synctest.Wait()
		case 1:
			time.Sleep(time.Duration(rng.IntN(300)) * time.Millisecond)
		}
	}
	synctest.Wait() // an end without a Close frame may overtake answers
	b.CloseWrite()
	if err := <-result; err != nil {
		t.Error(err)
	}
	<-done
	b.Close()
	return h
}

// FuzzConn_frames feeds a server with arbitrary bytes in arbitrary slices. It must neither panic nor hang, must not
// allocate for what is only claimed, and must answer as judge does.
func FuzzConn_frames(f *testing.F) {
	for _, seed := range fuzzSeeds(fuzzMessage) {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if len(data) > 8<<10 {
			return
		}
		compare(t, data, fuzzMessage, seed)
	})
}

// The same with messages that are longer than the read buffer, in many ways to slice them.
func TestConn_slices(t *testing.T) {
	const limit = 40 << 10
	for _, data := range fuzzSeeds(limit) {
		for seed := range uint64(30) {
			compare(t, data, limit, seed)
		}
	}
}

// compare wants the server to answer data as judge does, and cheaply.
func compare(t *testing.T, data []byte, maxMessage int64, seed uint64) {
	t.Helper()
	want := judge(data, uint64(maxMessage))
	synctest.Test(t, func(t *testing.T) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := converse(t, data, maxMessage, seed)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20+uint64(20*len(data)) {
			t.Errorf("%d bytes were allocated for %d", grown, len(data))
		}
		if got.code != want.code {
			t.Errorf("slices of seed %d: closed with %d, want %d", seed, got.code, want.code)
		}
		if len(got.messages) != len(want.messages) {
			t.Fatalf("slices of seed %d: %d messages, want %d", seed, len(got.messages), len(want.messages))
		}
		for i := range got.messages {
			if !bytes.Equal(got.messages[i], want.messages[i]) {
				t.Fatalf("slices of seed %d: message %d: %q, want %q", seed, i, got.messages[i], want.messages[i])
			}
		}
	})
}

// masked is a frame of a client.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	case n > 125:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = append(b, 0x80|byte(n))
	}
	mask := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, mask[:]...)
	for i, c := range payload {
		b = append(b, c^mask[i&3])
	}
	return b
}

// fuzzSeeds are the borders of a server whose messages have maxMessage bytes.
func fuzzSeeds(maxMessage int) [][]byte {
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	return [][]byte{
		{},
		masked(0x81, []byte("Hello")),
		join(masked(0x82, nil), masked(0x89, []byte("ping")), masked(0x8a, nil), masked(0x88, []byte("\x03\xe8bye"))),
		join(masked(0x01, []byte("κ\xcf")), masked(0x89, nil), masked(0x80, []byte("\x8cσμε"))),
		join(masked(0x01, nil), masked(0x00, nil), masked(0x00, nil), masked(0x80, []byte("four"))),
		join(masked(0x01, nil), masked(0x00, nil), masked(0x00, nil), masked(0x00, nil), masked(0x80, nil)),
		masked(0x82, make([]byte, maxMessage)),
		masked(0x82, make([]byte, maxMessage+1)),
		join(masked(0x02, make([]byte, maxMessage*9/10)), masked(0x80, make([]byte, maxMessage/10)), masked(0x81, []byte("next"))),
		masked(0x81, []byte("\xff")),
		{0x81, 0x05, 'H', 'e', 'l', 'l', 'o'},
		{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4},
		{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4},
		{0x82, 0xfe, 0, 125, 1, 2, 3, 4},
		{0xc1, 0x80, 0, 0, 0, 0},
		[]byte("GET / HTTP/1.1\r\n\r\n"),
	}
}
