//go:build !js

package live_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// person is who connects.
type person struct{ Name string }

type (
	socket     = live.Socket[string, string]
	serverConn = tandem.Conn[string, string]
)

// world is a server behind a proxy, and a program that uses it.
type world struct {
	t      *testing.T
	proxy  *fault.Proxy
	server *tandemtest.Server
	graph  *signals.Graph
	scope  *signals.Scope
	name   *signals.Signal[string]
	ep     *tandem.Endpoint[person, string, string]
	mux    *http.ServeMux

	began   atomic.Int64 // conversations that the server had
	going   atomic.Int64 // and has
	refuse  atomic.Pointer[tandem.HandshakeError]
	history struct {
		sync.Mutex
		all []live.Status
	}
	heard struct { // by the server
		sync.Mutex
		times map[string]int
	}
}

// newWorld has a server that greets with the name and answers everything in upper case. "bye" it answers by a normal end,
// "close N" with that code.
func newWorld(t *testing.T, session *tandem.SessionPolicy) *world {
	w := &world{t: t, proxy: fault.New(nil), graph: signals.NewGraph(nil), mux: http.NewServeMux()}
	w.heard.times = map[string]int{}
	t.Cleanup(func() { w.proxy.Close() })
	w.scope = signals.NewScope(w.graph)
	w.name = signals.New(w.graph, "ada")
	w.ep = &tandem.Endpoint[person, string, string]{Path: "/shout?name", Codec: json.Codec}
	if session != nil {
		w.ep.Session = session
	}
	hub := tandem.NewHub(nil)
	w.mux.Handle(w.ep.Handler(w.serve, &tandem.ServeOptions{Hub: hub, Authorize: func(*http.Request) (context.Context, error) {
		if refused := w.refuse.Load(); refused != nil {
			return nil, refused
		}
		return nil, nil
	}}))
	w.server = tandemtest.NewServer(t, w.mux, &tandemtest.Options{Hub: hub, Fault: w.proxy})
	t.Cleanup(func() {
		w.scope.Dispose()
		time.Sleep(time.Minute) // of the fake clock: the sockets see each other off
		synctest.Wait()
	})
	return w
}

func (w *world) serve(ctx context.Context, p person, c *serverConn) error {
	w.began.Add(1)
	w.going.Add(1)
	defer w.going.Add(-1)
	if err := c.Send(ctx, "HELLO "+strings.ToUpper(p.Name)); err != nil {
		return err
	}
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		w.heard.Lock()
		w.heard.times[msg]++
		w.heard.Unlock()
		switch {
		case msg == "bye":
			return nil
		case strings.HasPrefix(msg, "close "):
			var code tandem.Code
			for _, digit := range msg[len("close "):] {
				code = code*10 + tandem.Code(digit-'0')
			}
			return &tandem.CloseError{Code: code, Reason: "as you wish"}
		}
		if err := c.Send(ctx, strings.ToUpper(msg)); err != nil {
			return err
		}
	}
	return nil
}

// heardAll tells how often the server has received each message.
func (w *world) heardAll() map[string]int {
	w.heard.Lock()
	defer w.heard.Unlock()
	return maps.Clone(w.heard.times)
}

// use uses the server, with what o says beside how to reach it.
func (w *world) use(o *live.Options) *socket {
	if o == nil {
		o = &live.Options{}
	}
	o.Base = tandemtest.URL
	if o.Dial == nil {
		o.Dial = &tandem.DialOptions{}
	}
	o.Dial.Transport = w.server.Transport()
	ws := live.Use(w.scope, w.ep, func(r *signals.Reader) person { return person{w.name.Get(r)} }, o)
	signals.Effect(w.scope, func(r *signals.Reader) {
		s := ws.Status().Get(r)
		w.history.Lock()
		defer w.history.Unlock()
		w.history.all = append(w.history.all, s)
	})
	return ws
}

// states are those that the socket has had, in order, each with its generation.
func (w *world) states() string {
	w.history.Lock()
	defer w.history.Unlock()
	var b strings.Builder
	if w.history.all[0].State != live.Connecting { // it was open before anybody looked
		b.WriteString("Connecting ")
	}
	for _, s := range w.history.all {
		b.WriteString(s.State.String())
		if s.Previous {
			b.WriteString("*")
		}
		if s.Resuming {
			b.WriteString("~")
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func (w *world) recv(ws *socket) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
	defer cancel()
	msg, err := ws.Recv(ctx)
	assert.NoError(w.t, err)
	return msg
}

// recvBreak receives where a conversation begins.
func (w *world) recvBreak(ws *socket) *live.Break {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
	defer cancel()
	msg, err := ws.Recv(ctx)
	b, ok := errors.AsType[*live.Break](err)
	assert.True(w.t, ok, "a break instead of %q, %v", msg, err)
	return b
}

func (w *world) send(ws *socket, msg string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
	defer cancel()
	assert.NoError(w.t, ws.Send(ctx, msg))
}
