//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// An attempt that goes on while another conversation opens is told: what is open is the previous one by then.
func TestUse_opensWhileTheNextIsDialed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		goOn, dial := make(chan struct{}), make(chan struct{})
		close(dial)
		ws := w.use(&live.Options{Manual: true, Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				<-dial
				return nil
			},
		}}})
		ws.OnOpen(func(context.Context, *serverConn) error {
			<-goOn
			return nil
		})
		ws.Restart()
		synctest.Wait()
		dial = make(chan struct{})
		ws.Restart()
		synctest.Wait()
		goOn <- struct{}{}
		synctest.Wait()
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Connecting && s.Previous && s.Generation == 1, "%+v", s)
		close(dial)
		close(goOn)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recvBreak(ws).Generation, 2)
	})
}

// A function of the program's that ends its goroutine is a failure like another.
func TestUse_goexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		attempts, calls := 0, 0
		ws := w.use(&live.Options{Manual: true, Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				if attempts++; attempts == 1 {
					runtime.Goexit()
				}
				return nil
			},
		}}})
		ws.OnOpen(func(context.Context, *serverConn) error {
			if calls++; calls == 1 {
				runtime.Goexit()
			}
			return nil
		})
		ws.Restart()
		assert.NoError(t, ws.Connect(contextOf(t, time.Minute)))
		synctest.Wait()
		assert.Equal(t, attempts, 3)
		assert.Equal(t, w.going.Load(), 1)
	})
}

// A code that cannot be sent closes nothing, and does not wait for that.
func TestSocket_Close_invalidCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.True(t, ws.Close(1006, "") != nil)
		w.send(ws, "x")
		assert.Equal(t, w.recv(ws), "X")
		assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Open, Generation: 1, Attempt: 1})
	})
}

// A peer that does not answer the Close frame is not waited for without end.
func TestSocket_Close_peerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.proxy.On(fault.Both).Hold()
		began := time.Now()
		assert.ErrorIs(t, ws.Close(tandem.CodeNormal, ""), tandem.ErrLost)
		assert.True(t, time.Since(began) <= 10*time.Second, time.Since(began))
		assert.Equal(t, w.states(), "Connecting Open Closing Closed")
		w.proxy.Kill()
	})
}

// No connection and no error is an error all the same.
func TestSocket_Set_nothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		ws.Set(nil, nil)
		synctest.Wait()
		assert.True(t, ws.Send(t.Context(), "x") != nil)
		assert.True(t, ws.Connect(t.Context()) != nil)
		_, err := ws.Recv(t.Context())
		assert.True(t, err != nil)
		s := ws.Status().Peek()
		assert.True(t, s.State == live.FailedToConnect && s.Final() && s.Err != nil, "%+v", s)
		w.name.Set("grace")
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
	})
}

// What keeps the next conversation from beginning is not why the last has ended.
func TestBreak_Cause_afterFailedAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.send(ws, "close 1012")
		w.refuse.Store(&tandem.HandshakeError{Status: 503})
		time.Sleep(time.Minute)
		assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, ws.Status().Peek().Err).Status, 503)
		w.refuse.Store(nil)
		b := w.recvBreak(ws)
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, b.Cause).Code, 1012)
	})
}

// Parameters that cannot be had are shown, and asked for again when something changes that they depend on.
func TestUse_paramsPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.name.Set("")
		calls := 0
		ws := live.Use(w.scope, w.ep, func(r *signals.Reader) person {
			calls++
			name := w.name.Get(r)
			if name == "" {
				panic("no name")
			}
			return person{name}
		}, &live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		err := ws.Connect(t.Context())
		assert.Equal(t, assert.ErrorAs[*signals.PanicError](t, err).Value, any("no name"))
		s := ws.Status().Peek()
		assert.True(t, s.State == live.FailedToConnect && s.Final(), "%+v", s)
		time.Sleep(time.Hour)
		assert.Equal(t, calls, 1)
		w.name.Set("ada")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.name.Set("")
		time.Sleep(time.Second)
		s = ws.Status().Peek()
		assert.True(t, s.State == live.FailedToConnect && s.Final(), "%+v", s)
		w.name.Set("grace")
		assert.ErrorIs(t, w.recvBreak(ws), live.ErrReplaced)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
	})
}

// A value whose encoding panics is the caller's affair, also where that is a goroutine of the socket's.
func TestSocket_Post_panics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ep := &tandem.Endpoint[person, bomb, string]{Path: w.ep.Path, Codec: w.ep.Codec}
		ws := live.Use(w.scope, ep, func(*signals.Reader) person { return person{"ada"} },
			&live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		assert.NoError(t, ws.Connect(t.Context()))
		assert.True(t, <-ws.Post(bomb{}) != nil)
		assert.Equal(t, ws.Status().Peek().State, live.Open)
	})
}

// A message whose decoding panics ends the conversation.
func TestUse_decodingPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ep := &tandem.Endpoint[person, string, bomb]{Path: w.ep.Path, Codec: w.ep.Codec}
		ws := live.Use(w.scope, ep, func(*signals.Reader) person { return person{"ada"} },
			&live.Options{Base: tandemtest.URL, NoReconnect: true, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		_, err := ws.Recv(t.Context())
		assert.True(t, err != nil)
		assert.Equal(t, ws.Status().Peek().State, live.Closed)
	})
}

// bomb cannot be encoded or decoded without a panic.
type bomb struct{}

func (bomb) MarshalText() ([]byte, error) { panic("boom") }
func (*bomb) UnmarshalText([]byte) error  { panic("boom") }

// In a scope that has ended nothing is dialed.
func TestUse_disposedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.scope.Dispose()
		dialed := false
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				dialed = true
				return nil
			},
		}}})
		assert.ErrorIs(t, ws.Connect(t.Context()), tandem.ErrClosed)
		synctest.Wait()
		assert.True(t, !dialed)
		assert.Equal(t, ws.Status().Peek().State, live.Closed)
	})
}

// Effects that run late, as on the thread of a user interface, do not make a conversation twice.
func TestUse_lateEffects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		due := make(chan func(), 100)
		w.graph = signals.NewGraph(&signals.Options{Scheduler: func(run func()) { due <- run }})
		w.scope = signals.NewScope(w.graph)
		w.name = signals.New(w.graph, "ada")
		ws := live.Use(w.scope, w.ep, func(r *signals.Reader) person { return person{w.name.Get(r)} },
			&live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.name.Set("grace")
		w.proxy.Kill() // the next one has the new name, before the effect has run
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
		for len(due) > 0 {
			(<-due)()
		}
		time.Sleep(time.Minute)
		assert.Equal(t, w.began.Load(), 2)
		assert.Equal(t, ws.Status().Peek().State, live.Open)
		w.name.Set("joan")
		for len(due) > 0 {
			(<-due)()
		}
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO JOAN")
	})
}

// Parameters that change back in time have not changed.
func TestUse_changedBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.name.Set("grace")
		synctest.Wait()
		w.name.Set("ada")
		time.Sleep(time.Minute)
		assert.Equal(t, w.began.Load(), 1)

		w.proxy.Down() // lost, and then it is another matter: what is wanted is what is wanted then
		w.name.Set("grace")
		w.name.Set("ada")
		w.proxy.Up()
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
	})
}

// What was received of an old conversation comes before the next one, however many begin and fail meanwhile.
func TestOptions_Buffer_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Buffer: 1})
		for i := range 3 {
			w.send(ws, fmt.Sprintf("a%d", i))
		}
		time.Sleep(time.Second)
		calls := 0
		ws.OnOpen(func(context.Context, *serverConn) error {
			if calls++; calls == 2 {
				return errors.New("not this one")
			}
			return nil
		})
		time.Sleep(time.Second)
		ws.Restart()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, calls, 3)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "A0")
		assert.Equal(t, w.recvBreak(ws).Generation, 2)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
	})
}

// The final error comes behind all messages, also those that a slow receiver has kept from being read.
func TestOptions_Buffer_finalErrorComesLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Buffer: 1})
		w.send(ws, "a")
		time.Sleep(time.Second)
		why := errors.New("enough")
		ws.Set(nil, why)
		time.Sleep(time.Minute)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "A")
		_, err := ws.Recv(t.Context())
		assert.ErrorIs(t, err, why)
	})
}

// With BreakFirst a slow receiver does not keep the next conversation from beginning.
func TestOptions_BreakFirst_slowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Buffer: 1, BreakFirst: true})
		w.send(ws, "a")
		time.Sleep(time.Second)
		ws.Restart()
		time.Sleep(time.Minute)
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Open && s.Generation == 2, "%+v", s)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "A")
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
	})
}

// Who answers messages while it receives them is not stuck when the connection is lost in the middle of many.
func TestSocket_Listen_sends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Buffer: 1})
		for i := range 5 {
			w.send(ws, fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		w.proxy.Kill()
		time.Sleep(time.Second)
		got := map[string]int{}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			_ = ws.Listen(ctx, func(msg string) {
				if got[msg]++; msg != "ANSWER" {
					for range 10 { // more than fit anywhere on the way
						_ = ws.Send(ctx, "answer")
					}
				}
			})
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Open && s.Generation == 2, "%+v", s)
		assert.Equal(t, got["HELLO ADA"], 2)
		assert.True(t, got["ANSWER"] >= 10, "%v", got)
	})
}

// Connect waits while a session waits for its socket: it is not open then.
func TestSocket_Connect_resuming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &tandem.SessionPolicy{})
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.proxy.Down()
		synctest.Wait()
		assert.ErrorIs(t, ws.Connect(contextOf(t, time.Second)), context.DeadlineExceeded)
		w.proxy.Up()
		assert.NoError(t, ws.Connect(contextOf(t, time.Minute)))
		assert.True(t, ws.IsOpen().Peek())
	})
}

// A conversation that begins behind a gap is greeted as any other, before Send goes on.
func TestUse_session_gapIsGreeted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &tandem.SessionPolicy{Keep: time.Minute})
		ws := w.use(&live.Options{Manual: true, Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{Max: time.Second}}})
		ws.OnOpen(func(ctx context.Context, c *serverConn) error { return c.Send(ctx, "first") })
		ws.Restart()
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "FIRST")
		w.proxy.Down()
		time.Sleep(5 * time.Minute)
		w.proxy.Up()
		assert.Equal(t, w.recvBreak(ws).Generation, 2)
		w.send(ws, "second")
		for _, want := range []string{"HELLO ADA", "FIRST", "SECOND"} {
			assert.Equal(t, w.recv(ws), want)
		}
		synctest.Wait()
		s := ws.Status().Peek()
		assert.Equal(t, s.State, live.Open)
		_, isGap := errors.AsType[*tandem.Gap[string]](s.Err)
		assert.True(t, isGap, "%+v", s)
	})
}

// Of a gap that Send is told of, the receiver hears too, at its place, whether it waits or is slow.
func TestUse_session_gapToldToSend(t *testing.T) {
	for _, buffer := range []int{1, 100} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &tandem.SessionPolicy{Keep: time.Minute, Messages: 4})
			ws := w.use(&live.Options{Buffer: buffer, Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{Max: time.Second}}})
			assert.NoError(t, ws.Connect(t.Context()))
			w.send(ws, "one")
			w.send(ws, "two")
			time.Sleep(time.Second)
			w.proxy.Down()
			time.Sleep(time.Second)
			sent := make(chan error, 10)
			go func() {
				for i := range 10 { // the window holds less
					sent <- ws.Send(t.Context(), fmt.Sprint(i))
				}
			}()
			time.Sleep(time.Minute)
			waiting := 10 - len(sent)
			assert.True(t, waiting > 0)
			time.Sleep(5 * time.Minute)
			w.proxy.Up()
			time.Sleep(5 * time.Minute)
			assert.Equal(t, len(sent), 10, "Send goes on, also while the receiver is slow")
			var got []string
			for len(got) < 3+1+waiting {
				msg, err := ws.Recv(contextOf(t, time.Hour))
				if b, ok := errors.AsType[*live.Break](err); ok {
					assert.Equal(t, b.Generation, 2)
					assert.Equal(t, len(assert.ErrorAs[*tandem.Gap[string]](t, b).Unsent), 10-waiting)
					assert.Equal(t, got, []string{"HELLO ADA", "ONE", "TWO"})
					continue
				}
				assert.NoError(t, err)
				got = append(got, msg)
			}
			assert.Equal(t, got[3], "HELLO ADA")
			assert.Equal(t, got[len(got)-1], "9")
			assert.Equal(t, ws.Status().Peek().Generation, 2)
		})
	}
}

// What the server says when it ends a session decides as it does for a plain connection.
func TestUse_session_closedByTheServer(t *testing.T) {
	for code, again := range map[tandem.Code]bool{1000: false, 1012: true, 4000: true, 4401: false, 4429: true, 4500: false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &tandem.SessionPolicy{})
			ws := w.use(nil)
			assert.Equal(t, w.recv(ws), "HELLO ADA")
			w.send(ws, fmt.Sprintf("close %d", code))
			if again {
				_ = assert.ErrorAs[*tandem.Gap[string]](t, w.recvBreak(ws))
				assert.Equal(t, w.recv(ws), "HELLO ADA")
				return
			}
			_, err := ws.Recv(t.Context())
			assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, code)
			assert.True(t, ws.Status().Peek().Final())
		})
	}
}

// A session that is replaced tells what it had not delivered.
func TestUse_session_replaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &tandem.SessionPolicy{})
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		synctest.Wait()
		w.refuse.Store(&tandem.HandshakeError{Status: 503})
		w.proxy.Kill()
		time.Sleep(time.Second)
		w.send(ws, "waits")
		ws.Restart()
		time.Sleep(time.Minute) // too late for the old one
		w.refuse.Store(nil)
		b := w.recvBreak(ws)
		assert.ErrorIs(t, b, live.ErrReplaced)
		gap := assert.ErrorAs[*tandem.Gap[string]](t, b)
		assert.Equal(t, len(gap.Unsent), 1)
		assert.Equal(t, gap.Unsent[0].Message, "waits")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
	})
}
