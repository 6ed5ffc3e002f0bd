package tandem_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// badFrames is a table row: what a peer sends, and what it is told.
type badFrames struct {
	name   string
	frames []rawFrame
	code   int
}

// closesWith sends each row on a connection of its own and wants the code; a second connection must live on.
func closesWith(t *testing.T, s *site, rows []badFrames) {
	t.Helper()
	other := s.open(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			p.send(row.frames...)
			p.expectClose(row.code)
		})
	}
	other.send(textFrame("unharmed"))
	other.expect(opBinary, "unharmed")
	other.hangUp()
}

func TestHostile_F1_unmasked(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	closesWith(t, s, []badFrames{
		{"text", []rawFrame{{op: opText, badMask: true, payload: []byte("hi")}}, 1002},
		{"empty", []rawFrame{{op: opText, badMask: true}}, 1002},
		{"ping", []rawFrame{{op: opPing, badMask: true}}, 1002},
		{"close", []rawFrame{{op: opClose, badMask: true, payload: []byte("\x03\xe8")}}, 1002},
		{"second fragment", []rawFrame{{op: opText, more: true}, {op: opCont, badMask: true, payload: []byte("hi")}}, 1002},
		{"long", []rawFrame{{op: opBinary, badMask: true, payload: make([]byte, 60_000)}}, 1002},
	})
}

func TestHostile_F2_length(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	claim := func(n uint64, form int) []rawFrame { return []rawFrame{{op: opBinary, claim: &n, form: form}} }
	fragment := func(n uint64) []rawFrame {
		return []rawFrame{{op: opBinary, more: true, payload: []byte("x")}, {op: opCont, claim: &n, form: 8}}
	}
	closesWith(t, s, []badFrames{
		{"negative", claim(1<<63, 8), 1002},
		{"minus one", claim(math.MaxUint64, 8), 1002},
		{"largest", claim(math.MaxInt64, 8), 1009},
		{"4 GiB", claim(1<<32, 8), 1009},
		{"2 GiB", claim(1<<31, 8), 1009},
		{"limit and one", claim(64<<10+1, 8), 1009},

		{"125 in 2 bytes", []rawFrame{{op: opBinary, form: 2, payload: make([]byte, 125)}}, 1002},
		{"0 in 2 bytes", claim(0, 2), 1002},
		{"0 in 8 bytes", claim(0, 8), 1002},
		{"126 in 8 bytes", []rawFrame{{op: opBinary, form: 8, payload: make([]byte, 126)}}, 1002},
		{"65,535 in 8 bytes", claim(65_535, 8), 1002},
		{"ping in 2 bytes", []rawFrame{{op: opPing, form: 2}}, 1002},

		{"negative fragment", fragment(1 << 63), 1002},
		{"fragment that makes the sum overflow", fragment(math.MaxInt64), 1009},
		{"fragment that makes the sum one too many", fragment(64 << 10), 1009},
	})
}

// The first header byte and the length's form are right at each border.
func TestHostile_F2_shortestForms(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	for _, n := range []int{0, 1, 125, 126, 127, 65_535, 65_536} {
		want := make([]byte, n)
		p.send(binaryFrame(want))
		p.expect(opBinary, string(want))
	}
	p.hangUp()
}

// A length is a claim. Memory follows what has come.
func TestHostile_F2_claimsCostNothing(t *testing.T) {
	const limit = 1 << 30
	s := onLoopback(t, newBytes(tandem.Limits{MaxClientMessage: limit}), echoBytes, nil)
	exact := uint64(limit)
	for _, row := range []struct {
		name   string
		frames []rawFrame
	}{
		{"whole", []rawFrame{{op: opBinary, claim: &exact}}},
		{"fragment", []rawFrame{{op: opBinary, more: true, claim: &exact}}},
		{"with a start", []rawFrame{{op: opBinary, claim: &exact, payload: make([]byte, 8<<10)}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			before := allocated()
			p.send(row.frames...)
			p.halfClose()
			p.expectEnd()
			if got := allocated() - before; got > 4<<20 {
				t.Fatalf("%d bytes were allocated for a claim", got)
			}
		})
	}
}

// allocated is how many bytes the process has allocated since it started.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestHostile_F11_brokenFrames(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	rows := []badFrames{
		{"ping of 126 bytes", []rawFrame{{op: opPing, payload: make([]byte, 126)}}, 1002},
		{"pong of 126 bytes", []rawFrame{{op: opPong, payload: make([]byte, 126)}}, 1002},
		{"close of 126 bytes", []rawFrame{closeFrame(1000, string(make([]byte, 124)))}, 1002},
		{"ping of 70,000 bytes", []rawFrame{{op: opPing, payload: make([]byte, 70_000)}}, 1002},
		{"fragmented ping", []rawFrame{{op: opPing, more: true}, {op: opCont}}, 1002},
		{"fragmented close", []rawFrame{{op: opClose, more: true, payload: []byte("\x03\xe8")}}, 1002},
		{"continuation of nothing", []rawFrame{{op: opCont, payload: []byte("x")}}, 1002},
		{"continuation of nothing, unfinished", []rawFrame{{op: opCont, more: true, payload: []byte("x")}}, 1002},
		{"continuation of what is finished", []rawFrame{{op: opText, more: true}, {op: opPing}, {op: opCont, more: true}, {op: opText}}, 1002},
		{"text inside text", []rawFrame{{op: opText, more: true, payload: []byte("a")}, {op: opText, payload: []byte("b")}}, 1002},
		{"binary inside text", []rawFrame{{op: opText, more: true}, {op: opBinary}}, 1002},
	}
	for _, op := range []byte{0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF} {
		rows = append(rows, badFrames{"opcode " + string("0123456789ABCDEF"[op]), []rawFrame{{op: op}}, 1002})
	}
	for _, rsv := range []byte{0x40, 0x20, 0x10, 0x70} {
		for _, op := range []byte{opText, opBinary, opPing, opPong, opClose} {
			name := "reserved bit " + string("01234567"[rsv>>4]) + " in " + string("0123456789ABCDEF"[op])
			rows = append(rows, badFrames{name, []rawFrame{{op: op, rsv: rsv}}, 1002})
		}
		rows = append(rows, badFrames{"reserved bit " + string("01234567"[rsv>>4]) + " in a continuation",
			[]rawFrame{{op: opText, more: true}, {op: opCont, rsv: rsv}}, 1002})
	}
	closesWith(t, s, rows)
}

// What comes before a broken frame has been said, and is answered.
func TestHostile_F11_behindGoodFrames(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	p.send(textFrame("one"), pingFrame("two"), textFrame("three"), rawFrame{op: 0x3}, textFrame("four"))
	p.expect(opBinary, "one")
	var rest []string
	for {
		f, err := p.receive()
		assert.NoError(t, err)
		if f.op == opClose {
			assert.Equal(t, string(f.payload[:2]), "\x03\xea")
			break
		}
		rest = append(rest, string(f.payload))
	}
	if len(rest) != 2 { // the pong may overtake the answer
		t.Fatalf("got %q, want a pong and an answer", rest)
	}
	p.halfClose()
	p.expectEnd()
}

// A header is judged as soon as it can be: a peer that speaks something else is told at its second byte.
func TestHostile_F11_judgedEarly(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	p.write([]byte{0x83, 0x80})
	p.expectClose(1002)
}
