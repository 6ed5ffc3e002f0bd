package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// A full window makes Send wait, until an acknowledgement comes or the context ends. Nothing of a message that was
// given up is sent.
func TestSessionPolicy_Messages_Bytes(t *testing.T) {
	for _, policy := range []tandem.SessionPolicy{{Messages: 3}, {Bytes: 20}} {
		t.Run(fmt.Sprintf("%+v", policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(policy, tandem.Limits{})
				taken := make(chan struct{})
				ends := make(chan error, 1)
				w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
					<-taken
					for _, want := range []string{"four", "four", "four", "last"} {
						if msg, err := c.Recv(ctx); err != nil || msg != want {
							ends <- fmt.Errorf("%q, %w", msg, err)
							return err
						}
					}
					_, err := c.Recv(ctx)
					ends <- nil
					return err
				}, nil)
				c := w.dial(e, nil)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				for range 3 {
					assert.NoError(t, c.Send(ctx, "four"))
				}
				began := time.Now()
				assert.ErrorIs(t, c.Send(ctx, "given up"), context.DeadlineExceeded)
				assert.Equal(t, time.Since(began), time.Minute)
				close(taken)
				assert.NoError(t, c.Send(t.Context(), "last"))
				assert.NoError(t, c.Close(tandem.CodeNormal, ""))
				assert.NoError(t, <-ends)
			})
		})
	}
}

// With OverflowClose the session is over, and its messages are told.
func TestSession_overflowClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{Messages: 3}, tandem.Limits{Overflow: tandem.OverflowClose})
		ends := make(chan error, 1)
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			for {
				if err := c.Send(ctx, "x"); err != nil {
					ends <- c.Send(ctx, "x")
					return err
				}
			}
		}, nil)
		p := w.greet(`{"v":1}`)
		gap := assert.ErrorAs[*tandem.Gap[string]](t, <-ends)
		assert.Equal(t, gap.Code, tandem.CodeTryAgain)
		assert.Equal(t, len(gap.Unsent), 3)
		for i := range 3 {
			assert.Equal(t, p.next(), fmt.Sprintf(`[0,%d,"x"]`, i+1))
		}
		p.expectClose(1013)
	})
	e := lasting(tandem.SessionPolicy{}, tandem.Limits{Overflow: tandem.OverflowDropOldest})
	assert.True(t, e.Check() != nil, "messages that are dropped in silence")
}

// The places of the hub are those of sockets: each is given back once, however the socket and its session end.
func TestSession_placesInTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(&tandem.HubOptions{MaxConns: 1, MaxPerKey: 1})
		w := serveLasting(t, lasting(tandem.SessionPolicy{Keep: 15 * time.Second}, tandem.Limits{}), echo, &tandem.ServeOptions{Hub: hub})
		proto := "Sec-WebSocket-Protocol: tandem.v1.json"
		full := func() {
			t.Helper()
			resp := w.raw().request(upgradeRequest("/text", proto))
			assert.Equal(t, resp.StatusCode, http.StatusServiceUnavailable)
		}
		free := func() {
			t.Helper()
			synctest.Wait()
			p := w.greet(`{"v":1}`)
			full()
			p.hangUp()
			synctest.Wait()
		}
		free()
		p := w.raw().upgrade("/text", proto) // no hello
		p.expectClose(3008)
		free()
		p = w.raw().upgrade("/text", proto) // a refused one
		p.send(textFrame("[7]"))
		p.expectClose(4901)
		free()
		s := w.greet(`{"v":1}`) // lost, resumed, lost, expired, told
		s.ack(0)
		synctest.Wait()
		for range 2 {
			s.Close()
			synctest.Wait()
			s = w.greet(s.again(1, 0))
			assert.True(t, s.welcome.Resumed)
			s.ack(0)
			full()
		}
		s.Close()
		synctest.Wait()
		assert.Equal(t, hub.Len(), 1)
		time.Sleep(20 * time.Second)
		assert.Equal(t, hub.Len(), 0)
		s = w.greet(s.again(1, 0))
		assert.Equal(t, s.welcome.Why, "expired")
		s.hangUp()
		free()
		s = w.greet(`{"v":1}`)
		s.Close() // never confirmed
		free()
		time.Sleep(11 * time.Second)
		assert.Equal(t, hub.Len(), 0)
		free()
		time.Sleep(time.Hour)
		s = w.greet(s.again(1, 0))
		assert.Equal(t, s.welcome.Why, "unknown")
		s.hangUp()
		free()
	})
}

// An authorization ends the session with 3000 when that of its newest socket does.
func TestSession_authorizationOfTheNewestSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		var cancels []context.CancelFunc
		w := serveLasting(t, e, echo, &tandem.ServeOptions{Authorize: func(r *http.Request) (context.Context, error) {
			ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
			cancels = append(cancels, cancel)
			return ctx, nil
		}})
		began := time.Now()
		c := w.dial(e, nil)
		for range 3 {
			time.Sleep(6 * time.Second)
			w.net.Kill()
		}
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeUnauthorized, "authorization expired")
		assert.Equal(t, time.Since(began).Round(100*time.Millisecond), 28*time.Second)
		for _, cancel := range cancels {
			cancel()
		}
	})
}

// The hub's shutdown waits for no socket: it ends idle sessions, those without a socket, and those blocked in Send.
func TestHub_Shutdown_sessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		e := lasting(tandem.SessionPolicy{Messages: 2}, tandem.Limits{})
		w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
			word, err := c.Recv(ctx)
			for err == nil && word == "send" {
				err = c.Send(ctx, "x")
			}
			if err == nil {
				_, err = c.Recv(ctx)
			}
			return err
		}, &tandem.ServeOptions{Hub: hub})
		for i := range 4 {
			p := w.greet(`{"v":1}`)
			p.msg(1, []string{"wait", "send"}[i%2])
			synctest.Wait()
			if i >= 2 {
				p.Close()
			} else {
				go func() { // acknowledges at last
					time.Sleep(time.Second)
					for rx := 1; ; rx++ {
						if _, err := p.Write(p.bytes(textFrame(fmt.Sprintf(`[2,0,{"rx":%d}]`, rx*i)))); err != nil {
							return
						}
						for {
							f, err := p.receive()
							if err != nil {
								return
							}
							if f.op == opClose {
								p.Write(p.bytes(closeFrame(1012, "")))
								return
							}
							if string(f.payload[:3]) == "[0," {
								break
							}
						}
					}
				}()
			}
		}
		synctest.Wait()
		assert.Equal(t, hub.Len(), 4)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := hub.Shutdown(ctx) // who goes on to send, and finds somebody who takes it, is not stopped
		assert.True(t, err == nil || errors.Is(err, context.DeadlineExceeded), err)
		assert.True(t, time.Since(began) <= 21*time.Second, time.Since(began))
		time.Sleep(10 * time.Second)
		assert.Equal(t, hub.Len(), 0)
	})
}

// A shutdown that is out of time tells the client, and drops the socket within a second although nobody answers.
func TestHub_Shutdown_forcedOnSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, release := tandem.NewHub(nil), make(chan struct{})
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{CloseTimeout: time.Minute}),
			func(context.Context, struct{}, *textConn) error {
				<-release
				return nil
			}, &tandem.ServeOptions{Hub: hub})
		p := w.greet(`{"v":1}`)
		p.ack(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		assert.ErrorIs(t, hub.Shutdown(ctx), context.DeadlineExceeded)
		assert.Equal(t, p.next(), `[11,0,{"why":"restart","min":0,"max":5000,"resumable":false}]`)
		assert.Equal(t, p.expectCloseFrame(1012), "server shutting down")
		p.expectEnd()
		assert.True(t, time.Since(began) <= 2*time.Second, time.Since(began))
		close(release)
	})
}

// A message that is being decoded stays as it is, whatever becomes of its socket and of the session.
func TestSession_messageInHand(t *testing.T) {
	for _, end := range []string{"cut", "take-over", "CloseNow", "Close"} {
		t.Run(end, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
				slow := &slowly{began: make(chan struct{}), go_: make(chan struct{})}
				e.Codec = slow
				conns, got := make(chan *textConn, 1), make(chan string, 1)
				w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
					conns <- c
					msg, err := c.Recv(ctx)
					got <- fmt.Sprint(msg, err)
					for err == nil {
						_, err = c.Recv(ctx)
					}
					return err
				}, nil)
				c := w.dial(e, &tandem.DialOptions{Reconnect: often})
				server := <-conns
				want := strings.Repeat("0123456789", 100)
				assert.NoError(t, c.Send(t.Context(), want))
				<-slow.began
				done := make(chan struct{})
				go func() {
					defer close(done)
					switch end {
					case "cut":
						w.net.Kill()
					case "take-over":
						w.net.On(fault.Both).Hold()
						time.Sleep(time.Minute)
						w.net.On(fault.Both).Clear()
					case "CloseNow":
						server.CloseNow()
					case "Close":
						server.Close(tandem.CodeNormal, "")
					}
				}()
				for range 50 { // others use the pools meanwhile
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					_ = c.Send(ctx, strings.Repeat("x", 1000))
					cancel()
				}
				time.Sleep(90 * time.Second)
				close(slow.go_)
				assert.Equal(t, <-got, want+"<nil>")
				<-done
				c.CloseNow()
			})
		})
	}
}

// slowly is a codec whose first Decode waits in the middle.
type slowly struct {
	enveloped
	began, go_ chan struct{}
	once       bool
}

func (s *slowly) Decode(src []byte, v any) error {
	if !s.once {
		s.once = true
		close(s.began)
		<-s.go_
	}
	return s.enveloped.Decode(src, v)
}

// The other views of a connection.
func TestSession_rawAndConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		c := w.dial(e, nil)
		first := make(chan tandem.Frame, 1)
		go func() {
			f, err := c.Raw().Recv(t.Context())
			assert.NoError(t, err)
			first <- f
		}()
		synctest.Wait()
		_, err := c.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrConcurrentRecv)
		w.net.Kill()
		pinged := make(chan error, 1)
		go func() {
			_, err := c.Ping(t.Context()) // waits for a socket
			pinged <- err
		}()
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(`"hi"`)}))
		assert.Equal(t, <-first, tandem.Frame{Kind: tandem.FrameText, Data: []byte(`"HI"`)})
		assert.NoError(t, <-pinged)
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameClose, Code: 1000}))
		_, err = c.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrClosed)
	})
}
