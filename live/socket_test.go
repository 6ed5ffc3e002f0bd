//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
)

// OnOpen's function says what each conversation begins with, before anybody else sends.
func TestSocket_OnOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		ws.OnOpen(func(ctx context.Context, c *serverConn) error { return c.Send(ctx, "first") })
		ws.Restart()
		w.send(ws, "second")
		for _, want := range []string{"HELLO ADA", "FIRST", "SECOND"} {
			assert.Equal(t, w.recv(ws), want)
		}
		w.proxy.Kill()
		w.send(ws, "third")
		w.recvBreak(ws)
		for _, want := range []string{"HELLO ADA", "FIRST", "THIRD"} {
			assert.Equal(t, w.recv(ws), want)
		}
		ws.OnOpen(func(ctx context.Context, c *serverConn) error { return c.Send(ctx, "at once") })
		assert.Equal(t, w.recv(ws), "AT ONCE")
	})
}

// Where it fails, another conversation is tried.
func TestSocket_OnOpen_fails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		calls := 0
		ws.OnOpen(func(context.Context, *serverConn) error {
			switch calls++; calls {
			case 1:
				return errors.New("not yet")
			case 2:
				panic("not yet")
			}
			return nil
		})
		ws.Restart()
		assert.NoError(t, ws.Connect(t.Context()))
		assert.Equal(t, calls, 3)
		assert.Equal(t, ws.Status().Peek().Generation, 1)
	})
}

// Post keeps the order, and waits for nothing.
func TestSocket_Post(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		var done []<-chan error
		for i := range 256 {
			done = append(done, ws.Post(fmt.Sprintf("m%d", i)))
		}
		synctest.Wait() // the first is in Send by now
		done = append(done, ws.Post("m256"))
		assert.ErrorIs(t, <-ws.Post("too many"), tandem.ErrQueueFull)
		w.proxy.Up()
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		for i, d := range done {
			assert.NoError(t, <-d)
			assert.Equal(t, w.recv(ws), fmt.Sprintf("M%d", i))
		}
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		assert.ErrorIs(t, <-ws.Post("late"), tandem.ErrClosed)
	})
}

func TestSocket_Send_contextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		assert.ErrorIs(t, ws.Send(contextOf(t, time.Second), "x"), context.DeadlineExceeded)
		assert.ErrorIs(t, ws.Connect(contextOf(t, time.Second)), context.DeadlineExceeded)
		_, err := ws.Recv(contextOf(t, time.Second))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// What cannot be sent is the caller's affair, and no reason to reconnect.
func TestSocket_Send_tooBig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.ep.Limits.MaxClientMessage = 10 // the handler has its own already
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.ErrorIs(t, ws.Send(t.Context(), "0123456789"), tandem.ErrTooBig)
		w.send(ws, "01234567")
		assert.Equal(t, w.recv(ws), "01234567")
		assert.Equal(t, ws.Status().Peek().Generation, 1)
	})
}

func TestSocket_Set(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		c, err := w.ep.Dial(t.Context(), tandemtest.URL, person{"set"}, &tandem.DialOptions{Transport: w.server.Transport()})
		assert.NoError(t, err)
		ws.Set(c, nil)
		assert.ErrorIs(t, w.recvBreak(ws), live.ErrReplaced)
		assert.Equal(t, w.recv(ws), "HELLO SET")
		w.send(ws, "x")
		assert.Equal(t, w.recv(ws), "X")
		synctest.Wait()
		assert.Equal(t, w.going.Load(), 1)

		w.proxy.Kill() // as any other it is replaced, by one with the parameters
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO ADA")

		why := errors.New("no more")
		ws.Set(nil, why)
		_, err = ws.Recv(t.Context())
		assert.ErrorIs(t, err, why)
		s := ws.Status().Peek()
		assert.Equal(t, s.State, live.FailedToConnect)
		assert.ErrorIs(t, s.Err, why)
		assert.True(t, s.Final())
		synctest.Wait()
		assert.Equal(t, w.going.Load(), 0)
	})
}

// Set gives up an attempt that is under way.
func TestSocket_Set_whileItConnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(ctx context.Context, _ int, _ *tandem.DialOptions) error {
				<-ctx.Done()
				return ctx.Err()
			},
		}}})
		synctest.Wait()
		c, err := w.ep.Dial(t.Context(), tandemtest.URL, person{"set"}, &tandem.DialOptions{Transport: w.server.Transport()})
		assert.NoError(t, err)
		ws.Set(c, nil)
		assert.Equal(t, w.recv(ws), "HELLO SET")
		synctest.Wait()
		assert.Equal(t, strings.Fields(w.states()), []string{"Connecting", "Connecting", "Open"})
	})
}

// A socket that is started by hand is closed before.
func TestOptions_Manual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		w.name.Set("grace")
		time.Sleep(time.Hour)
		assert.Equal(t, w.began.Load(), 0)
		assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Closed})
		assert.ErrorIs(t, ws.Send(t.Context(), "x"), tandem.ErrClosed)
		ws.Restart()
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
	})
}

func TestSocket_Close_thenRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.NoError(t, ws.Close(4242, "enough"))
		w.name.Set("grace") // closed is closed
		time.Sleep(time.Hour)
		assert.Equal(t, w.began.Load(), 1)
		ws.Restart()
		b := w.recvBreak(ws)
		assert.Equal(t, b.Generation, 2)
		assert.True(t, b.Cause == nil, "%v", b.Cause)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
	})
}

// Who waits while it is closed hears of it.
func TestSocket_Close_wakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		errs := make(chan error, 3)
		go func() { errs <- ws.Send(t.Context(), "x") }()
		go func() { errs <- ws.Connect(t.Context()) }()
		go func() {
			_, err := ws.Recv(t.Context())
			errs <- err
		}()
		synctest.Wait()
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		for range 3 {
			assert.ErrorIs(t, <-errs, tandem.ErrClosed)
		}
	})
}

// Listen goes on when the socket does, whatever ended it.
func TestSocket_Listen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		ctx, cancel := context.WithCancel(t.Context())
		var got []string
		done := make(chan error, 1)
		go func() { done <- ws.Listen(ctx, func(msg string) { got = append(got, msg) }) }()
		w.send(ws, "bye")
		time.Sleep(time.Minute)
		ws.Restart()
		w.send(ws, "close 4500")
		time.Sleep(time.Minute)
		w.name.Set("grace")
		time.Sleep(time.Minute)
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		time.Sleep(time.Minute)
		ws.Restart()
		w.send(ws, "x")
		time.Sleep(time.Minute)
		cancel()
		assert.ErrorIs(t, <-done, context.Canceled)
		assert.Equal(t, got, []string{"HELLO ADA", "HELLO ADA", "HELLO GRACE", "HELLO GRACE", "X"})

		go func() { done <- ws.Listen(t.Context(), func(string) {}) }()
		synctest.Wait()
		w.scope.Dispose()
		assert.ErrorIs(t, <-done, tandem.ErrClosed)
		assert.ErrorIs(t, ws.Listen(t.Context(), func(string) {}), tandem.ErrClosed)
	})
}

// A normal end by the server ends the loop quietly.
func TestSocket_Messages_normalEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		w.send(ws, "a")
		w.send(ws, "bye")
		var got []string
		for msg, err := range ws.Messages(t.Context()) {
			assert.NoError(t, err)
			got = append(got, msg)
		}
		assert.Equal(t, got, []string{"HELLO ADA", "A"})
		assert.ErrorIs(t, ws.Status().Peek().Err, io.EOF)
	})
}

// A receiver that is slow has the server wait, and loses nothing.
func TestOptions_Buffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Buffer: 3})
		for i := range 20 {
			w.send(ws, strconv.Itoa(i))
		}
		synctest.Wait()
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		synctest.Wait()
		ws.Restart() // what was received of the old conversation is still given, in its place
		synctest.Wait()
		got := 0
		for {
			msg, err := ws.Recv(t.Context())
			if err != nil {
				assert.ErrorIs(t, err, live.ErrReplaced)
				break
			}
			assert.Equal(t, msg, strconv.Itoa(got))
			got++
		}
		assert.Equal(t, got, 4, "three that waited, and one that waited for room")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
	})
}

// In a session a lost socket is no end: the same conversation goes on.
func TestUse_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &tandem.SessionPolicy{})
		ws := w.use(nil)
		w.send(ws, "one")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "ONE")
		synctest.Wait()
		w.proxy.Down()
		synctest.Wait()
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Connecting && s.Resuming && s.Generation == 1, "%+v", s)
		w.send(ws, "two") // goes into the session's window
		w.proxy.Up()
		assert.Equal(t, w.recv(ws), "TWO")
		synctest.Wait()
		assert.Equal(t, w.states(), "Connecting Open Connecting~ Open")
		assert.Equal(t, w.began.Load(), 1)
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
	})
}

// A session that cannot be resumed is a break, with what was not delivered.
func TestUse_session_gap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &tandem.SessionPolicy{Keep: time.Minute})
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{Max: time.Second}}})
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		synctest.Wait()
		w.proxy.Down()
		synctest.Wait()
		w.send(ws, "lost")
		time.Sleep(5 * time.Minute)
		w.proxy.Up()
		b := w.recvBreak(ws)
		assert.Equal(t, b.Generation, 2)
		gap, ok := errors.AsType[*tandem.Gap[string]](b)
		assert.True(t, ok, "%v", b.Cause)
		assert.Equal(t, len(gap.Unsent), 1)
		assert.Equal(t, gap.Unsent[0].Message, "lost")
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, ws.Status().Peek().Generation, 2)
		w.send(ws, "more")
		assert.Equal(t, w.recv(ws), "MORE")
	})
}

// Status is what a page shows, as an effect sees it.
func TestSocket_State(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		var seen []string
		signals.Effect(w.scope, func(r *signals.Reader) { seen = append(seen, ws.State().Get(r).String()) })
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.proxy.Down()
		time.Sleep(time.Minute)
		w.proxy.Up()
		assert.NoError(t, ws.Connect(t.Context()))
		synctest.Wait()
		if seen[0] == "Connecting" { // else it was open before anybody looked
			seen = seen[1:]
		}
		assert.Equal(t, seen[:3], []string{"Open", "Closed", "Connecting"})
		assert.Equal(t, seen[len(seen)-2:], []string{"Connecting", "Open"})
	})
}

// SendVolatile sends at once or not at all.
func TestSocket_SendVolatile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		sent, err := ws.SendVolatile("dropped")
		assert.NoError(t, err)
		assert.Equal(t, sent, false)
		w.proxy.Up()
		assert.NoError(t, ws.Connect(t.Context()))
		sent, err = ws.SendVolatile("sent")
		assert.NoError(t, err)
		assert.Equal(t, sent, true)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "SENT")
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		sent, err = ws.SendVolatile("late")
		assert.NoError(t, err)
		assert.Equal(t, sent, false)
	})
}
