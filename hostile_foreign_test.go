package tandem_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// The rows where time matters, over a stream that the engine has to wait on with a buffer in hand, as over TLS.
func TestHostile_foreignStream(t *testing.T) {
	receives := func(ctx context.Context, c *bytesConn) error { return echoBytes(ctx, struct{}{}, c) }
	returns := func(context.Context, *bytesConn) error { return nil }
	for _, row := range []struct {
		name        string
		handler     func(context.Context, *bytesConn) error
		limits      tandem.Limits
		play        func(p *rawPeer)
		least, most time.Duration
	}{
		{"F3 limit", receives, tandem.Limits{}, func(p *rawPeer) {
			go p.Write(p.bytes(fragments(opBinary, 64, 1024)...))
			p.expect(opBinary, string(make([]byte, 64<<10)))
			go p.Write(p.bytes(binaryFrame(make([]byte, 64<<10+1))))
			p.expectClose(1009)
		}, 0, 0},
		{"F9 unfinished", receives, tandem.Limits{PingInterval: -1}, func(p *rawPeer) {
			p.write(p.bytes(textFrame("hello"))[:8])
			p.expectCloseFrame(1008)
		}, 30 * time.Second, 30 * time.Second},
		{"F10 flood", receives, tandem.Limits{PingInterval: -1}, func(p *rawPeer) {
			for flood := p.bytes(repeatFrame(100, pingFrame("flood"))...); ; {
				if _, err := p.Write(flood); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}, 10 * time.Second, 30 * time.Second},
		{"F10 pong", untilDone, tandem.Limits{}, func(p *rawPeer) {
			p.send(pingFrame("anyone?"))
			p.expect(opPong, "anyone?")
		}, 0, time.Second},
		{"F14 answers", returns, tandem.Limits{}, func(p *rawPeer) {
			p.expectCloseFrame(1000)
			p.send(closeFrame(1000, ""))
			p.expectEnd()
		}, 0, 0},
		{"F14 never answers", returns, tandem.Limits{}, func(p *rawPeer) {
			p.expectCloseFrame(1000)
			p.expectEnd()
		}, 5 * time.Second, 5 * time.Second},
		{"F14 peer closes", untilDone, tandem.Limits{}, func(p *rawPeer) { p.hangUp(); p.expectEnd() }, 0, time.Second},
		{"F16 vanished", receives, tandem.Limits{}, func(p *rawPeer) {
			for {
				if _, err := p.receive(); err != nil {
					return
				}
			}
		}, 32 * time.Second, 36 * time.Second},
		{"write deadline", sendNumbered(1000, 1000), tandem.Limits{PingInterval: -1, QueueMessages: 4}, func(p *rawPeer) {
			time.Sleep(time.Minute)
			for {
				if _, err := p.receive(); err != nil {
					return
				}
			}
		}, time.Minute, time.Minute},
		{"slow consumer", sendNumbered(1000, 1000), tandem.Limits{Overflow: tandem.OverflowClose, QueueMessages: 4}, func(p *rawPeer) {
			for {
				f, err := p.receive()
				assert.NoError(p.t, err)
				if f.op == opClose {
					assert.Equal(p.t, string(f.payload[:2]), "\x03\xf5")
					return
				}
			}
		}, 0, 5 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, ended := handled(row.handler)
				s := overForeign(t, newBytes(row.limits), handler, nil)
				p := s.open(t)
				began := time.Now()
				row.play(p)
				took(t, began, row.least, row.most)
				p.Conn.Close()
				<-ended
			})
		})
	}
}
