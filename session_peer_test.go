package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// A second socket with the session's secret takes it over: at once, although the first one's peer has vanished and its
// socket's end is still waited for.
func TestSession_takeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{CloseTimeout: time.Minute}), echo, nil)
		one := w.greet(`{"v":1}`)
		one.ack(0)
		one.msg(1, "a")
		assert.Equal(t, one.next(), `[0,1,"A"]`)

		began := time.Now()
		two := w.greet(one.again(1, 1)) // one answers nothing any more
		assert.True(t, two.welcome.Resumed)
		assert.Equal(t, two.welcome.RX, 1)
		two.ack(1)
		two.msg(2, "b")
		assert.Equal(t, two.next(), `[0,2,"B"]`)
		assert.True(t, time.Since(began) < time.Second, time.Since(began))
		one.expectClose(4900)
		two.hangUp()
	})
}

// Who knows a session's name but not its secret does it no harm.
func TestSession_strangersDoNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, nil)
		own := w.greet(`{"v":1}`)
		own.ack(0)
		for range 40 {
			s := w.greet(fmt.Sprintf(`{"v":1,"sid":%q,"key":"aaaaaaaaaaaaaaaaaaaaaaaaaa","try":1,"epoch":%q}`, own.welcome.SID, own.welcome.Epoch))
			assert.Equal(t, s.welcome.Why, "denied")
			s.ack(0)
			s.hangUp()
		}
		two := w.greet(own.again(1, 0))
		assert.True(t, two.welcome.Resumed, two.welcome)
		two.ack(0)
		own.expectClose(4900)
		two.hangUp()
	})
}

// The owner may come back 30 times a minute.
func TestSession_resumesAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, nil)
		p := w.greet(`{"v":1}`)
		p.ack(0)
		for range 30 {
			next := w.greet(p.again(1, 0))
			assert.True(t, next.welcome.Resumed)
			next.ack(0)
			p.expectClose(4900)
			p = next
		}
		late := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
		late.send(textFrame("[7,0," + p.again(1, 0) + "]"))
		late.expectClose(1013)
		time.Sleep(time.Minute)
		next := w.greet(p.again(1, 0))
		assert.True(t, next.welcome.Resumed)
		next.hangUp()
	})
}

// What a peer does before there is a session ends its socket alone.
func TestSession_beforeHello(t *testing.T) {
	for _, test := range []struct {
		name string
		send []rawFrame
		code int
	}{
		{"silence", nil, 3008},
		{"half a frame", []rawFrame{{op: opText, more: true, payload: []byte("[7,0,")}}, 3008},
		{"no frame", []rawFrame{textFrame("hello")}, 4901},
		{"another frame", []rawFrame{textFrame(`[0,1,"x"]`)}, 4901},
		{"a frame that is too long", []rawFrame{textFrame(`[7,0,{"v":1,"x":"` + strings.Repeat("x", 17<<10) + `"}]`)}, 4901},
		{"Close", []rawFrame{closeFrame(1000, "")}, 1000},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := tandem.NewHub(nil)
				w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, &tandem.ServeOptions{Hub: hub})
				began := time.Now()
				p := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
				p.send(test.send...)
				p.expectClose(test.code)
				if test.code == 3008 {
					assert.Equal(t, time.Since(began).Truncate(time.Second), 10*time.Second)
				}
				assert.Equal(t, hub.Len(), 0)
			})
		})
	}
}

// A peer that asks without end and takes no answer gets a bounded number of them.
func TestSession_floodOfPings(t *testing.T) {
	for name, frame := range map[string]string{"ping": `[9,0,{"n":1}]`, "auth": `[12,0,{"n":1,"auth":"x"}]`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, nil)
				p := w.greet(`{"v":1}`)
				p.ack(0)
				const n = 20_000
				batch := p.bytes(textFrame(frame))
				sent := 0
				for ; sent < n; sent++ {
					p.SetWriteDeadline(time.Now().Add(time.Second))
					if _, err := p.Write(batch); err != nil {
						break
					}
					if sent%100 == 0 {
						synctest.Wait()
					}
				}
				answers := 0
				for {
					p.SetReadDeadline(time.Now().Add(time.Second))
					f, err := p.receive()
					if err != nil || f.op == opClose {
						break
					}
					answers++
				}
				assert.True(t, answers < 8_000, answers) // 64 KiB of them are the network's
				t.Logf("%d sent, %d answered", sent, answers)
			})
		})
	}
}

// Frames that break a rule end the session with their code, and both sides are told.
func TestSession_violations(t *testing.T) {
	for _, test := range []struct {
		frame string
		code  tandem.Code
	}{
		{`[0,2,"hole"]`, 4902}, {`[2,0,{"rx":9}]`, 4903}, {`[0,9007199254740992,"x"]`, 4904}, {`[7,0,{"v":1}]`, 4901}, {`{}`, 4901},
		{`[0,1,7]`, 1007},
		{`[0,1,"` + strings.Repeat("x", 99) + `"]`, 1009},
	} {
		t.Run(excerpt([]byte(test.frame)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{MaxClientMessage: 100}),
					func(ctx context.Context, _ struct{}, c *textConn) error {
						if tandem.Request(ctx).Header.Get("X-Again") == "" {
							assert.NoError(t, c.Send(ctx, "unheard"))
						}
						_, err := c.Recv(ctx)
						ends <- errors.Join(err, c.Send(ctx, "late"))
						return err
					}, nil)
				p := w.greet(`{"v":1}`)
				assert.Equal(t, p.next(), `[0,1,"unheard"]`)
				p.send(textFrame(test.frame))
				p.expectEndOfSession(int(test.code))
				err := <-ends
				gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
				assert.Equal(t, gap.Code, test.code)
				assert.Equal(t, gap.Unsent, []tandem.Unsent[string]{{Number: 1, Message: "unheard", Maybe: true}})
				again := w.greet(p.again(1, 0), "X-Again: 1")
				assert.Equal(t, again.welcome.Why, "ended")
				again.send(closeFrame(1000, ""))
				again.expectEndOfSession(1000)
				assert.ErrorIs(t, <-ends, io.EOF)
			})
		})
	}
}

// A message may be as long as the limit, in both directions.
func TestSession_messagesAtTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{Bytes: 50}, tandem.Limits{MaxClientMessage: 100, MaxServerMessage: 100})
		ends := make(chan error, 1)
		w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
			ends <- c.Send(ctx, strings.Repeat("x", 99))
			return echo(ctx, p, c)
		}, nil)
		c := w.dial(e, nil)
		big := assert.ErrorAs[*tandem.TooBigError](t, <-ends)
		assert.Equal(t, *big, tandem.TooBigError{Size: 101, Limit: 100})
		big = assert.ErrorAs[*tandem.TooBigError](t, c.Send(t.Context(), strings.Repeat("x", 99)))
		assert.Equal(t, *big, tandem.TooBigError{Size: 101, Limit: 100})
		for range 3 {
			assert.NoError(t, c.Send(t.Context(), strings.Repeat("x", 98)))
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, msg, strings.Repeat("X", 98))
		}
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// Plain clients and clients with sessions are served on one endpoint.
func TestSession_besidePlainClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		for _, plain := range []bool{true, false, true} {
			c := w.dial(e, &tandem.DialOptions{Plain: plain})
			assert.NoError(t, c.Send(t.Context(), "hi"))
			msg, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, msg, "HI")
			want := "tandem.v1.json"
			if plain {
				want = ""
			}
			assert.Equal(t, c.Subprotocol(), want)
			defer c.Close(tandem.CodeNormal, "")
		}
		p := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: json, tandem.v1.json")
		p.send(textFrame(`"x"`))
		p.expect(opText, `"X"`)
		p.hangUp()
	})
}

// What the handler's return does to the session, and what the client is told.
func TestSession_handlersReturn(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func() error
		want error  // the client's
		gap  string // or the reason of its gap
	}{
		{"nil", func() error { return nil }, io.EOF, ""},
		{"CloseError", func() error { return &tandem.CloseError{Code: 4500, Reason: "enough"} }, &tandem.CloseError{Code: 4500, Reason: "enough"}, ""},
		{"error", func() error { return errors.New("boom") }, nil, "ended"},
		{"panic", func() error { panic("boom") }, nil, "ended"},
		{"come back", func() error { return &tandem.CloseError{Code: 4000} }, nil, "ended"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
				first := true
				w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
					if _, err := c.Recv(ctx); err != nil || !first {
						return err
					}
					first = false
					return test.end()
				}, quietOptions(nil))
				c := w.dial(e, nil)
				assert.NoError(t, c.Send(t.Context(), "go"))
				_, err := c.Recv(t.Context())
				if test.gap != "" {
					gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
					assert.Equal(t, gap.Reason, test.gap)
					assert.Equal(t, len(gap.Unsent), 0)
					assert.NoError(t, c.Err())
					assert.NoError(t, c.Close(tandem.CodeNormal, ""))
					return
				}
				if ce, ok := errors.AsType[*tandem.CloseError](test.want); ok {
					assertClosed(t, err, ce.Code, ce.Reason)
				} else {
					assert.ErrorIs(t, err, test.want)
				}
			})
		})
	}
}

// Principal is asked in a goroutine of tandem's own: its panic ends the socket, not the process.
func TestServeOptions_Principal_panics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		o := quietOptions(&tandem.ServeOptions{Hub: hub, Principal: func(context.Context) string { panic("boom") }})
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, o)
		p := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
		p.send(textFrame(`[7,0,{"v":1}]`))
		p.expectClose(1011)
	})
}

// Sockets that have not said hello are bounded; Dial tells of the refusal.
func TestSession_newcomers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		for range 1024 {
			w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
		}
		synctest.Wait() // the last 101 is on its way before its socket is counted
		_, err := e.Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: w.transport()})
		assertClosed(t, err, tandem.CodeTryAgain, "too many newcomers")
		time.Sleep(11 * time.Second)
		c := w.dial(e, nil)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}
