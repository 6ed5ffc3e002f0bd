package tandem_test

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// world is a server with sessions in memory, and the network before it. It belongs to a synctest bubble.
type world struct {
	t    *testing.T
	hub  *tandem.Hub
	net  *fault.Proxy
	lis  *mempipe.Listener
	http *http.Server
}

// newWorld serves h until the test ends. Its sessions end with the hub.
func newWorld(t *testing.T, hub *tandem.Hub, pattern string, h http.Handler) *world {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(pattern, h)
	w := &world{t: t, hub: hub, net: fault.New(nil), lis: mempipe.Listen(), http: tandem.NewServer("", mux)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.http.Serve(w.lis) // http.ErrServerClosed
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		assert.NoError(t, w.hub.Shutdown(ctx))
		_ = w.http.Close()
		_ = w.net.Close()
		<-done
	})
	return w
}

// transport connects clients through the faulty network.
func (w *world) transport() tandem.Transport {
	return tandem.HTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: w.net.Listen(w.lis.Dial).DialContext, DisableKeepAlives: true,
	}})
}

// raw is a peer of the test's own.
func (w *world) raw() *rawPeer {
	w.t.Helper()
	conn, err := w.lis.Dial(w.t.Context())
	assert.NoError(w.t, err)
	return newPeer(w.t, conn, false)
}

// lasting is the text endpoint with sessions.
func lasting(p tandem.SessionPolicy, l tandem.Limits) *textEndpoint {
	return &textEndpoint{Path: "/text", Codec: json.Codec, Session: &p, Limits: l}
}

// serveLasting serves an endpoint in a world of its own.
func serveLasting(t *testing.T, e *textEndpoint, h textHandler, o *tandem.ServeOptions) *world {
	t.Helper()
	var so tandem.ServeOptions
	if o != nil {
		so = *o
	}
	if so.Hub == nil {
		so.Hub = tandem.NewHub(nil)
	}
	pattern, handler := e.Handler(h, &so)
	return newWorld(t, so.Hub, pattern, handler)
}

// dial connects a client that comes back at once.
func (w *world) dial(e *textEndpoint, o *tandem.DialOptions) *textConn {
	w.t.Helper()
	var do tandem.DialOptions
	if o != nil {
		do = *o
	}
	if do.Reconnect == nil {
		do.Reconnect = atOnce
	}
	do.Transport = w.transport()
	c, err := e.Dial(w.t.Context(), "http://tandem.test", struct{}{}, &do)
	assert.NoError(w.t, err)
	w.t.Cleanup(c.CloseNow)
	return c
}

// sessionPeer is a client that speaks frames of spec/session.md by itself, in JSON.
type sessionPeer struct {
	*rawPeer
	welcome welcome
}

type welcome struct {
	SID     string `json:"sid"`
	Key     string `json:"key"`
	Resumed bool   `json:"resumed"`
	Why     string `json:"why"`
	RX      uint64 `json:"rx"`
	Epoch   string `json:"epoch"`
}

// greet says hello and reads welcome. hello is a map in JSON.
func (w *world) greet(hello string, lines ...string) *sessionPeer {
	w.t.Helper()
	p := &sessionPeer{rawPeer: w.raw().upgrade("/text", append(lines, "Sec-WebSocket-Protocol: tandem.v1.json")...)}
	p.send(textFrame("[7,0," + hello + "]"))
	p.readWelcome()
	return p
}

func (p *sessionPeer) readWelcome() {
	p.t.Helper()
	f, err := p.skipPings()
	assert.NoError(p.t, err)
	var frame [3]stdjson.RawMessage
	assert.NoError(p.t, stdjson.Unmarshal(f.payload, &frame), excerpt(f.payload))
	assert.Equal(p.t, string(frame[0]), "8", excerpt(f.payload))
	assert.NoError(p.t, stdjson.Unmarshal(frame[2], &p.welcome))
}

// ack answers welcome.
func (p *sessionPeer) ack(rx int) {
	p.t.Helper()
	p.send(textFrame(fmt.Sprintf(`[2,0,{"rx":%d}]`, rx)))
}

// again is the hello that resumes the session.
func (p *sessionPeer) again(try, rx int) string {
	return fmt.Sprintf(`{"v":1,"sid":%q,"key":%q,"try":%d,"rx":%d,"epoch":%q}`, p.welcome.SID, p.welcome.Key, try, rx, p.welcome.Epoch)
}

// msg sends a message.
func (p *sessionPeer) msg(seq int, text string) {
	p.t.Helper()
	p.send(textFrame(fmt.Sprintf("[0,%d,%q]", seq, text)))
}

// next reads the next frame that is neither ping nor ack.
func (p *sessionPeer) next() string {
	p.t.Helper()
	for {
		f, err := p.skipPings()
		assert.NoError(p.t, err)
		if f.op == opClose {
			p.t.Fatalf("got a Close frame: % x", f.payload)
		}
		if len(f.payload) < 3 || string(f.payload[:3]) != "[2," {
			return string(f.payload)
		}
	}
}

// expectEndOfSession is expectClose behind a last acknowledgement.
func (p *sessionPeer) expectEndOfSession(code int) {
	p.t.Helper()
	head, err := p.r.Peek(4)
	if assert.NoError(p.t, err); head[0]&0xf == opText && string(head[2:]) == "[2" {
		_, err = p.receive()
		assert.NoError(p.t, err)
	}
	p.expectClose(code)
}
