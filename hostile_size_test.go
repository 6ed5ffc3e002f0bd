package tandem_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
)

// fragments cuts a message into n frames of size bytes each.
func fragments(op byte, n, size int) []rawFrame {
	frames := make([]rawFrame, n)
	for i := range frames {
		frames[i] = rawFrame{op: opCont, more: true, payload: make([]byte, size)}
	}
	frames[0].op, frames[n-1].more = op, false
	return frames
}

// F3: the limit holds for a message, however it is cut.
func TestHostile_F3_messageSize(t *testing.T) {
	const limit = 64 << 10
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	oneMore := rawFrame{op: opCont, payload: []byte("x")}
	for _, row := range []struct {
		name   string
		frames []rawFrame
		code   int // 0 for a message that is answered
	}{
		{"limit", []rawFrame{binaryFrame(make([]byte, limit))}, 0},
		{"limit and one", []rawFrame{binaryFrame(make([]byte, limit+1))}, 1009},
		{"limit in 2 fragments", fragments(opBinary, 2, limit/2), 0},
		{"limit in 64 fragments", fragments(opBinary, 64, limit/64), 0},
		{"limit in 1,024 fragments", fragments(opBinary, 1024, limit/1024), 0},
		{"limit in fragments, and one", append(unfinished(fragments(opBinary, 64, limit/64)), oneMore), 1009},
		{"limit and one, in fragments of 1 KiB", append([]rawFrame{{op: opBinary, more: true, payload: []byte("x")}}, unstarted(fragments(opBinary, 64, limit/64))...), 1009},
		{"limit, then nothing more", append(unfinished(fragments(opBinary, 64, limit/64)), rawFrame{op: opCont}), 0},
		{"first fragment over the limit", []rawFrame{{op: opBinary, more: true, payload: make([]byte, limit+1)}}, 1009},
		{"16 MiB", []rawFrame{binaryFrame(make([]byte, 16<<20))}, 1009},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			go p.Write(p.bytes(row.frames...)) // the answer may come before the end
			if row.code != 0 {
				p.expectClose(row.code)
				return
			}
			p.expect(opBinary, string(make([]byte, limit)))
			p.hangUp()
		})
	}
}

// unfinished leaves the last fragment open, unstarted makes the first a continuation.
func unfinished(frames []rawFrame) []rawFrame {
	frames[len(frames)-1].more = true
	return frames
}

func unstarted(frames []rawFrame) []rawFrame {
	frames[0].op = opCont
	return frames
}

// F7: every fragment costs us a header and the peer a few bytes.
func TestHostile_F7_fragments(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for _, row := range []struct {
		name string
		n    int
		size int
		code int
	}{
		{"1,024 of one byte", 1024, 1, 0},
		{"1,025 of one byte", 1025, 1, 1008},
		{"1,024 empty ones", 1024, 0, 0},
		{"1,025 empty ones", 1025, 0, 1008},
		{"2,000 of one byte", 2000, 1, 1008},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			p.send(fragments(opText, row.n, row.size)...)
			if row.code != 0 {
				p.expectClose(row.code)
				return
			}
			p.expect(opBinary, string(make([]byte, row.n*row.size)))
			p.send(fragments(opText, row.n, row.size)...) // each message has its own count
			p.expect(opBinary, string(make([]byte, row.n*row.size)))
			p.hangUp()
		})
	}
}

// F7: control frames between fragments are no fragments.
func TestHostile_F7_pingsBetweenFragments(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{MaxFragments: 3}), echoBytes, nil)
	p := s.open(t)
	for _, f := range fragments(opText, 3, 1) {
		p.send(f, pingFrame("a"), rawFrame{op: opPong}, pingFrame("b"))
	}
	for {
		f, err := p.receive()
		if err != nil {
			t.Fatal(err)
		}
		if f.op == opBinary {
			break
		}
	}
}

// F8: fragments without end and without content.
func TestHostile_F8_emptyFragments(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		p.Write(p.bytes(rawFrame{op: opText, more: true}))
		for b := p.bytes(rawFrame{op: opCont, more: true}); ; {
			if _, err := p.Write(b); err != nil {
				return
			}
		}
	}()
	p.expectCloseFrame(1008)
	p.Conn.Close()
	<-stop
}

// F9: a message that is begun and not finished holds memory. The time runs from its first byte, whatever comes
// between.
func TestHostile_F9_unfinishedMessage(t *testing.T) {
	half := binaryFrame(make([]byte, 1000))
	for _, row := range []struct {
		name  string
		start func(*rawPeer)
		tick  func(*rawPeer) // what the peer does each second
	}{
		{"fragment", func(p *rawPeer) { p.send(rawFrame{op: opText, more: true, payload: []byte("x")}) }, nil},
		{"empty fragment", func(p *rawPeer) { p.send(rawFrame{op: opText, more: true}) }, nil},
		{"half a frame", func(p *rawPeer) { p.write(p.bytes(half)[:500]) }, nil},
		{"half a long frame", func(p *rawPeer) { p.write(p.bytes(binaryFrame(make([]byte, 60_000)))[:50_000]) }, nil},
		{"half a header", func(p *rawPeer) { p.write(p.bytes(half)[:1]) }, nil},
		{"half a ping", func(p *rawPeer) { p.write(p.bytes(pingFrame("ping"))[:7]) }, nil},
		{"pings between", func(p *rawPeer) { p.send(rawFrame{op: opText, more: true}) }, func(p *rawPeer) { p.send(pingFrame("")) }},
		{"empty fragments between", func(p *rawPeer) { p.send(rawFrame{op: opText, more: true}) }, func(p *rawPeer) { p.send(rawFrame{op: opCont, more: true}) }},
		{"dribble", func(p *rawPeer) { p.write(p.bytes(half)[:500]) }, func(p *rawPeer) { p.write([]byte{0}) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inMemory(t, newBytes(tandem.Limits{PingInterval: -1}), echoBytes, nil)
				p := s.open(t)
				p.send(textFrame("done")) // the time of another message does not count
				p.expect(opBinary, "done")
				time.Sleep(10 * time.Second)
				began := time.Now()
				row.start(p)
				if row.tick != nil {
					for range 29 {
						time.Sleep(time.Second)
						row.tick(p)
					}
				}
				p.expectCloseFrame(1008)
				took(t, began, 30*time.Second, 30*time.Second)
			})
		})
	}
}

// F9: a message that is slow but in time is a message.
func TestHostile_F9_slowMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, newBytes(tandem.Limits{PingInterval: -1}), echoBytes, nil)
		p := s.open(t)
		whole := p.bytes(textFrame("slow"))
		for range 3 {
			p.write(whole[:5])
			time.Sleep(29 * time.Second)
			p.write(whole[5:])
			p.expect(opBinary, "slow")
		}
		p.hangUp()
	})
}
