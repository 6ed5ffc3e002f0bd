package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/wasm"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

type noteSocket = live.Socket[wasm.Note, wasm.Note]

// use uses an endpoint, with what ask asks.
func use(t *testing.T, e *tandem.Endpoint[wasm.Ask, wasm.Note, wasm.Note], ask func(r *signals.Reader) wasm.Ask) *noteSocket {
	t.Helper()
	scope := signals.NewScope(signals.NewGraph(nil))
	return useIn(t, scope, e, ask)
}

func useIn(t *testing.T, scope *signals.Scope, e *tandem.Endpoint[wasm.Ask, wasm.Note, wasm.Note], ask func(r *signals.Reader) wasm.Ask) *noteSocket {
	t.Helper()
	ws := live.Use(scope, e, ask, &live.Options{Base: base(t)})
	t.Cleanup(func() {
		_ = ws.Close(tandem.CodeNormal, "")
		scope.Dispose()
	})
	return ws
}

func next(t *testing.T, ws *noteSocket) wasm.Note {
	t.Helper()
	n, err := ws.Recv(limited(t))
	assert.NoError(t, err)
	return n
}

// until waits until the status is as it should be.
func until(t *testing.T, ws *noteSocket, what string, is func(live.Status) bool) live.Status {
	t.Helper()
	var last live.Status
	for last = range signals.Changes(limited(t), ws.Status()) {
		if is(last) {
			return last
		}
	}
	t.Fatalf("not %s: %+v", what, last)
	return last
}

func TestLive(t *testing.T) {
	ws := use(t, wasm.EchoCBOR, nil)
	for i := range 100 {
		ws.Post(wasm.Note{N: i, Text: "grüße"})
	}
	for i := range 100 {
		assert.Equal(t, next(t, ws).N, i)
	}
	assert.Equal(t, ws.Status().Peek(), live.Status{State: live.Open, Generation: 1, Attempt: 1})
	assert.NoError(t, ws.Close(tandem.CodeNormal, "done"))
	assert.Equal(t, ws.Status().Peek().State, live.Closed)
	assert.ErrorIs(t, ws.Send(limited(t), wasm.Note{}), tandem.ErrClosed)
	ws.Restart()
	assert.NoError(t, ws.Send(limited(t), wasm.Note{N: 7}))
	_, err := ws.Recv(limited(t))
	_, begins := errors.AsType[*live.Break](err)
	assert.True(t, begins, "%v", err)
	assert.Equal(t, next(t, ws).N, 7)
}

// What the server says decides whether another conversation is tried.
func TestLive_closedByTheServer(t *testing.T) {
	for code, again := range map[tandem.Code]bool{1000: false, 1001: true, 1012: true, 4001: true, 4500: false} {
		t.Run(fmt.Sprint(int(code)), func(t *testing.T) {
			ws := use(t, wasm.Closes, func(*signals.Reader) wasm.Ask { return wasm.Ask{N: 1, Code: int(code), Reason: "so"} })
			assert.Equal(t, next(t, ws).N, 1)
			s := until(t, ws, "closed", func(s live.Status) bool { return s.State == live.Closed })
			got, reason := s.Code()
			if code == tandem.CodeNormal && got == 0 { // a normal end of a handler has no reason to give
				got = code
			}
			assert.Equal(t, got, code)
			assert.True(t, reason == "so" || code == tandem.CodeNormal, reason)
			assert.Equal(t, !s.Final(), again)
			if again {
				until(t, ws, "another one", func(s live.Status) bool { return s.Generation == 2 })
			}
		})
	}
}

// A connection that is dropped is replaced.
func TestLive_lost(t *testing.T) {
	ws := use(t, wasm.Closes, func(*signals.Reader) wasm.Ask { return wasm.Ask{N: 1, Code: 1006} })
	assert.Equal(t, next(t, ws).N, 1)
	assert.NoError(t, ws.Send(limited(t), wasm.Note{})) // upon which the server drops it
	_, err := ws.Recv(limited(t))
	b, ok := errors.AsType[*live.Break](err)
	assert.True(t, ok && b.Generation == 2, "%v", err)
	assert.ErrorIs(t, b, tandem.ErrLost)
	assert.Equal(t, next(t, ws).N, 1)
}

// Parameters that change are another conversation.
func TestLive_changedParameters(t *testing.T) {
	g := signals.NewGraph(nil)
	n := signals.New(g, 2)
	ws := useIn(t, signals.NewScope(g), wasm.Burst, func(r *signals.Reader) wasm.Ask { return wasm.Ask{N: n.Get(r), Size: 10} })
	for i := range 2 {
		assert.Equal(t, next(t, ws).N, i+1)
	}
	g.Batch(func() {
		n.Set(5)
		n.Set(3)
	})
	_, err := ws.Recv(limited(t))
	assert.ErrorIs(t, err, live.ErrReplaced)
	for i := range 3 {
		assert.Equal(t, next(t, ws).N, i+1)
	}
	assert.Equal(t, ws.Status().Peek().Generation, 2)
}

// In a session a cut connection is no end.
func TestLive_session(t *testing.T) {
	id := newID()
	ws := use(t, wasm.Session, func(*signals.Reader) wasm.Ask { return wasm.Ask{ID: id} })
	assert.NoError(t, ws.Send(limited(t), wasm.Note{N: 1}))
	assert.Equal(t, next(t, ws).N, 1)
	resumed := make(chan struct{})
	go func() {
		defer close(resumed)
		lost := false
		for s := range signals.Changes(context.WithoutCancel(t.Context()), ws.Status()) {
			lost = lost || s.Resuming
			if lost && s.State == live.Open {
				return
			}
		}
	}()
	cut := dial(t, wasm.Cut, wasm.Ask{ID: id}, nil)
	recv(t, cut)
	assert.NoError(t, ws.Send(limited(t), wasm.Note{N: 2}))
	assert.Equal(t, next(t, ws).N, 2)
	select {
	case <-resumed:
	case <-limited(t).Done():
		t.Fatalf("no word of it: %+v", ws.Status().Peek())
	}
	assert.Equal(t, ws.Status().Peek().Generation, 1)
}

// A page that hears of no network waits for one; node has neither.
func TestLive_offline(t *testing.T) {
	if !inBrowser() {
		return
	}
	tell := func(event string) {
		js.Global().Call("dispatchEvent", js.Global().Get("Event").New(event))
	}
	ws := use(t, wasm.Closes, func(*signals.Reader) wasm.Ask { return wasm.Ask{N: 1, Code: 1006} })
	assert.Equal(t, next(t, ws).N, 1)
	tell("offline")
	assert.NoError(t, ws.Send(limited(t), wasm.Note{})) // upon which the server drops it
	s := until(t, ws, "offline", func(s live.Status) bool { return s.Offline })
	assert.Equal(t, s.State, live.Closed)
	assert.True(t, !s.Final() && s.RetryAt.IsZero(), "%+v", s)
	generation := s.Generation
	tell("online")
	until(t, ws, "another one", func(s live.Status) bool { return s.Generation > generation })
}

// A session that waits for its next socket does not wait on when there is a network again.
func TestLive_sessionOnline(t *testing.T) {
	if !inBrowser() {
		return
	}
	id := newID()
	scope := signals.NewScope(signals.NewGraph(nil))
	ws := live.Use(scope, wasm.Session, func(*signals.Reader) wasm.Ask { return wasm.Ask{ID: id} }, &live.Options{
		Base: base(t),
		Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{Min: 10 * time.Hour, Max: 10 * time.Hour}},
	})
	t.Cleanup(func() {
		_ = ws.Close(tandem.CodeNormal, "")
		scope.Dispose()
	})
	assert.NoError(t, ws.Send(limited(t), wasm.Note{N: 1}))
	assert.Equal(t, next(t, ws).N, 1)
	recv(t, dial(t, wasm.Cut, wasm.Ask{ID: id}, nil))
	until(t, ws, "resuming", func(s live.Status) bool { return s.Resuming })
	js.Global().Call("dispatchEvent", js.Global().Get("Event").New("online"))
	until(t, ws, "resumed", func(s live.Status) bool { return s.State == live.Open })
	assert.Equal(t, ws.Status().Peek().Generation, 1)
}
