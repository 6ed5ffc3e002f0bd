//go:build !js

package live_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
)

func TestUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		w.send(ws, "hi") // waits until it is open
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "HI")
		assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Open, Generation: 1, Attempt: 1})
		assert.True(t, ws.IsOpen().Peek())
		assert.NoError(t, ws.Close(tandem.CodeNormal, "done"))
		assert.Equal(t, w.states(), "Connecting Open Closing Closed")
		assert.True(t, ws.Status().Peek().Final())
		_, err := ws.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrClosed)
		assert.ErrorIs(t, ws.Send(t.Context(), "late"), tandem.ErrClosed)
		for range ws.Messages(t.Context()) {
			t.Error("a message on a closed socket")
		}
	})
}

// Parameters that change are another conversation: the old one goes on until the next is open.
func TestUse_changedParameters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.name.Set("ada") // no change
		w.name.Set("grace")
		b := w.recvBreak(ws)
		assert.Equal(t, b.Generation, 2)
		assert.ErrorIs(t, b, live.ErrReplaced)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
		synctest.Wait()
		assert.Equal(t, w.states(), "Connecting Open Connecting* Open")
		assert.Equal(t, w.going.Load(), int64(1))
	})
}

// Several changes within Options.Settle are one.
func TestUse_changesAreCoalesced(t *testing.T) {
	for _, row := range []struct {
		settle, pause time.Duration
		conversations int64
	}{
		{0, 20 * time.Millisecond, 2},
		{0, 80 * time.Millisecond, 5},
		{time.Second, 80 * time.Millisecond, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			ws := w.use(&live.Options{Settle: row.settle})
			assert.NoError(t, ws.Connect(t.Context()))
			for _, name := range []string{"g", "gr", "gra", "grace"} {
				w.name.Set(name)
				time.Sleep(row.pause)
			}
			time.Sleep(time.Minute)
			assert.Equal(t, w.began.Load(), row.conversations, row.settle, row.pause)
			w.send(ws, "x")
			var last string
			for msg, err := range ws.Messages(t.Context()) {
				assert.NoError(t, err)
				if msg == "X" {
					break
				}
				last = msg
			}
			assert.Equal(t, last, "HELLO GRACE")
		})
	}
}

func TestOptions_Settle_negative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Settle: -1})
		assert.NoError(t, ws.Connect(t.Context()))
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		began := time.Now()
		w.name.Set("grace")
		w.recvBreak(ws)
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
		assert.Equal(t, time.Since(began), 0)
	})
}

// With BreakFirst the next attempt is made when the old conversation has been closed.
func TestOptions_BreakFirst(t *testing.T) {
	for _, first := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			ws := w.use(&live.Options{BreakFirst: first})
			assert.Equal(t, w.recv(ws), "HELLO ADA")
			w.name.Set("grace")
			assert.ErrorIs(t, w.recvBreak(ws), live.ErrReplaced)
			assert.Equal(t, w.recv(ws), "HELLO GRACE")
			want := map[bool]string{false: "Connecting Open Connecting* Open", true: "Connecting Open Closing Connecting Open"}
			assert.Equal(t, w.states(), want[first])
		})
	}
}

// A connection that was lost is replaced, and the loop goes on.
func TestUse_lost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		var got []string
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			for msg, err := range ws.Messages(ctx) {
				if err != nil {
					done <- err
					return
				}
				got = append(got, msg)
			}
			done <- nil
		}()
		w.send(ws, "one")
		synctest.Wait()
		w.proxy.Kill()
		synctest.Wait()
		s := ws.Status().Peek()
		assert.Equal(t, s.State, live.Closed)
		assert.ErrorIs(t, s.Err, tandem.ErrLost)
		assert.True(t, !s.RetryAt.IsZero() && !s.Final(), "%+v", s)
		w.send(ws, "two")
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, <-done, context.Canceled)
		assert.Equal(t, got, []string{"HELLO ADA", "ONE", "HELLO ADA", "TWO"})
		assert.Equal(t, w.states(), "Connecting Open Closed Connecting Open")
		assert.Equal(t, ws.Status().Peek().Generation, 2)
	})
}

// While there is no server it tries again and again, later and later.
func TestUse_serverAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		time.Sleep(10 * time.Minute)
		s := ws.Status().Peek()
		assert.True(t, s.Attempt > 20 && s.Attempt < 100, "%+v", s)
		assert.True(t, s.Err != nil, "%+v", s)
		w.proxy.Up()
		began := time.Now()
		assert.NoError(t, ws.Connect(t.Context()))
		assert.True(t, time.Since(began) <= 30*time.Second, time.Since(began))
		assert.Equal(t, ws.Status().Peek().Generation, 1)
	})
}

func TestOptions_NoReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{NoReconnect: true})
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		w.proxy.Kill()
		_, err := ws.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrLost)
		assert.ErrorIs(t, ws.Connect(t.Context()), tandem.ErrLost)
		assert.True(t, ws.Status().Peek().Final())
		w.name.Set("grace") // that is another matter
		synctest.Wait()
		assert.NoError(t, ws.Connect(contextOf(t, time.Minute)))
	})
}

func contextOf(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// What the server says decides whether another attempt is made.
func TestUse_closedByTheServer(t *testing.T) {
	for code, again := range map[tandem.Code]bool{
		1000: false, 1001: true, 1008: false, 1011: true, 1012: true, 1013: true,
		3000: false, 3003: false, 4000: true, 4399: true, 4401: false, 4429: true, 4500: false,
	} {
		t.Run(strconv.Itoa(int(code)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				ws := w.use(nil)
				assert.Equal(t, w.recv(ws), "HELLO ADA")
				w.send(ws, "close "+strconv.Itoa(int(code)))
				if again {
					b := w.recvBreak(ws)
					assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, b).Code, code)
					assert.Equal(t, w.recv(ws), "HELLO ADA")
					return
				}
				_, err := ws.Recv(t.Context())
				ce := assert.ErrorAs[*tandem.CloseError](t, err)
				assert.Equal(t, ce.Code, code)
				assert.Equal(t, ce.Reason, "as you wish")
				assert.Equal(t, errors.Is(err, io.EOF), code == 1000)
				got, reason := ws.Status().Peek().Code()
				assert.Equal(t, got, code)
				assert.Equal(t, reason, "as you wish")
				assert.True(t, ws.Status().Peek().Final())
				time.Sleep(time.Hour)
				assert.Equal(t, w.began.Load(), 1)

				ws.Restart() // works all the same
				assert.Equal(t, w.recvBreak(ws).Generation, 2)
				assert.Equal(t, w.recv(ws), "HELLO ADA")
			})
		})
	}
}

// A refusal is shown, and retried or not as its status says.
func TestUse_refused(t *testing.T) {
	for status, again := range map[int]bool{400: false, 401: false, 403: false, 404: false, 408: true, 425: true, 429: true, 500: true, 503: true} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.refuse.Store(&tandem.HandshakeError{Status: status, Message: "no", Header: http.Header{"Retry-After": {"120"}}})
				ws := w.use(nil)
				began := time.Now()
				synctest.Wait()
				s := ws.Status().Peek()
				assert.Equal(t, s.State, live.FailedToConnect)
				assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, s.Err).Status, status)
				assert.Equal(t, s.Final(), !again)
				w.refuse.Store(nil)
				err := ws.Connect(contextOf(t, time.Hour))
				if !again {
					assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, status)
					return
				}
				assert.NoError(t, err)
				took := time.Since(began)
				assert.True(t, took >= 2*time.Minute && took < 3*time.Minute, "Retry-After is waited for: %v", took)
			})
		})
	}
}

// A message that does not decode ends the conversation with an error that tells, and is not tried again.
func TestUse_undecodable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		number := &tandem.Endpoint[person, string, int]{Path: "/shout?name", Codec: w.ep.Codec}
		ws := live.Use(w.scope, number, func(*signals.Reader) person { return person{"ada"} },
			&live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: w.server.Transport()}})
		_, err := ws.Recv(t.Context())
		_, ok := errors.AsType[*tandem.DecodeError](err)
		assert.True(t, ok, "%v", err)
		time.Sleep(time.Hour)
		assert.Equal(t, w.began.Load(), 1)
		assert.ErrorIs(t, ws.Status().Peek().Err, err)
	})
}

// Each attempt has fresh options, and the parameters as they are then.
func TestUse_freshForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		var attempts []int
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Min: time.Minute, Max: time.Minute,
			Prepare: func(_ context.Context, attempt int, o *tandem.DialOptions) error {
				attempts = append(attempts, attempt)
				if o.Header["Attempt"] != nil {
					t.Error("the options of the attempt before")
				}
				o.Header["Attempt"] = []string{strconv.Itoa(attempt)}
				if attempt == 1 {
					panic("no credential")
				}
				return nil
			},
		}}})
		synctest.Wait()
		for s := ws.Status().Peek(); s.Attempt < 2 || s.State != live.FailedToConnect; s = ws.Status().Peek() {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		w.proxy.Up()
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		for i, attempt := range attempts {
			assert.Equal(t, attempt, i)
		}
		w.history.Lock()
		defer w.history.Unlock()
		assert.True(t, slices.ContainsFunc(w.history.all, func(s live.Status) bool {
			_, panicked := errors.AsType[*signals.PanicError](s.Err)
			return panicked && s.State == live.FailedToConnect && s.Attempt == 2
		}), "the panic is shown: %+v", w.history.all)
	})
}

// An attempt under way is given up when the parameters change.
func TestUse_changedDuringAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		prepared := 0
		ws := w.use(&live.Options{Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Prepare: func(ctx context.Context, _ int, _ *tandem.DialOptions) error {
				if prepared++; prepared == 1 {
					<-ctx.Done() // takes for ever
				}
				return ctx.Err()
			},
		}}})
		synctest.Wait()
		w.name.Set("grace")
		assert.Equal(t, w.recv(ws), "HELLO GRACE")
		assert.Equal(t, w.began.Load(), 1)
		assert.Equal(t, ws.Status().Peek().Generation, 1)
	})
}

// Disposing the scope ends everything in order: the server sees a normal end.
func TestUse_disposed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		waits := make(chan error)
		go func() {
			_, err := ws.Recv(t.Context())
			waits <- err
		}()
		synctest.Wait()
		w.scope.Dispose()
		assert.ErrorIs(t, <-waits, tandem.ErrClosed)
		synctest.Wait()
		assert.Equal(t, w.going.Load(), 0)
		ws.Restart()
		ws.Set(nil, io.EOF)
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		assert.ErrorIs(t, ws.Connect(t.Context()), tandem.ErrClosed)
		assert.ErrorIs(t, <-ws.Post("late"), tandem.ErrClosed)
		assert.Equal(t, w.began.Load(), 1)
	})
}

func TestUse_disposedWhileItConnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.proxy.Down()
		ws := w.use(nil)
		synctest.Wait()
		w.scope.Dispose()
		assert.ErrorIs(t, ws.Connect(t.Context()), tandem.ErrClosed)
	})
}
