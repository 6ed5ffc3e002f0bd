// Package gorilla is a server on gorilla/websocket, used as well as it can be: NextReader into a buffer that is used
// again, prepared messages for broadcast.
package gorilla

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "gorilla", About: "gorilla/websocket, NextReader into a reused buffer", Echo: echo, Fanout: newFanout}

var upgrader websocket.Upgrader

func echo(app rival.App) http.Handler {
	answers, op := app.Answers(), int(app.Op())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close() //nolint:errcheck // the peer has closed by then
		answer := answers()
		var in bytes.Buffer
		var out []byte
		for {
			kind, src, err := c.NextReader()
			if err != nil {
				return
			}
			in.Reset()
			if _, err := in.ReadFrom(src); err != nil {
				return
			}
			if answer == nil {
				if err := c.WriteMessage(kind, in.Bytes()); err != nil {
					return
				}
				continue
			}
			if out, err = answer(out[:0], in.Bytes()); err != nil {
				return
			}
			if err := c.WriteMessage(op, out); err != nil {
				return
			}
		}
	})
}

type fanout struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]struct{}
}

func newFanout() rival.Fanout { return &fanout{conns: map[*websocket.Conn]struct{}{}} }

func (f *fanout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, nil)
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
		_ = c.Close() // the peer has closed
	}()
	for {
		if _, _, err := c.NextReader(); err != nil {
			return
		}
	}
}

func (f *fanout) Publish(payload []byte, times int) {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		for c := range f.conns {
			_ = c.WritePreparedMessage(m) // a peer that has left is removed by its reader
		}
	}
}
