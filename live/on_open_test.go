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
)

// A function that waits for its context does not keep the socket from being closed, replaced or disposed.
func TestSocket_OnOpen_neverReturns(t *testing.T) {
	for name, leave := range map[string]func(*world, *socket){
		"close":   func(_ *world, ws *socket) { _ = ws.Close(tandem.CodeNormal, "") },
		"dispose": func(w *world, _ *socket) { w.scope.Dispose() },
		"restart": func(_ *world, ws *socket) { ws.OnOpen(nil); ws.Restart() },
		"again":   func(_ *world, ws *socket) { _ = ws.Close(tandem.CodeNormal, ""); ws.OnOpen(nil); ws.Restart() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				ws := w.use(&live.Options{Manual: true})
				ended := false
				ws.OnOpen(func(ctx context.Context, _ *serverConn) error {
					<-ctx.Done()
					ended = true
					return ctx.Err()
				})
				ws.Restart()
				synctest.Wait()
				assert.Equal(t, ws.Status().Peek().State, live.Connecting)
				leave(w, ws)
				if name == "restart" || name == "again" {
					assert.Equal(t, w.recv(ws), "HELLO ADA")
					assert.Equal(t, ws.Status().Peek().Generation, 1)
				}
				synctest.Wait()
				assert.True(t, ended)
				assert.True(t, w.going.Load() <= 1)
			})
		})
	}
}

// Nor does one that waits for something else, which nobody can end.
func TestSocket_OnOpen_stuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		forever := make(chan struct{})
		ws.OnOpen(func(context.Context, *serverConn) error {
			<-forever
			return nil
		})
		ws.Restart()
		synctest.Wait()
		assert.NoError(t, ws.Close(tandem.CodeNormal, ""))
		ws.OnOpen(nil)
		ws.Restart()
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		close(forever)
		w.send(ws, "x")
		assert.Equal(t, w.recv(ws), "X", "and no break for what never began")
	})
}

// A function that is given while a conversation begins is called for that, once.
func TestSocket_OnOpen_whileItOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(&live.Options{Manual: true})
		goOn := make(chan struct{})
		ws.OnOpen(func(context.Context, *serverConn) error {
			<-goOn
			return nil
		})
		ws.Restart()
		synctest.Wait()
		ws.OnOpen(func(ctx context.Context, c *serverConn) error { return c.Send(ctx, "late") })
		synctest.Wait()
		close(goOn)
		assert.Equal(t, w.recv(ws), "HELLO ADA")
		assert.Equal(t, w.recv(ws), "LATE")
		w.send(ws, "x")
		assert.Equal(t, w.recv(ws), "X")
	})
}

// Where a function fails that was given while it is open, the status says so, in a session too, and another is tried.
func TestSocket_OnOpen_failsWhileOpen(t *testing.T) {
	for _, policy := range []*tandem.SessionPolicy{nil, {}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, policy)
			ws := w.use(nil)
			assert.Equal(t, w.recv(ws), "HELLO ADA")
			why := errors.New("no")
			ws.OnOpen(func(context.Context, *serverConn) error { return why })
			synctest.Wait()
			s := ws.Status().Peek()
			assert.ErrorIs(t, s.Err, why)
			assert.True(t, !s.Final(), "%+v", s)
			ws.OnOpen(nil)
			assert.NoError(t, ws.Connect(contextOf(t, time.Minute)))
			assert.ErrorIs(t, w.recvBreak(ws).Cause, why)
			assert.Equal(t, w.recv(ws), "HELLO ADA")
		})
	}
}

// The old conversation is not said to be open while the function of the next one runs: it is not.
func TestSocket_OnOpen_previousIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ws := w.use(nil)
		assert.NoError(t, ws.Connect(t.Context()))
		synctest.Wait()
		ws.OnOpen(func(ctx context.Context, _ *serverConn) error {
			time.Sleep(time.Second)
			return nil
		})
		time.Sleep(2 * time.Second)
		w.name.Set("grace")
		time.Sleep(500 * time.Millisecond)
		s := ws.Status().Peek()
		assert.True(t, s.State == live.Connecting && !s.Previous, "%+v", s)
		assert.Equal(t, w.going.Load(), 1)
		ws.Restart() // the one that begins is not open either
		synctest.Wait()
		s = ws.Status().Peek()
		assert.True(t, !s.Previous, "%+v", s)
		time.Sleep(time.Minute)
		assert.Equal(t, ws.Status().Peek().State, live.Open)
		assert.Equal(t, ws.Status().Peek().Generation, 2)
	})
}
