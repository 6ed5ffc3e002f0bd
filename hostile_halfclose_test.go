package tandem_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// F14: a peer that has closed and goes on is not listened to.
func TestHostile_F14_goesOnAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		received := make(chan string, 10)
		handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
			for {
				msg, err := c.Recv(ctx)
				if err != nil {
					return err
				}
				received <- string(msg)
			}
		})
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		began := time.Now()
		p.send(textFrame("before"), closeFrame(1000, ""), textFrame("after"))
		assert.ErrorIs(t, <-ended, io.EOF)
		for range 100 {
			if _, err := p.Write(p.bytes(textFrame("and on"))); err != nil {
				break
			}
		}
		p.expectCloseFrame(1000)
		p.expectEnd()
		took(t, began, 0, 5*time.Second)
		assert.Equal(t, len(received), 1)
		assert.Equal(t, <-received, "before")
	})
}

// F14: a peer that never answers our Close is dropped after five seconds.
func TestHostile_F14_neverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan error, 1)
		handler, _ := handled(func(_ context.Context, c *bytesConn) error {
			err := c.Close(tandem.CodeNormal, "")
			closed <- err
			return err
		})
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		began := time.Now()
		p.expectCloseFrame(1000)
		p.expectEnd()
		took(t, began, 5*time.Second, 5*time.Second)
		assert.ErrorIs(t, <-closed, tandem.ErrLost)
	})
}

// F14: who answers is not kept waiting: it is the server that ends the stream (RFC 6455, section 7.1.1), and browsers
// wait for that.
func TestHostile_F14_answers(t *testing.T) {
	for _, row := range []struct {
		name   string
		behind []rawFrame
	}{{"at once", nil}, {"behind others", []rawFrame{textFrame("late"), pingFrame("late")}}} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, _ := handled(func(context.Context, *bytesConn) error { return nil })
				s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
				p := s.open(t)
				p.expectCloseFrame(1000)
				began := time.Now()
				p.send(append(row.behind, closeFrame(1000, ""))...)
				p.expectEnd()
				took(t, began, 0, 0)
			})
		})
	}
}

// F14: nor does it help to go on sending whatever.
func TestHostile_F14_talksThroughClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := handled(func(context.Context, *bytesConn) error { return nil })
		s := inMemory(t, newBytes(tandem.Limits{CloseTimeout: 7 * time.Second}), handler, nil)
		p := s.open(t)
		began := time.Now()
		p.expectCloseFrame(1000)
		for {
			if _, err := p.Write(p.bytes(textFrame("x"), pingFrame("x"), rawFrame{op: opPong})); err != nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		p.expectEnd()
		took(t, began, 7*time.Second, 7*time.Second+100*time.Millisecond)
	})
}

// F14: a flood is not read for five seconds either.
func TestHostile_F14_floodsThroughClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := handled(func(context.Context, *bytesConn) error { return nil })
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		p.expectCloseFrame(1000)
		chunk := p.bytes(binaryFrame(make([]byte, 60_000)))
		written := 0
		for written < 100<<20 {
			n, err := p.Write(chunk)
			written += n
			if err != nil {
				break
			}
		}
		if written > 33<<20 {
			t.Fatalf("%d bytes were read after the close", written)
		}
		p.expectEnd()
	})
}

// F14: a peer that is in the middle of a message when we close comes to its end and sees our Close.
func TestHostile_F14_halfAMessage(t *testing.T) {
	for _, size := range []int{100, 60_000} {
		for _, part := range []int{1, 3, 8, 50} {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
					ctx, cancel := context.WithCancel(ctx)
					go func() { <-gate; cancel() }()
					_, err := c.Recv(ctx)
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					return nil
				})
				s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
				p := s.open(t)
				whole := p.bytes(binaryFrame([]byte(strings.Repeat("x", size))), pingFrame("late"))
				began := time.Now()
				p.write(whole[:part])
				synctest.Wait()
				close(gate)
				<-ended
				p.expectCloseFrame(1000)
				p.write(whole[part:])
				p.send(closeFrame(1000, ""))
				p.expectEnd()
				if d := time.Since(began); d >= 5*time.Second {
					t.Errorf("%d of %d bytes before the close: took %v", part, len(whole), d)
				}
			})
		}
	}
}

// F14: the peer ends its direction without a Close, and that is no normal end.
func TestHostile_F14_endWithoutClose(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for name, start := range map[string]func(p *rawPeer){
		"silent":            func(*rawPeer) {},
		"after a message":   func(p *rawPeer) { p.send(textFrame("x")); p.expect(opBinary, "x") },
		"in a frame":        func(p *rawPeer) { p.write(p.bytes(textFrame("hello"))[:8]) },
		"between fragments": func(p *rawPeer) { p.send(rawFrame{op: opText, more: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := s.open(t)
			start(p)
			p.halfClose()
			p.expectEnd()
		})
	}
}

// F14: what has come before the end is handed out, and then the end is told.
func TestHostile_F14_endIsNoNormalEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
			<-gate
			for _, want := range []string{"one", "two"} {
				msg, err := c.Recv(context.Background())
				if err != nil || string(msg) != want {
					t.Errorf("got %q (%v), want %q", msg, err, want)
				}
			}
			_, err := c.Recv(ctx)
			if errors.Is(err, io.EOF) {
				t.Error("a dropped connection looks like a normal end")
			}
			return err
		})
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		p.send(textFrame("one"), textFrame("two"))
		p.Conn.Close()
		time.Sleep(time.Minute)
		close(gate)
		assert.ErrorIs(t, <-ended, tandem.ErrLost)
	})
}

// Close may be called again, and says the same.
func TestHostile_F14_closeTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, ended := handled(func(_ context.Context, c *bytesConn) error {
			first := c.Close(tandem.CodeNormal, "")
			second := c.Close(tandem.CodeNormal, "")
			if !errors.Is(first, tandem.ErrLost) || !errors.Is(second, tandem.ErrLost) {
				t.Errorf("the peer has not answered, but Close says %v, then %v", first, second)
			}
			return nil
		})
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		<-ended
		p.expectCloseFrame(1000)
		p.expectEnd()
	})
}
