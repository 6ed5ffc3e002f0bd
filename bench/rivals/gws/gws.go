// Package gws is a server on lxzan/gws, which calls back for each message.
package gws

import (
	"net/http"
	"sync"

	"github.com/lxzan/gws"

	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "gws", About: "lxzan/gws, callbacks", Echo: echo, Fanout: newFanout}

var options = &gws.ServerOption{ReadMaxPayloadSize: rival.MaxMessage, WriteMaxPayloadSize: rival.MaxMessage}

func echo(app rival.App) http.Handler {
	h := &handler{app: app, answers: app.Answers(), op: gws.Opcode(app.Op())}
	return upgrade(h)
}

func upgrade(h gws.Event) http.Handler {
	u := gws.NewUpgrader(h, options)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop()
	})
}

type handler struct {
	gws.BuiltinEventHandler
	app     rival.App
	answers func() msg.Answer
	op      gws.Opcode
}

// state is what a connection of a typed echo keeps, found by a session lookup as the callback style has it.
type state struct {
	answer msg.Answer
	out    []byte
}

func (h *handler) OnOpen(c *gws.Conn) {
	if answer := h.answers(); answer != nil {
		c.Session().Store("state", &state{answer: answer})
	}
}

func (h *handler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close() //nolint:errcheck // it gives a buffer back
	if h.app.Raw() {
		_ = c.WriteMessage(m.Opcode, m.Bytes()) // OnClose tells
		return
	}
	v, _ := c.Session().Load("state")
	s := v.(*state)
	var err error
	if s.out, err = s.answer(s.out[:0], m.Bytes()); err != nil {
		_ = c.WriteClose(1007, nil)
		return
	}
	_ = c.WriteMessage(h.op, s.out)
}

type fanout struct {
	gws.BuiltinEventHandler
	http.Handler
	mu    sync.Mutex
	conns map[*gws.Conn]struct{}
}

func newFanout() rival.Fanout {
	f := &fanout{conns: map[*gws.Conn]struct{}{}}
	f.Handler = upgrade(f)
	return f
}

func (f *fanout) OnOpen(c *gws.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns[c] = struct{}{}
}

func (f *fanout) OnClose(c *gws.Conn, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, c)
}

func (f *fanout) Publish(payload []byte, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		b := gws.NewBroadcaster(gws.OpcodeText, payload)
		for c := range f.conns {
			_ = b.Broadcast(c) // OnClose tells
		}
		_ = b.Close()
	}
}
