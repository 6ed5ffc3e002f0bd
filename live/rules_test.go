//go:build !js

package live_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
)

// The rules of use_websocket, the hook that this package comes from (Dioxus 0.7, packages/fullstack, payloads/websocket.rs),
// one test each: what is kept, and what is corrected.

// 1, kept: it begins as Connecting, and what the closure has read brings it to run again.
func TestRule01_connectsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		goOn := make(chan struct{})
		defer close(goOn)
		read := 0
		ws := live.Use(w.scope, w.ep, func(r *signals.Reader) person {
			read++
			return person{w.name.Get(r)}
		}, &live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport(), Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				<-goOn // else it might be over before anybody looks
				return nil
			},
		}}})
		assert.Equal(t, ws.Status().Peek().State, live.Connecting)
		assert.Equal(t, read, 1)
		w.name.Set("grace")
		assert.Equal(t, read, 2)
	})
}

// 2, kept: the attempt is made beside, and the one who uses the socket does not wait for it.
func TestRule02_attemptIsBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		goOn := make(chan struct{})
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				<-goOn
				return nil
			},
		}}})
		synctest.Wait()
		assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Connecting, Attempt: 1})
		close(goOn)
		assert.NoError(t, ws.Connect(t.Context()))
	})
}

// 3, kept: who is woken finds the status written. An effect has run by then.
func TestRule03_statusBeforeWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		found := make(chan live.State, 3)
		go func() {
			_ = ws.Connect(t.Context())
			found <- ws.Status().Peek().State
			_, _ = ws.Recv(t.Context())
			_, _ = ws.Recv(t.Context()) // that the server has ended it
			found <- ws.Status().Peek().State
		}()
		assert.Equal(t, <-found, live.Open)
		w.send(ws, "close 4500")
		assert.Equal(t, <-found, live.Closed)
		assert.Equal(t, w.states(), "Connecting Open Closed")
	})
}

// 4, kept: another value brings another attempt, and drops the one under way; several writes are one. Corrected: a write of
// an equal value is none.
func TestRule04_changesBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.name.Set("ada")
		time.Sleep(time.Minute)
		assert.Equal(t, w.began.Load(), 1)
		w.graph.Batch(func() {
			w.name.Set("grace")
			w.name.Set("joan")
		})
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO JOAN")
		assert.Equal(t, w.began.Load(), 2)
	})
}

// 5, kept: meanwhile the old conversation still delivers, and Send waits for the next. Corrected: the status says
// Connecting, and that the old one is open.
func TestRule05_oldOneDeliversMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		slow := make(chan struct{})
		close(slow)
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				<-slow
				return nil
			},
		}}})
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		slow = make(chan struct{})
		w.send(ws, "old")
		w.name.Set("grace")
		time.Sleep(time.Second)
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Connecting && s.Previous, "%+v", s)
		assert.Equal(t, w.recv(ws), "OLD")
		sent := ws.Post("new")
		synctest.Wait()
		assert.Equal(t, len(sent), 0)
		close(slow)
		assert.NoError(t, <-sent)
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
		assert.Equal(t, w.recv(ws), "NEW")
	})
}

// 6, kept: a receiver that waits is told that another conversation takes its place. Corrected: a loop goes on over that, and
// what has come of the old one is not lost.
func TestRule06_receiversAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		w.send(ws, "a")
		synctest.Wait()
		w.name.Set("grace")
		time.Sleep(time.Second)
		w.send(ws, "b")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "A")
		assert.ErrorIs(t, w.recvBreak(ws), live.ErrReplaced)
		var got []string
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for msg, err := range ws.Messages(ctx) {
			if err != nil {
				break
			}
			if got = append(got, msg); len(got) == 2 {
				w.name.Set("joan")
			}
			if len(got) == 3 {
				cancel()
			}
		}
		assert.Equal(t, got, []string{"HELLO GRACE", "B", "HELLO JOAN"})
	})
}

// 7, kept: when the next attempt fails, the old conversation is over too. Corrected: it is tried again, unless that would
// be in vain; then Send and Recv return the error itself.
func TestRule07_failedAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.refuse.Store(&tandem.HandshakeError{Status: 503})
		w.name.Set("grace")
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, w.going.Load(), 0)
		assert.True(t, !ws.Status().Peek().Final())
		w.refuse.Store(&tandem.HandshakeError{Status: 403})
		time.Sleep(time.Minute)
		s := ws.Status().Peek()
		assert.True(t, s.State == live.FailedToConnect && s.Final(), "%+v", s)
		_, err := ws.Recv(t.Context())
		for _, err := range []error{err, ws.Send(t.Context(), "x"), ws.Connect(t.Context())} {
			assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, 403)
		}
	})
}

// 8, corrected: Connect waits until it is open, over failed attempts, or returns why it will not be.
func TestRule08_Connect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		done := make(chan error, 1)
		go func() { done <- ws.Connect(t.Context()) }()
		time.Sleep(time.Minute)
		assert.Equal(t, len(done), 0)
		w.proxy.Up()
		assert.NoError(t, <-done)
		assert.True(t, ws.IsOpen().Peek())
	})
}

// 9, corrected: each end is an end for the status, whoever finds it, and nobody is told of a replacement that was none.
func TestRule09_everyEndIsAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{NoReconnect: true})
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.proxy.Kill() // nobody receives
		synctest.Wait()
		assert.Equal(t, ws.Status().Peek().State, live.Closed)
		_, err := ws.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrLost)
		assert.True(t, !errors.Is(err, live.ErrReplaced))
	})
}

// 10, kept: Send waits for the attempt under way; a message that cannot be sent says nothing of the connection. Corrected:
// one that finds the connection gone waits for the next.
func TestRule10_Send(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.ep.Limits.MaxClientMessage = 10
		ws := w.use(nil)
		w.send(ws, "a")
		assert.ErrorIs(t, ws.Send(t.Context(), "far too long"), tandem.ErrTooBig)
		assert.Equal(t, ws.Status().Peek().Generation, 1)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "A")
		w.proxy.Kill()
		w.send(ws, "b")
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "B")
	})
}

// 11, kept: Set puts a connection or an error in place. Corrected: an attempt under way is given up, and does not overwrite it.
func TestRule11_Set(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		goOn := make(chan struct{})
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				<-goOn // whatever becomes of ctx
				return nil
			},
		}}})
		synctest.Wait()
		c, err := w.ep.Dial(t.Context(), tandemtest.URL, person{"set"}, &tandem.DialOptions{Transport: w.server.Transport()})
		assert.NoError(t, err)
		ws.Set(c, nil)
		assert.Equal(t, w.recv(ws), "HELLO SET")
		close(goOn)
		time.Sleep(time.Minute)
		assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Open, Generation: 1})
		assert.Equal(t, w.began.Load(), 1)
		ws.Set(nil, errors.New("no"))
		synctest.Wait()
		assert.Equal(t, ws.Status().Peek().State, live.FailedToConnect)
		assert.Equal(t, w.going.Load(), 0)
	})
}

// 12, corrected: when the scope ends the server sees an orderly end, natively too, and nothing is left.
func TestRule12_disposed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ends := make(chan error, 1)
		ep := &tandem.Endpoint[person, string, string]{Path: "/ends?name", Codec: w.ep.Codec}
		w.mux.Handle(ep.Handler(func(ctx context.Context, _ person, c *serverConn) error {
			for _, err := range c.Messages(ctx) {
				ends <- err
			}
			ends <- nil
			return nil
		}, nil))
		ws := live.Use(w.scope, ep, func(*signals.Reader) person { return person{"ada"} },
			&live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		assert.NoError(t, ws.Connect(t.Context()))
		w.scope.Dispose()
		assert.NoError(t, <-ends)
	})
}

// 13, corrected: where a page is rendered by a server, a socket that is Manual does nothing and harms nobody.
func TestRule13_rendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		assert.ErrorIs(t, ws.Connect(t.Context()), tandem.ErrClosed)
		for range ws.Messages(t.Context()) {
			t.Error("a message from nowhere")
		}
		w.scope.Dispose()
		assert.Equal(t, w.began.Load(), 0)
	})
}

// 14, corrected: to receive or to connect in an effect subscribes it to nothing. What is read with a Reader does.
func TestRule14_onlyReadersSubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		runs, reads := 0, 0
		signals.Effect(w.scope, func(*signals.Reader) {
			runs++
			_ = ws.Connect(t.Context())
			_ = ws.State().Peek()
		})
		signals.Effect(w.scope, func(r *signals.Reader) {
			reads++
			ws.State().Get(r)
		})
		w.proxy.Kill()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, runs, 1)
		assert.Equal(t, reads, 4, "Open, Closed, Connecting, Open")
	})
}
