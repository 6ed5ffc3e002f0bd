package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// often comes back soon after a longer time without a network, too.
var often = &tandem.Reconnect{Min: time.Millisecond, Max: 100 * time.Millisecond}

// A short dialogue survives a cut at each of its bytes, in either direction and in both.
func TestSession_cutAtEachByte(t *testing.T) {
	dialogue := func(t *testing.T, cut func(*fault.Proxy)) (up, down int64) {
		synctest.Test(t, func(t *testing.T) {
			e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
			ends := make(chan error, 1)
			w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
				err := echo(ctx, p, c)
				ends <- err
				return err
			}, nil)
			c := w.dial(e, nil)
			a, b := w.net.Bytes(fault.ClientToServer), w.net.Bytes(fault.ServerToClient)
			cut(w.net)
			for _, msg := range []string{"a", "bb"} {
				assert.NoError(t, c.Send(t.Context(), msg))
			}
			for _, want := range []string{"A", "BB"} {
				msg, err := c.Recv(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, msg, want)
			}
			time.Sleep(time.Second) // until all is acknowledged
			up, down = w.net.Bytes(fault.ClientToServer)-a, w.net.Bytes(fault.ServerToClient)-b
			w.net.On(fault.Both).Clear()
			assert.NoError(t, c.Close(tandem.CodeNormal, ""))
			assert.NoError(t, <-ends)
			_, total := w.net.Conns()
			t.Logf("%d connections", total)
		})
		return up, down
	}
	up, down := dialogue(t, func(*fault.Proxy) {})
	assert.True(t, up > 40 && up < 200 && down > 20 && down < 200, up, down)
	for _, d := range []fault.Direction{fault.ClientToServer, fault.ServerToClient} {
		for n := range max(up, down) {
			dialogue(t, func(p *fault.Proxy) {
				at := p.Bytes(d) + n
				p.On(d).CutAfter(at)
				go func() { // the next connection may be as short as it needs to be for a welcome
					time.Sleep(100 * time.Millisecond)
					p.On(d).Clear()
				}()
			})
		}
	}
}

// ledger is what each sender's messages must be: in order, each once.
type ledger struct {
	t    *testing.T
	next map[int]int
}

func (l *ledger) take(m [2]int) {
	if l.next[m[0]] != m[1] {
		l.t.Errorf("sender %d: got %d, want %d", m[0], m[1], l.next[m[0]])
	}
	l.next[m[0]] = m[1] + 1
}

// Several senders on both sides, and a network that is cut a thousand times.
func TestSession_aThousandCuts(t *testing.T) {
	cuts := 1000
	if testing.Short() {
		cuts = 50
	}
	synctest.Test(t, func(t *testing.T) {
		e := &tandem.Endpoint[struct{}, [2]int, [2]int]{Path: "/l", Codec: cbor.Codec, Session: &tandem.SessionPolicy{Messages: 64}}
		hub := tandem.NewHub(nil)
		const senders = 3
		var stop atomic.Bool
		send := func(ctx context.Context, c *tandem.Conn[[2]int, [2]int], wg *sync.WaitGroup, sent *[senders]int) {
			for s := range senders {
				wg.Go(func() {
					for n := 0; !stop.Load(); n++ {
						if err := c.Send(ctx, [2]int{s, n}); err != nil {
							t.Error("send:", err)
							return
						}
						sent[s] = n + 1
						if n%7 == 0 {
							time.Sleep(time.Duration(s+1) * 100 * time.Millisecond)
						}
					}
				})
			}
		}
		var upSent, downSent [senders]int
		up := &ledger{t, map[int]int{}}
		served := make(chan struct{})
		pattern, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[[2]int, [2]int]) error {
			defer close(served)
			var wg sync.WaitGroup
			send(ctx, c, &wg, &downSent)
			for m, err := range c.Messages(ctx) {
				if err != nil {
					t.Error("server:", err)
					return err
				}
				up.take(m)
			}
			wg.Wait()
			return nil
		}, &tandem.ServeOptions{Hub: hub})
		w := newWorld(t, hub, pattern, h)
		c, err := e.Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: w.transport(), Reconnect: atOnce})
		assert.NoError(t, err)
		t.Cleanup(c.CloseNow)
		var senders_, receiver sync.WaitGroup
		send(t.Context(), c, &senders_, &upSent)
		down := &ledger{t, map[int]int{}}
		receiver.Go(func() {
			for m, err := range c.Messages(t.Context()) {
				if err != nil {
					if !errors.Is(err, tandem.ErrClosed) {
						t.Error("client:", err)
					}
					return
				}
				down.take(m)
			}
		})
		for i := range cuts {
			time.Sleep(3*time.Second + time.Duration(i*7919%100)*100*time.Microsecond) // 30 resumes a minute are allowed
			w.net.Kill()
		}
		stop.Store(true)
		senders_.Wait()
		time.Sleep(3 * time.Minute) // whatever was refused for coming back too often is back by then
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		receiver.Wait()
		<-served
		for s := range senders {
			assert.Equal(t, up.next[s], upSent[s], "up")
			assert.Equal(t, down.next[s], downSent[s], "down")
			assert.True(t, upSent[s] > 5*cuts, upSent)
		}
		t.Logf("%v up, %v down", upSent, downSent)
	})
}

// A cable is pulled: the heartbeat finds out, and what was sent meanwhile arrives at once on another way, although the
// server still takes the old socket for alive.
func TestSessionPolicy_Heartbeat_findsHalfOpenSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{Heartbeat: 4 * time.Second}, tandem.Limits{PingInterval: time.Hour, CloseTimeout: time.Minute})
		w := serveLasting(t, e, echo, nil)
		retry := *atOnce
		retry.Prepare = func(_ context.Context, attempt int, o *tandem.DialOptions) error {
			if attempt > 0 {
				o.Transport = overMemory(w.lis)
			}
			return nil
		}
		c := w.dial(e, &tandem.DialOptions{Reconnect: &retry})
		assert.NoError(t, c.Send(t.Context(), "a"))
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
		w.net.On(fault.Both).Hold()
		began := time.Now()
		assert.NoError(t, c.Send(t.Context(), "b"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "B")
		assert.Equal(t, time.Since(began).Round(100*time.Millisecond), 8*time.Second)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// Both sides are idle: pings go on, and nobody takes the other for dead.
func TestSession_idle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		c := w.dial(e, nil)
		go func() {
			time.Sleep(time.Hour)
			assert.NoError(t, c.Send(t.Context(), "still there?"))
		}()
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "STILL THERE?")
		_, total := w.net.Conns()
		assert.Equal(t, total, 1)
		_, err = c.Ping(t.Context())
		assert.NoError(t, err)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// A side that only sends hears acknowledgements and pings all the same, over cuts.
func TestSession_oneSideOnlySends(t *testing.T) {
	const n = 1000
	for _, who := range []string{"handler", "client"} {
		t.Run(who, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(tandem.SessionPolicy{Messages: 8}, tandem.Limits{})
				speak := func(ctx context.Context, c *textConn) error {
					for i := range n {
						if err := c.Send(ctx, fmt.Sprint(i)); err != nil {
							return err
						}
						if i%100 == 99 {
							time.Sleep(time.Minute) // idle, but pings
						}
					}
					return nil
				}
				listen := func(ctx context.Context, c *textConn) error {
					i := 0
					for msg, err := range c.Messages(ctx) {
						if err != nil {
							return err
						}
						if msg != fmt.Sprint(i) {
							return fmt.Errorf("got %s, want %d", msg, i)
						}
						i++
					}
					if i != n {
						return fmt.Errorf("%d of %d", i, n)
					}
					return nil
				}
				served := make(chan error, 1)
				w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) (err error) {
					if who == "handler" {
						err = speak(ctx, c)
					} else {
						err = listen(ctx, c)
					}
					served <- err
					return err
				}, nil)
				c := w.dial(e, nil)
				go func() {
					for range 3 {
						time.Sleep(150 * time.Second)
						w.net.Kill()
					}
				}()
				if who == "client" {
					assert.NoError(t, speak(t.Context(), c))
					assert.NoError(t, c.Close(tandem.CodeNormal, ""))
				} else {
					assert.NoError(t, listen(t.Context(), c))
				}
				assert.NoError(t, <-served)
				_, total := w.net.Conns()
				assert.Equal(t, total, 4)
			})
		})
	}
}

// A server that has lost its memory: the client is told, with exactly what it sent in vain, and goes on.
func TestSession_serverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		old := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			_, err := c.Recv(ctx)
			assert.NoError(t, err)
			<-ctx.Done()
			return nil
		}, nil)
		renewed := serveLasting(t, e, echo, nil)
		var new_ atomic.Bool
		retry := *atOnce
		retry.Prepare = func(_ context.Context, _ int, o *tandem.DialOptions) error {
			if new_.Load() {
				o.Transport = renewed.transport()
			}
			return nil
		}
		c := old.dial(e, &tandem.DialOptions{Reconnect: &retry})
		assert.NoError(t, c.Send(t.Context(), "in hand"))
		time.Sleep(time.Second)
		assert.NoError(t, c.Send(t.Context(), "maybe"))
		time.Sleep(time.Second)
		old.net.Down()
		time.Sleep(time.Millisecond)
		assert.NoError(t, c.Send(t.Context(), "never"))
		new_.Store(true)
		_, err := c.Recv(t.Context())
		gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
		assert.Equal(t, gap, &tandem.Gap[string]{Reason: "unknown", Unsent: []tandem.Unsent[string]{
			{Number: 1, Message: "in hand", Maybe: true}, {Number: 2, Message: "maybe", Maybe: true}, {Number: 3, Message: "never"},
		}})
		assert.NoError(t, c.Send(t.Context(), "hi"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "HI")
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// A gap is told between the messages of the session that was lost and those of the next, though nobody received.
func TestSession_gapStandsBetweenTheSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		var n atomic.Int32
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			i := n.Add(1)
			for _, word := range []string{"a", "b"} {
				if err := c.Send(ctx, fmt.Sprint(word, i)); err != nil {
					return err
				}
			}
			if i < 3 {
				time.Sleep(time.Second)
				return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: 4000})
			}
			_, err := c.Recv(ctx)
			return err
		}, nil)
		c := w.dial(e, nil)
		time.Sleep(time.Minute)
		var got []string
		for len(got) < 5 {
			msg, err := c.Recv(t.Context())
			if gap, ok := errors.AsType[*tandem.Gap[string]](err); ok {
				msg = gap.Reason
			} else {
				assert.NoError(t, err)
			}
			got = append(got, msg)
		}
		assert.Equal(t, got, []string{"a1", "b1", "ended", "a3", "b3"})
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// A session without a socket is over when its time is, neither before nor after.
func TestSessionPolicy_Keep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, late := range []bool{false, true} {
			e := lasting(tandem.SessionPolicy{Keep: 3 * time.Minute}, tandem.Limits{})
			ends := make(chan error, 1)
			w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
				assert.NoError(t, c.Send(ctx, "hi"))
				_, err := c.Recv(ctx)
				if _, ok := errors.AsType[*tandem.Gap[string]](err); ok {
					ends <- err
				}
				return err
			}, nil)
			back := make(chan struct{})
			retry := *atOnce
			retry.Prepare = func(_ context.Context, attempt int, _ *tandem.DialOptions) error {
				if attempt > 0 {
					<-back
				}
				return nil
			}
			c := w.dial(e, &tandem.DialOptions{Reconnect: &retry})
			time.Sleep(time.Second)
			w.net.Kill() // the client has not taken the message
			wait := 3*time.Minute - 10*time.Millisecond
			if late {
				wait += 20 * time.Millisecond
			}
			time.Sleep(wait)
			select {
			case err := <-ends:
				assert.True(t, late, err)
				gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
				assert.Equal(t, gap, &tandem.Gap[string]{Reason: "expired", Unsent: []tandem.Unsent[string]{{Number: 1, Message: "hi", Maybe: true}}})
				assert.ErrorIs(t, err, tandem.ErrLost)
			default:
				assert.True(t, !late, "not expired")
			}
			close(back)
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, msg, "hi")
			if late {
				_, err := c.Recv(t.Context())
				gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
				assert.Equal(t, gap.Reason, "expired")
			}
			assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		}
	})
}

// Close while the network is away waits for it to come back; what cannot be delivered in time is told.
func TestSession_Close_whileTheNetworkIsAway(t *testing.T) {
	for _, back := range []bool{true, false} {
		t.Run(fmt.Sprint("back ", back), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
				got := make(chan string, 2)
				w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
					for msg, err := range c.Messages(ctx) {
						if err != nil {
							return err
						}
						got <- msg
					}
					got <- "the end"
					return nil
				}, nil)
				c := w.dial(e, &tandem.DialOptions{Reconnect: often})
				w.net.Down()
				time.Sleep(time.Millisecond)
				assert.NoError(t, c.Send(t.Context(), "important"))
				if back {
					go func() {
						time.Sleep(time.Second)
						w.net.Up()
					}()
				}
				began := time.Now()
				err := c.Close(tandem.CodeNormal, "")
				if back {
					assert.NoError(t, err)
					assert.Equal(t, <-got, "important")
					assert.Equal(t, <-got, "the end")
				} else {
					assert.ErrorIs(t, err, tandem.ErrLost)
					gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
					assert.Equal(t, gap.Unsent, []tandem.Unsent[string]{{Number: 1, Message: "important"}})
					assert.Equal(t, time.Since(began), 5*time.Second)
				}
				assert.ErrorIs(t, c.Send(t.Context(), "late"), tandem.ErrClosed)
			})
		})
	}
}

// The same of a handler's last words: a client that is away gets them when it comes back, and then the end.
func TestSession_handlersLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			_, err := c.Recv(ctx)
			assert.NoError(t, err)
			time.Sleep(2 * time.Second) // the network goes meanwhile
			return c.Send(ctx, "last words")
		}, nil)
		c := w.dial(e, &tandem.DialOptions{Reconnect: often})
		assert.NoError(t, c.Send(t.Context(), "go"))
		time.Sleep(time.Second)
		w.net.Down()
		time.Sleep(3 * time.Second)
		w.net.Up()
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "last words")
		_, err = c.Recv(t.Context())
		assert.ErrorIs(t, err, io.EOF)
	})
}

// A cut session works in every codec, also in one of the program's own.
func TestSession_codecs(t *testing.T) {
	for _, codec := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec, enveloped{}} {
		t.Run(codec.Name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
				e.Codec = codec
				w := serveLasting(t, e, echo, nil)
				c := w.dial(e, nil)
				assert.Equal(t, c.Subprotocol(), "tandem.v1."+codec.Name())
				for range 5 {
					assert.NoError(t, c.Send(t.Context(), "hi"))
					w.net.Kill()
					msg, err := c.Recv(t.Context())
					assert.NoError(t, err)
					assert.Equal(t, msg, "HI")
				}
				assert.NoError(t, c.Close(tandem.CodeNormal, ""))
			})
		})
	}
	bare := lasting(tandem.SessionPolicy{}, tandem.Limits{})
	bare.Codec = reversed{}
	assert.True(t, bare.Check() != nil, "a codec without an envelope")
}

// reversed is a codec of the program's own.
type reversed struct{}

func (reversed) Name() string                { return "reversed" }
func (reversed) FrameKind() tandem.FrameKind { return tandem.FrameBinary }

func (reversed) Append(dst []byte, v any) ([]byte, error) {
	s := *v.(*string)
	for i := range s {
		dst = append(dst, s[len(s)-1-i])
	}
	return dst, nil
}

func (reversed) Decode(src []byte, v any) error {
	b, _ := reversed{}.Append(nil, new(string(src)))
	*v.(*string) = string(b)
	return nil
}

// enveloped is one that carries sessions.
type enveloped struct{ reversed }

func (enveloped) Envelope() tandem.Codec { return cbor.Codec }
