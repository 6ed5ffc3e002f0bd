package wasm_test

import (
	"errors"
	"io"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/wasm"
)

// soonBack comes back without much waiting.
var soonBack = &tandem.DialOptions{Reconnect: &tandem.Reconnect{Min: time.Millisecond, Max: 10 * time.Millisecond}}

// Sockets are cut while messages flow both ways; each arrives once and in order.
func TestSession_cut(t *testing.T) {
	id := newID()
	c := dial(t, wasm.Session, wasm.Ask{ID: id}, soonBack)
	const n, cuts = 600, 3
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if err := c.Send(limited(t), wasm.Note{N: i}); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for i := range n {
		if i%(n/cuts) == n/cuts/2 {
			assert.Equal(t, recv(t, dial(t, wasm.Cut, wasm.Ask{ID: id}, nil)).Text, "cut")
		}
		assert.Equal(t, recv(t, c).N, i)
	}
	assert.NoError(t, <-sent)
	_, err := c.Ping(limited(t))
	assert.NoError(t, err, "a session has pings of its own")
	info := c.Session().Info()
	assert.True(t, info.Up && info.Resumes > 0, "%+v", info)
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))
}

// While nobody receives or sends, a lost socket is replaced too.
func TestSession_idle(t *testing.T) {
	id := newID()
	c := dial(t, wasm.Session, wasm.Ask{ID: id}, soonBack)
	assert.NoError(t, c.Send(limited(t), wasm.Note{N: 1}))
	assert.Equal(t, recv(t, c).N, 1)
	assert.Equal(t, recv(t, dial(t, wasm.Cut, wasm.Ask{ID: id}, nil)).Text, "cut")
	for info := range c.Session().Watch(limited(t)) {
		if info.Resumes == 1 && info.Up {
			break
		}
	}
	assert.NoError(t, c.Send(limited(t), wasm.Note{N: 2}))
	assert.Equal(t, recv(t, c).N, 2)
}

// What the server has sent before it ended the session arrives, also when it is not received at once.
func TestSession_serverEnds(t *testing.T) {
	c := dial(t, wasm.Session, wasm.Ask{ID: newID()}, soonBack)
	assert.NoError(t, c.Send(limited(t), wasm.Note{Text: "end"}))
	got := 0
	for n, err := range c.Messages(limited(t)) {
		assert.NoError(t, err)
		got++
		assert.Equal(t, n.N, got)
	}
	assert.Equal(t, got, 100)
	_, err := c.Recv(limited(t))
	assert.ErrorIs(t, err, io.EOF)
}

func TestSession_credential(t *testing.T) {
	c := dial(t, wasm.Private, wasm.Ask{}, &tandem.DialOptions{Credential: "token of ada"})
	assert.Equal(t, recv(t, c), "hello ada")
	assert.NoError(t, c.Session().Authenticate(limited(t), "token of ada"))
	err := c.Session().Authenticate(limited(t), "token of bob")
	assert.Equal(t, assert.ErrorAs[*tandem.CredentialError](t, err).Reason, "denied")
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))

	_, err = wasm.Private.Dial(limited(t), base(t), wasm.Ask{}, &tandem.DialOptions{Credential: "what?"})
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeForbidden)
}

func TestDialOptions_Plain(t *testing.T) {
	c := dial(t, wasm.Session, wasm.Ask{ID: newID()}, &tandem.DialOptions{Plain: true})
	assert.True(t, c.Session() == nil)
	assert.NoError(t, c.Send(limited(t), wasm.Note{N: 1}))
	assert.Equal(t, recv(t, c).N, 1)
}

// A page is left, and comes back from the browser's memory: the driver does both as soon as the page says so.
func TestPage_left(t *testing.T) {
	plain := dial(t, wasm.Listens, wasm.Ask{ID: wasm.LeavingID}, nil)
	session := dial(t, wasm.Session, wasm.Ask{ID: newID()}, soonBack)
	assert.NoError(t, session.Send(limited(t), wasm.Note{N: 1}))
	assert.Equal(t, recv(t, session).N, 1)

	js.Global().Set("mayLeave", true)
	_, err := plain.Recv(limited(t))
	assert.ErrorIs(t, err, tandem.ErrLost)
	assert.True(t, !errors.Is(err, io.EOF))
	assert.Equal(t, verdict(t, wasm.LeavingID), wasm.Seen{Code: 1000, Normal: true})

	assert.NoError(t, session.Send(limited(t), wasm.Note{N: 2}))
	assert.Equal(t, recv(t, session).N, 2)
	assert.Equal(t, session.Session().Info().Resumes, 1)
}
