package tandem_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// passFrames sends frames that the server takes.
func passFrames(p *rawPeer, frames ...rawFrame) {
	p.t.Helper()
	for _, f := range frames {
		p.send(f)
		synctest.Wait()
		if f.op == opPing {
			p.expect(opPong, string(f.payload))
		}
	}
	synctest.Wait()
	if c, ok := p.Conn.(interface{ Buffered() int }); !ok || c.Buffered() > 0 {
		p.t.Fatal("an answer has come, which can only be a Close frame")
	}
}

func repeatFrame(n int, f rawFrame) []rawFrame {
	frames := make([]rawFrame, n)
	for i := range frames {
		frames[i] = f
	}
	return frames
}

func TestLimits_messageRate(t *testing.T) {
	message, one := textFrame("x"), pingFrame("x")
	for _, row := range []struct {
		name string
		rate tandem.Rate
		ok   []rawFrame
		one  rawFrame // too many
	}{
		{"burst", tandem.Rate{PerSecond: 10, Burst: 5}, repeatFrame(5, message), message},
		{"a second's worth", tandem.Rate{PerSecond: 10}, repeatFrame(10, message), message},
		{"more than a second's worth", tandem.Rate{PerSecond: 1, Burst: 20}, repeatFrame(20, message), message},
		{"less than one a second", tandem.Rate{PerSecond: 0.1}, repeatFrame(1, message), message},
		{"pings count", tandem.Rate{PerSecond: 1, Burst: 3}, []rawFrame{message, one, message}, one},
		{"pings alone", tandem.Rate{PerSecond: 1, Burst: 3}, repeatFrame(3, one), message},
		{"empty messages count", tandem.Rate{PerSecond: 1, Burst: 3}, repeatFrame(3, textFrame("")), textFrame("")},
		{"a message of many frames is one", tandem.Rate{PerSecond: 1, Burst: 2}, append(fragments(opText, 100, 1), message), message},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, _ := handled(drainBytes)
				s := inMemory(t, newBytes(tandem.Limits{MessageRate: row.rate}), handler, nil)
				p := s.open(t)
				passFrames(p, row.ok...)
				assert.Equal(t, s.hub.Len(), 1)
				p.send(row.one)
				p.expectCloseFrame(1008)
			})
		})
	}
}

// A bucket fills up again, and not beyond its burst.
func TestLimits_messageRateFills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := handled(drainBytes)
		s := inMemory(t, newBytes(tandem.Limits{MessageRate: tandem.Rate{PerSecond: 2, Burst: 4}, PingInterval: -1}), handler, nil)
		p := s.open(t)
		passFrames(p, repeatFrame(4, textFrame("x"))...)
		for range 10 {
			time.Sleep(time.Second)
			passFrames(p, repeatFrame(2, textFrame("x"))...)
		}
		time.Sleep(time.Hour)
		passFrames(p, repeatFrame(4, textFrame("x"))...)
		p.send(textFrame("x"))
		p.expectCloseFrame(1008)
	})
}

func TestLimits_byteRate(t *testing.T) {
	for _, row := range []struct {
		name string
		rate tandem.Rate
		ok   []rawFrame
		one  rawFrame
	}{
		{"burst", tandem.Rate{PerSecond: 10, Burst: 1000}, repeatFrame(2, binaryFrame(make([]byte, 500))), textFrame("x")},
		{"a second's worth", tandem.Rate{PerSecond: 100_000}, repeatFrame(2, binaryFrame(make([]byte, 50_000))), textFrame("x")},
		{"a message of any length", tandem.Rate{PerSecond: 10}, repeatFrame(1, binaryFrame(make([]byte, 64<<10))), textFrame("x")},
		{"message over the burst", tandem.Rate{PerSecond: 1000, Burst: 1000}, nil, binaryFrame(make([]byte, 1001))},
		{"fragments", tandem.Rate{PerSecond: 10, Burst: 1000}, fragments(opBinary, 10, 100), textFrame("x")},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, _ := handled(drainBytes)
				s := inMemoryBuffer(t, 1<<20, newBytes(tandem.Limits{ByteRate: row.rate}), handler, nil)
				p := s.open(t)
				passFrames(p, row.ok...)
				assert.Equal(t, s.hub.Len(), 1)
				p.send(row.one)
				p.expectCloseFrame(1008)
			})
		})
	}
}

// The rates are the server's. A client takes what it is sent.
func TestLimits_ratesOfServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := tandem.Limits{MessageRate: tandem.Rate{PerSecond: 1}, ByteRate: tandem.Rate{PerSecond: 1}}
		c := tandemtest.Connect(t, newBytes(limits), plainHandler(sendNumbered(100, 100)), struct{}{}, nil)
		for range 100 {
			_, err := c.Recv(t.Context())
			assert.NoError(t, err)
		}
	})
}
