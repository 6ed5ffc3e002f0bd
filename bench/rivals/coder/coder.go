// Package coder is a server on coder/websocket in three ways: with Read and a background context, with Reader and a
// reused buffer, and with Read and a context that can be cancelled, which is what most programs have.
package coder

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"github.com/coder/websocket"

	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// The servers.
var (
	Rival  = rival.Rival{Name: "coder", About: "coder/websocket, Read, context.Background", Echo: echo(false, false), Fanout: newFanout}
	Reuse  = rival.Rival{Name: "coder-reuse", About: "coder/websocket, Reader into a reused buffer, context.Background", Echo: echo(false, true)}
	Cancel = rival.Rival{Name: "coder-cancel", About: "coder/websocket, Read, a context that can be cancelled", Echo: echo(true, false)}
)

func echo(cancelable, reuse bool) func(app rival.App) http.Handler {
	return func(app rival.App) http.Handler {
		answers, op := app.Answers(), websocket.MessageType(app.Op())
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer c.CloseNow() //nolint:errcheck // the peer has closed by then
			c.SetReadLimit(rival.MaxMessage)
			ctx := context.Background()
			if cancelable {
				var cancel context.CancelFunc
				ctx, cancel = context.WithCancel(ctx)
				defer cancel()
			}
			answer := answers()
			var in bytes.Buffer
			var out []byte
			for {
				kind, message, err := read(ctx, c, &in, reuse)
				if err != nil {
					return
				}
				if answer != nil {
					if out, err = answer(out[:0], message); err != nil {
						return
					}
					kind, message = op, out
				}
				if err := c.Write(ctx, kind, message); err != nil {
					return
				}
			}
		})
	}
}

func read(ctx context.Context, c *websocket.Conn, buf *bytes.Buffer, reuse bool) (websocket.MessageType, []byte, error) {
	if !reuse {
		return c.Read(ctx)
	}
	kind, r, err := c.Reader(ctx)
	if err != nil {
		return 0, nil, err
	}
	buf.Reset()
	_, err = buf.ReadFrom(r)
	return kind, buf.Bytes(), err
}

type fanout struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]struct{}
}

func newFanout() rival.Fanout { return &fanout{conns: map[*websocket.Conn]struct{}{}} }

func (f *fanout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.conns[c] = struct{}{}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
		c.CloseNow() //nolint:errcheck // the peer has closed by then
	}()
	for {
		if _, _, err := c.Reader(context.Background()); err != nil {
			return
		}
	}
}

func (f *fanout) Publish(payload []byte, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		for c := range f.conns {
			_ = c.Write(context.Background(), websocket.MessageText, payload) // a peer that has left is removed by its reader
		}
	}
}
