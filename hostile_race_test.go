package tandem_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// Many goroutines on one connection. What these tests find, they find best with -race.

// dialSite connects our own client.
func (s *site) dialSite(t testing.TB, e *bytesEndpoint) *bytesConn {
	t.Helper()
	c, err := e.Dial(t.Context(), "ws://tandem.test", struct{}{}, &tandem.DialOptions{Transport: s.client()})
	assert.NoError(t, err)
	return c
}

// allWays runs a test over each kind of stream, on an endpoint with these limits.
func allWays(t *testing.T, l tandem.Limits, fn func(context.Context, *bytesConn) error, test func(t *testing.T, c *bytesConn)) {
	t.Helper()
	t.Run("loopback", func(t *testing.T) {
		e := newBytes(l)
		test(t, onLoopback(t, e, plainHandler(fn), nil).dialSite(t, e))
	})
	t.Run("memory", func(t *testing.T) {
		e := newBytes(l)
		test(t, inMemory(t, e, plainHandler(fn), nil).dialSite(t, e))
	})
	t.Run("foreign", func(t *testing.T) {
		e := newBytes(l)
		test(t, overForeign(t, e, plainHandler(fn), nil).dialSite(t, e))
	})
}

// The messages of one sender arrive in order, those of all arrive whole and once.
func TestConcurrent_senders(t *testing.T) {
	const senders, messages = 8, 300
	allWays(t, tandem.Limits{QueueMessages: 20}, func(ctx context.Context, c *bytesConn) error {
		return echoBytes(ctx, struct{}{}, c)
	}, func(t *testing.T, c *bytesConn) {
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for i := range messages {
					size := 8 + rand.IntN(200)
					if i%50 == 0 {
						size = 20_000
					}
					msg := bytes.Repeat([]byte{byte(s)}, size)
					binary.BigEndian.PutUint32(msg, uint32(i))
					if err := c.Send(t.Context(), msg); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Go(func() {
			for range 20 {
				if _, err := c.Ping(t.Context()); err != nil {
					t.Error(err)
				}
				c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FramePing})
				c.Err()
			}
		})
		var next [senders]uint32
		for range senders * messages {
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			s := msg[len(msg)-1]
			for _, b := range msg[4:] {
				assert.Equal(t, b, s)
			}
			assert.Equal(t, binary.BigEndian.Uint32(msg), next[s])
			next[s]++
		}
		wg.Wait()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// Calls that are cancelled lose nothing and repeat nothing.
func TestConcurrent_recvCancelled(t *testing.T) {
	const messages = 3000
	allWays(t, tandem.Limits{}, func(ctx context.Context, c *bytesConn) error {
		for i := range messages {
			size := 4 + rand.IntN(100)
			if i%100 == 0 {
				size = 100_000
			}
			if err := c.Send(ctx, numbered(i, size)); err != nil {
				return err
			}
			if i%7 == 0 {
				runtime.Gosched()
			}
		}
		return nil
	}, func(t *testing.T, c *bytesConn) {
		cancelled := 0
		for i := 0; i < messages; {
			ctx, cancel := context.WithCancel(t.Context())
			switch rand.IntN(4) {
			case 0:
				cancel()
			case 1:
				go cancel()
			}
			msg, err := c.Recv(ctx)
			cancel()
			if errors.Is(err, context.Canceled) {
				cancelled++
				continue
			}
			assert.NoError(t, err)
			assert.Equal(t, int(binary.BigEndian.Uint32(msg)), i)
			i++
		}
		_, err := c.Recv(t.Context())
		assert.ErrorIs(t, err, io.EOF)
	})
}

// The same when each message comes in pieces, so that calls are cancelled in the middle of one.
func TestConcurrent_recvCancelledInTheMiddle(t *testing.T) {
	const messages = 60
	synctest.Test(t, func(t *testing.T) {
		proxy := fault.New(&fault.Options{Seed: 1})
		t.Cleanup(func() { proxy.Close() })
		proxy.On(fault.Both).Delay(10*time.Millisecond, 200*time.Millisecond)
		c := tandemtest.Connect(t, newBytes(tandem.Limits{}), plainHandler(func(ctx context.Context, c *bytesConn) error {
			for i := range messages {
				if err := c.Send(ctx, numbered(i, 1+rand.IntN(1<<rand.IntN(18))+4)); err != nil {
					return err
				}
				time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			}
			return nil
		}), struct{}{}, &tandemtest.Options{Fault: proxy, Buffer: 3000})
		for i := 0; i < messages; {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(100))*time.Millisecond)
			msg, err := c.Recv(ctx)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) // nobody receives: pings are still looked after
				continue
			}
			assert.NoError(t, err)
			assert.Equal(t, int(binary.BigEndian.Uint32(msg)), i)
			i++
		}
	})
}

// While nobody receives, what arrives of a message that was begun is kept.
func TestConcurrent_recvCancelledThenIdle(t *testing.T) {
	for _, row := range []struct {
		name   string
		frames []rawFrame
		cut    int
	}{
		{"short", []rawFrame{binaryFrame(make([]byte, 1000))}, 500},
		{"long", []rawFrame{binaryFrame(make([]byte, 50_000))}, 500},
		{"long, much of it there", []rawFrame{binaryFrame(make([]byte, 50_000))}, 45_000},
		{"fragments", fragments(opBinary, 10, 100), 555},
		{"last fragment", fragments(opBinary, 2, 100), 150},
		{"ping behind", []rawFrame{binaryFrame(make([]byte, 50_000)), pingFrame("x")}, 40_000},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
					short, cancel := context.WithTimeout(ctx, time.Second)
					defer cancel()
					if _, err := c.Recv(short); !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					<-gate
					for _, want := range []int{len(payloadOf(row.frames)), 4} {
						msg, err := c.Recv(ctx)
						if err != nil || len(msg) != want {
							t.Errorf("got %d bytes, %v, want %d", len(msg), err, want)
						}
					}
					return nil
				})
				s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
				p := s.open(t)
				b := p.bytes(append(row.frames, textFrame("next"))...)
				p.write(b[:row.cut])
				time.Sleep(3 * time.Second)
				p.write(b[row.cut:])
				time.Sleep(3 * time.Second)
				close(gate)
				<-ended
				p.Conn.Close()
			})
		})
	}
}

// payloadOf is the message in the frames.
func payloadOf(frames []rawFrame) (msg []byte) {
	for _, f := range frames {
		if f.op != opPing {
			msg = append(msg, f.payload...)
		}
	}
	return msg
}

// Close in the middle of everything ends everything.
func TestConcurrent_close(t *testing.T) {
	for range 20 {
		allWays(t, tandem.Limits{QueueMessages: 4}, func(ctx context.Context, c *bytesConn) error {
			return echoBytes(ctx, struct{}{}, c)
		}, func(t *testing.T, c *bytesConn) {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for {
						if err := c.Send(t.Context(), make([]byte, 100)); err != nil {
							if !errors.Is(err, tandem.ErrClosed) {
								t.Error("send:", err)
							}
							return
						}
					}
				})
			}
			received := make(chan struct{}, 1)
			wg.Go(func() {
				for {
					if _, err := c.Recv(t.Context()); err != nil {
						if !errors.Is(err, tandem.ErrClosed) {
							t.Error("recv:", err)
						}
						return
					}
					select {
					case received <- struct{}{}:
					default:
					}
				}
			})
			wg.Go(func() {
				for {
					if _, err := c.Ping(t.Context()); err != nil {
						return
					}
				}
			})
			<-received
			for range 3 {
				wg.Go(func() {
					if err := c.Close(4000, "enough"); err != nil {
						t.Error("close:", err)
					}
				})
			}
			wg.Wait()
			assert.ErrorIs(t, c.Send(t.Context(), nil), tandem.ErrClosed)
			_, err := c.Recv(t.Context())
			assert.ErrorIs(t, err, tandem.ErrClosed)
		})
	}
}

// Both sides close at the same moment: nobody waits for the other.
func TestConcurrent_bothClose(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			closed := make(chan error, 1)
			c := tandemtest.Connect(t, newBytes(tandem.Limits{}), plainHandler(func(_ context.Context, c *bytesConn) error {
				closed <- c.Close(4001, "server")
				return nil
			}), struct{}{}, nil)
			assert.NoError(t, c.Close(4000, "client"))
			assert.NoError(t, <-closed)
			took(t, began, 0, time.Second)
		})
	}
}

// Of two goroutines that receive, one is told so, at once.
func TestConcurrent_twoReceivers(t *testing.T) {
	allWays(t, tandem.Limits{}, drainBytes, func(t *testing.T, c *bytesConn) {
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for range 2 {
			go func() { _, err := c.Recv(ctx); errs <- err }()
		}
		assert.ErrorIs(t, <-errs, tandem.ErrConcurrentRecv)
		cancel()
		assert.ErrorIs(t, <-errs, context.Canceled)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// Each call has its own context. One that has been cancelled leaves no trace in the next.
func TestConcurrent_contextPerCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, newBytes(tandem.Limits{}), plainHandler(func(ctx context.Context, c *bytesConn) error {
			return echoBytes(ctx, struct{}{}, c)
		}), struct{}{}, nil)
		gone, cancelGone := context.WithCancel(t.Context())
		cancelGone()
		assert.ErrorIs(t, c.Send(gone, []byte("never sent")), context.Canceled)
		for i := range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			_, err := c.Recv(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			took(t, began, time.Second, time.Second)
			cancel()
			_, err = c.Recv(gone)
			assert.ErrorIs(t, err, context.Canceled)
			ctx, cancel = context.WithCancel(t.Context())
			assert.NoError(t, c.Send(ctx, numbered(i, 10)))
			cancel() // has been sent
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, msg, numbered(i, 10))
		}
	})
}
