package tandem_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// Each test here fails if its limit is ignored.

func plainHandler(fn func(context.Context, *bytesConn) error) func(context.Context, struct{}, *bytesConn) error {
	return func(ctx context.Context, _ struct{}, c *bytesConn) error { return fn(ctx, c) }
}

// What is sent is measured before it is sent, on both sides, and nothing breaks.
func TestLimits_messageSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := tandem.Limits{MaxClientMessage: 1000, MaxServerMessage: 2000}
		c := tandemtest.Connect(t, newBytes(limits), plainHandler(func(ctx context.Context, c *bytesConn) error {
			for {
				msg, err := c.Recv(ctx)
				if err != nil {
					return err
				}
				for _, n := range []int{2001, 5000} {
					if err := c.Send(ctx, make([]byte, n)); !errors.Is(err, tandem.ErrTooBig) {
						t.Errorf("server sent %d bytes: %v", n, err)
					}
				}
				if err := c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameBinary, Data: make([]byte, 2001)}); !errors.Is(err, tandem.ErrTooBig) {
					t.Errorf("server sent a frame of 2,001 bytes: %v", err)
				}
				if err := c.Send(ctx, make([]byte, 2*len(msg))); err != nil {
					return err
				}
			}
		}), struct{}{}, nil)
		for _, n := range []int{1001, 64 << 10} {
			assert.ErrorIs(t, c.Send(t.Context(), make([]byte, n)), tandem.ErrTooBig, n)
		}
		for range 2 {
			assert.NoError(t, c.Send(t.Context(), make([]byte, 1000)))
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, len(msg), 2000)
		}
	})
}

// What is received is measured too: the peer may not share our limits.
func TestLimits_messageReceived(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{MaxClientMessage: 1000}), echoBytes, nil)
	p := s.open(t)
	p.send(binaryFrame(make([]byte, 1000)))
	p.expect(opBinary, string(make([]byte, 1000)))
	p.send(binaryFrame(make([]byte, 1001)))
	p.expectClose(1009)

	for _, n := range []int{2000, 2001} {
		sp, req, result := dialHostile(t, listenLoopback(t), newBytes(tandem.Limits{MaxServerMessage: 2000}), nil)
		sp.write([]byte(switching(req)))
		d := <-result
		assert.NoError(t, d.err)
		sp.send(binaryFrame(make([]byte, n)))
		msg, err := d.conn.Recv(t.Context())
		go d.conn.Close(tandem.CodeNormal, "")
		if n == 2000 {
			assert.NoError(t, err)
			assert.Equal(t, len(msg), n)
			sp.expectClose(1000)
			continue
		}
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTooBig)
		sp.expectClose(1009)
	}
}

func TestLimits_fragments(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{MaxFragments: 2}), echoBytes, nil)
	p := s.open(t)
	p.send(fragments(opBinary, 2, 10)...)
	p.expect(opBinary, string(make([]byte, 20)))
	p.send(fragments(opBinary, 3, 1)...)
	p.expectClose(1008)
}

func TestLimits_messageTime(t *testing.T) {
	for _, limit := range []time.Duration{time.Second, 3 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := inMemory(t, newBytes(tandem.Limits{MessageTimeout: limit, PingInterval: -1}), echoBytes, nil)
			p := s.open(t)
			began := time.Now()
			p.send(rawFrame{op: opText, more: true})
			p.expectCloseFrame(1008)
			took(t, began, limit, limit)
		})
	}
}

func TestLimits_messageTimeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, newBytes(tandem.Limits{MessageTimeout: -1, PingInterval: -1}), echoBytes, nil)
		p := s.open(t)
		p.send(rawFrame{op: opText, more: true, payload: []byte("slow")})
		time.Sleep(24 * time.Hour)
		p.send(rawFrame{op: opCont, payload: []byte("ly")})
		p.expect(opBinary, "slowly")
		p.hangUp()
	})
}

// The time of a message is the peer's. A handler that leaves it lying has used its own.
func TestLimits_messageTimeIsThePeers(t *testing.T) {
	for _, size := range []int{100, 60_000} {
		synctest.Test(t, func(t *testing.T) {
			handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				if _, err := c.Recv(short); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				time.Sleep(time.Minute)
				msg, err := c.Recv(ctx)
				if err != nil || len(msg) != size {
					t.Errorf("of a message of %d bytes got %d, %v", size, len(msg), err)
				}
				return err
			})
			s := inMemory(t, newBytes(tandem.Limits{PingInterval: -1}), handler, nil)
			p := s.open(t)
			whole := p.bytes(binaryFrame(make([]byte, size)))
			p.write(whole[:size/2])
			time.Sleep(2 * time.Second)
			p.write(whole[size/2:])
			<-ended
			p.Conn.Close()
		})
	}
}

// FirstMessageTimeout is for what must come first, a token for instance.
func TestLimits_firstMessage(t *testing.T) {
	const limit = 10 * time.Second
	for _, row := range []struct {
		name    string
		handler func(context.Context, *bytesConn) error
		talk    func(p *rawPeer)
		ok      bool
	}{
		{"silence", drainBytes, func(*rawPeer) {}, false},
		{"pings", drainBytes, func(p *rawPeer) { p.send(pingFrame("x")); time.Sleep(5 * time.Second); p.send(pingFrame("x")) }, false},
		{"half a message", drainBytes, func(p *rawPeer) { p.send(rawFrame{op: opText, more: true}) }, false},
		{"handler does not receive", untilDone, func(*rawPeer) {}, false},
		{"in time", drainBytes, func(p *rawPeer) { time.Sleep(limit - time.Second); p.send(textFrame("")) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, _ := handled(row.handler)
				s := inMemory(t, newBytes(tandem.Limits{FirstMessageTimeout: limit, PingInterval: -1}), handler, nil)
				p := s.open(t)
				began := time.Now()
				row.talk(p)
				if row.ok {
					time.Sleep(time.Hour) // the second message has all the time
					p.hangUp()
					return
				}
				p.expectCloseFrame(1008)
				took(t, began, limit, limit)
			})
		})
	}
}

// A client waits for its first message as long as it likes: the limit is the server's.
func TestLimits_firstMessageOfServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, newBytes(tandem.Limits{FirstMessageTimeout: time.Second}), plainHandler(func(ctx context.Context, c *bytesConn) error {
			if _, err := c.Recv(ctx); err != nil {
				return err
			}
			time.Sleep(time.Minute)
			return c.Send(ctx, []byte("late"))
		}), struct{}{}, nil)
		assert.NoError(t, c.Send(t.Context(), nil))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, string(msg), "late")
	})
}
