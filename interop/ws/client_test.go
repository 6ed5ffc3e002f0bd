package ws_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

type (
	serverConn = tandem.Conn[api.ClientEvent, api.ServerEvent]
	handler    = func(context.Context, *serverConn) error
)

// shout is an endpoint that speaks JSON to everybody.
func shout() *tandem.Endpoint[struct{}, api.ClientEvent, api.ServerEvent] {
	return &tandem.Endpoint[struct{}, api.ClientEvent, api.ServerEvent]{Path: "/shout", Codec: json.Codec}
}

// answer answers every text with the same in upper case.
func answer(ctx context.Context, c *serverConn) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, api.Uppercased(strings.ToUpper(string(msg.(api.TextInput))))); err != nil {
			return err
		}
	}
	return nil
}

// receive waits for one message, which does not come, and returns why.
func receive(ctx context.Context, c *serverConn) error {
	_, err := c.Recv(ctx)
	return err
}

// serve serves shout and the example's endpoint, which declares CBOR and accepts JSON. The channel has what the handler
// of the first connection returned.
func serve(t *testing.T, h handler) (base string, returned <-chan error) {
	t.Helper()
	hub := tandem.NewHub(nil)
	ch := make(chan error, 1)
	run := func(ctx context.Context, c *serverConn) error {
		err := h(ctx, c)
		select {
		case ch <- err:
		default:
		}
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(shout().Handler(func(ctx context.Context, _ struct{}, c *serverConn) error { return run(ctx, c) },
		&tandem.ServeOptions{Hub: hub}))
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, p api.Person, c *serverConn) error {
		if err := c.Send(ctx, api.Uppercased(fmt.Sprintf("HELLO %s, %d", strings.ToUpper(p.Name), p.Age))); err != nil {
			return err
		}
		return run(ctx, c)
	}, &tandem.ServeOptions{Hub: hub, Codecs: []tandem.Codec{json.Codec}}))
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, hub.Shutdown(ctx), "shutdown")
		srv.Close()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http"), ch
}

// connect serves shout and connects a client of ws to it.
func connect(t *testing.T, h handler) (p *peer, returned <-chan error) {
	t.Helper()
	install(t)
	base, returned := serve(t, h)
	p = startPeer(t, "client.mjs", base+"/shout")
	p.want(event{Event: "open"})
	return p, returned
}

func text(data string) event { return event{Event: "message", Data: data} }

func TestClient_subprotocol(t *testing.T) {
	install(t)
	base, _ := serve(t, answer)
	const person = "/api/uppercase_ws?name=Zo%C3%AB&age=36"
	const hello, hi = `{"Uppercase":"HELLO ZOË, 36"}`, `{"Uppercase":"HI"}`
	t.Run("nothing offered, JSON declared", func(t *testing.T) {
		p := startPeer(t, "client.mjs", base+"/shout")
		p.want(event{Event: "open"})
		p.tell(command{"do": "send", "data": `{"TextInput":"hi"}`})
		p.want(text(hi))
	})
	t.Run("JSON offered, CBOR declared", func(t *testing.T) {
		p := startPeer(t, "client.mjs", base+person, "json")
		p.want(event{Event: "open", Protocol: "json"})
		p.want(text(hello))
		p.tell(command{"do": "send", "data": `{"TextInput":"hi"}`})
		p.want(text(hi))
	})
	t.Run("offered among others", func(t *testing.T) {
		p := startPeer(t, "client.mjs", base+person, "graphql-transport-ws", "json", "cbor")
		p.want(event{Event: "open", Protocol: "json"})
		p.want(text(hello))
	})
	t.Run("nothing offered, CBOR declared", func(t *testing.T) {
		p := startPeer(t, "client.mjs", base+person)
		p.want(event{Event: "open"})
		p.want(event{Event: "message", Binary: true, Data: latin1("\xa1\x69Uppercase\x6eHELLO ZOË, 36")})
	})
	t.Run("unknown only", func(t *testing.T) { // ws insists on one of its own, browsers do not
		p := startPeer(t, "client.mjs", base+"/shout", "graphql-transport-ws")
		p.want(event{Event: "error", Data: "Server sent no subprotocol"})
		p.wantClose(1006, "")
	})
	t.Run("refused", func(t *testing.T) {
		p := startPeer(t, "client.mjs", base+"/api/uppercase_ws?name=Ada&age=old")
		p.want(event{Event: "refused", Code: http.StatusBadRequest})
	})
}

// ws offers permessage-deflate; the empty extensions of every open event say that it was declined.
func TestClient_declinedExtension(t *testing.T) {
	offered := make(chan string, 1)
	p, _ := connect(t, func(ctx context.Context, c *serverConn) error {
		offered <- tandem.Request(ctx).Header.Get("Sec-WebSocket-Extensions")
		return answer(ctx, c)
	})
	extensions := <-offered
	assert.True(t, strings.HasPrefix(extensions, "permessage-deflate"), "ws has offered it: %q", extensions)
	long := strings.Repeat("compressible ", 1000)
	p.tell(command{"do": "send", "data": `{"TextInput":"` + long + `"}`})
	p.want(text(`{"Uppercase":"` + strings.ToUpper(long) + `"}`))
}

func TestClient_ping(t *testing.T) {
	pinged := make(chan error, 1)
	p, _ := connect(t, func(ctx context.Context, c *serverConn) error {
		_, err := c.Ping(ctx)
		pinged <- err
		return answer(ctx, c)
	})
	assert.Equal(t, p.next().Event, "ping")
	assert.NoError(t, <-pinged, "ws has answered")
	p.tell(command{"do": "ping", "data": "are you there?"})
	p.want(event{Event: "pong", Data: "are you there?"})
}

func TestClient_fragments(t *testing.T) {
	p, _ := connect(t, answer)
	parts := []string{`{"Text`, `Input":"h`, "\xc3", "\xa9", ``, `"}`} // é in halves
	for i := range parts {
		parts[i] = latin1(parts[i])
	}
	p.tell(command{"do": "fragments", "parts": parts})
	assert.Equal(t, p.pongs(len(parts), 1), []event{text(`{"Uppercase":"HÉ"}`)})
}

// The peer closes; the handler learns the code and reason, and the peer gets its own back.
func TestClient_closes(t *testing.T) {
	for _, row := range []struct {
		name   string
		tell   command
		code   tandem.Code
		reason string
		quiet  bool
	}{
		{"normal", command{"do": "close", "code": 1000}, tandem.CodeNormal, "", true},
		{"going away", command{"do": "close", "code": 1001, "reason": "leaving"}, tandem.CodeGoingAway, "leaving", true},
		{"application's code", command{"do": "close", "code": 4001, "reason": "bye"}, 4001, "bye", false},
		{"longest reason", command{"do": "close", "code": 4001, "reason": strings.Repeat("é", 61) + "!"}, 4001, strings.Repeat("é", 61) + "!", false},
		{"no code", command{"do": "close"}, tandem.CodeNoStatus, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, returned := connect(t, receive)
			p.tell(row.tell)
			p.wantClose(int(row.code), row.reason)
			err := <-returned
			closed := assert.ErrorAs[*tandem.CloseError](t, err)
			assert.Equal(t, closed.Code, row.code)
			assert.Equal(t, closed.Reason, row.reason)
			assert.Equal(t, errors.Is(err, io.EOF), row.quiet, "a normal end")
		})
	}
}

// We close; the peer learns the code and reason.
func TestClient_isClosed(t *testing.T) {
	for _, row := range []struct {
		name   string
		h      handler
		code   int
		reason string
	}{
		{"handler returns", func(context.Context, *serverConn) error { return nil }, 1000, ""},
		{"going away", func(context.Context, *serverConn) error {
			return &tandem.CloseError{Code: tandem.CodeGoingAway, Reason: "for good"}
		}, 1001, "for good"},
		{"application's code", func(context.Context, *serverConn) error {
			return fmt.Errorf("wrapped: %w", &tandem.CloseError{Code: 4001, Reason: "bye"})
		}, 4001, "bye"},
		{"cut reason", func(context.Context, *serverConn) error {
			return &tandem.CloseError{Code: 4001, Reason: strings.Repeat("é", 100)}
		}, 4001, strings.Repeat("é", 61)},
		{"error", func(context.Context, *serverConn) error { return io.ErrUnexpectedEOF }, 1011, ""},
		{"no code", func(ctx context.Context, c *serverConn) error {
			return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: tandem.CodeNoStatus})
		}, 1005, ""},
		{"while the peer sends", func(ctx context.Context, c *serverConn) error {
			_, err := c.Recv(ctx)
			return err
		}, 1000, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, _ := connect(t, row.h)
			if row.name == "while the peer sends" {
				p.tell(command{"do": "burst", "data": `{"TextInput":"#"}`, "count": 1000})
			}
			p.wantClose(row.code, row.reason)
		})
	}
}

func TestClient_shutdown(t *testing.T) {
	install(t)
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(shout().Handler(func(ctx context.Context, _ struct{}, c *serverConn) error { return answer(ctx, c) },
		&tandem.ServeOptions{Hub: hub}))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	p := startPeer(t, "client.mjs", "ws"+strings.TrimPrefix(srv.URL, "http")+"/shout")
	p.want(event{Event: "open"})
	assert.NoError(t, hub.Shutdown(t.Context()))
	p.wantClose(1012, "server shutting down")
}

// A peer that drops the connection has not ended the conversation.
func TestClient_vanishes(t *testing.T) {
	p, returned := connect(t, receive)
	p.tell(command{"do": "terminate"})
	err := <-returned
	assert.ErrorIs(t, err, tandem.ErrLost)
	assert.True(t, !errors.Is(err, io.EOF), "a lost connection is no normal end: %v", err)
}

const around = len(`{"TextInput":""}`)

func TestClient_large(t *testing.T) {
	const most = 64<<10 - around
	p, returned := connect(t, answer)
	p.tell(command{"do": "send", "data": `{"TextInput":"` + strings.Repeat("x", most) + `"}`})
	p.want(text(`{"Uppercase":"` + strings.Repeat("X", most) + `"}`))
	p.tell(command{"do": "send", "data": `{"TextInput":"` + strings.Repeat("x", most+1) + `"}`})
	closed := p.next()
	assert.Equal(t, closed.Event, "close")
	assert.Equal(t, closed.Code, 1009)
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-returned).Code, tandem.CodeTooBig)
}

func TestClient_largeAnswer(t *testing.T) {
	const most = 1<<20 - around // {"Uppercase":""} is as long
	p, _ := connect(t, func(ctx context.Context, c *serverConn) error {
		err := c.Send(ctx, api.Uppercased(strings.Repeat("X", most+1)))
		if !errors.Is(err, tandem.ErrTooBig) {
			return err
		}
		if err := c.Send(ctx, api.Uppercased(strings.Repeat("X", most))); err != nil {
			return err
		}
		return receive(ctx, c)
	})
	e := p.next()
	assert.True(t, e.Data == `{"Uppercase":"`+strings.Repeat("X", most)+`"}`, "1 MiB has come: %d bytes", len(e.Data))
}

func TestClient_burst(t *testing.T) {
	const count = 10_000
	p, _ := connect(t, answer)
	p.tell(command{"do": "burst", "data": `{"TextInput":"m #"}`, "count": count})
	for i := range count {
		p.want(text(fmt.Sprintf(`{"Uppercase":"M %d"}`, i)))
	}
}

func TestClient_invalid(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON":         "hi",
		"cut short":       `{"TextInput":"hi"`,
		"wrong type":      `{"TextInput":5}`,
		"unknown variant": `{"Shout":"hi"}`,
		"no UTF-8":        "{\"TextInput\":\"\xff\"}",
		"empty":           "",
	} {
		t.Run(name, func(t *testing.T) {
			p, returned := connect(t, receive)
			p.tell(command{"do": "send", "data": latin1(data)})
			closed := p.next()
			assert.Equal(t, closed.Event, "close", "%v", closed)
			assert.Equal(t, closed.Code, 1007)
			assert.True(t, closed.Data != "", "there is a reason")
			if name != "no UTF-8" { // that is found before the codec is asked
				assert.ErrorAs[*tandem.DecodeError](t, <-returned)
			}
		})
	}
}

// JSON in a binary frame is as good.
func TestClient_binary(t *testing.T) {
	p, _ := connect(t, answer)
	p.tell(command{"do": "send", "data": `{"TextInput":"hi"}`, "binary": true})
	p.want(text(`{"Uppercase":"HI"}`))
}
