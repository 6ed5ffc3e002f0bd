package ws_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

type clientConn = tandem.Conn[api.ServerEvent, api.ClientEvent]

// listen starts a server of ws that knows these subprotocols.
func listen(t *testing.T, known ...string) (p *peer, base string) {
	t.Helper()
	p = startPeer(t, "server.mjs", known...)
	e := p.next()
	assert.Equal(t, e.Event, "listening")
	return p, fmt.Sprintf("http://127.0.0.1:%d", e.Port)
}

// dial starts a server of ws and connects to it.
func dial(t *testing.T) (*peer, *clientConn) {
	t.Helper()
	p, base := listen(t)
	c, err := shout().Dial(t.Context(), base, struct{}{}, nil)
	assert.NoError(t, err)
	t.Cleanup(func() { c.Close(tandem.CodeNormal, "") })
	p.want(event{Event: "open", URL: "/shout"})
	return p, c
}

func TestServer_subprotocol(t *testing.T) {
	const url = "/api/uppercase_ws?name=Ada&age=36"
	person := api.Person{Name: "Ada", Age: 36}
	t.Run("known", func(t *testing.T) {
		p, base := listen(t, "json")
		c, err := api.Uppercase.Dial(t.Context(), base, person, &tandem.DialOptions{Codec: json.Codec, Subprotocols: []string{"other"}})
		assert.NoError(t, err)
		assert.Equal(t, c.Subprotocol(), "json")
		p.want(event{Event: "open", Protocol: "json", URL: url})
		assert.NoError(t, c.Send(t.Context(), api.TextInput("hi")))
		p.want(text(`{"TextInput":"hi"}`))
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
	t.Run("not known", func(t *testing.T) {
		p, base := listen(t)
		c, err := api.Uppercase.Dial(t.Context(), base, person, &tandem.DialOptions{Codec: json.Codec})
		assert.NoError(t, err)
		assert.Equal(t, c.Subprotocol(), "")
		p.want(event{Event: "open", URL: url})
		assert.NoError(t, c.Send(t.Context(), api.TextInput("hi")), "in the endpoint's own codec")
		p.want(event{Event: "message", Binary: true, Data: latin1("\xa1\x69TextInput\x62hi")})
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
	t.Run("not offered", func(t *testing.T) {
		p, base := listen(t, "json")
		c, err := shout().Dial(t.Context(), base, struct{}{}, nil)
		assert.NoError(t, err)
		p.want(event{Event: "open", URL: "/shout"})
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

func TestServer_messages(t *testing.T) {
	p, c := dial(t)
	assert.NoError(t, c.Send(t.Context(), api.TextInput("größe")))
	p.want(text(`{"TextInput":"größe"}`))
	for _, binary := range []bool{false, true} {
		p.tell(command{"do": "send", "data": latin1(`{"Uppercase":"GRÖßE"}`), "binary": binary})
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, api.ServerEvent(api.Uppercased("GRÖßE")))
	}
}

func TestServer_ping(t *testing.T) {
	p, c := dial(t)
	rtt, err := c.Ping(t.Context())
	assert.NoError(t, err)
	assert.True(t, rtt > 0 && rtt < patience, "round trip time: %v", rtt)
	assert.Equal(t, p.next().Event, "ping")
	p.tell(command{"do": "ping", "data": "are you there?"})
	p.want(event{Event: "pong", Data: "are you there?"}) // nobody is receiving
}

func TestServer_fragments(t *testing.T) {
	p, c := dial(t)
	parts := []string{`{"Upper`, `case":"H`, latin1("\xc3"), latin1("\x89"), ``, `"}`}
	p.tell(command{"do": "fragments", "parts": parts})
	msg, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, msg, api.ServerEvent(api.Uppercased("HÉ")))
	assert.Equal(t, len(p.pongs(len(parts), 0)), 0, "other events")
}

// The peer closes.
func TestServer_closes(t *testing.T) {
	for _, row := range []struct {
		name   string
		tell   command
		code   tandem.Code
		reason string
		quiet  bool
	}{
		{"normal", command{"do": "close", "code": 1000, "reason": "done"}, tandem.CodeNormal, "done", true},
		{"going away", command{"do": "close", "code": 1001}, tandem.CodeGoingAway, "", false}, // a server that leaves is no normal end
		{"restart", command{"do": "close", "code": 1012}, tandem.CodeRestart, "", false},
		{"application's code", command{"do": "close", "code": 4001, "reason": "bye"}, 4001, "bye", false},
		{"no code", command{"do": "close"}, tandem.CodeNoStatus, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, c := dial(t)
			p.tell(row.tell)
			_, err := c.Recv(t.Context())
			closed := assert.ErrorAs[*tandem.CloseError](t, err)
			assert.Equal(t, closed.Code, row.code)
			assert.Equal(t, closed.Reason, row.reason)
			assert.Equal(t, errors.Is(err, io.EOF), row.quiet, "a normal end")
			p.wantClose(int(row.code), row.reason)
		})
	}
}

// We close.
func TestServer_isClosed(t *testing.T) {
	for _, row := range []struct {
		code   tandem.Code
		reason string
	}{{tandem.CodeNormal, ""}, {tandem.CodeGoingAway, "leaving"}, {4001, "bye"}} {
		t.Run(fmt.Sprint(row.code), func(t *testing.T) {
			p, c := dial(t)
			assert.NoError(t, c.Close(row.code, row.reason), "the peer has answered")
			p.wantClose(int(row.code), row.reason)
			_, err := c.Recv(t.Context())
			assert.ErrorIs(t, err, tandem.ErrClosed)
		})
	}
	t.Run("no code", func(t *testing.T) {
		p, c := dial(t)
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameClose, Code: tandem.CodeNoStatus}))
		assert.NoError(t, c.Close(tandem.CodeNormal, ""), "waits for the peer's Close frame")
		p.wantClose(1005, "")
	})
	t.Run("behind messages", func(t *testing.T) {
		p, c := dial(t)
		for range 100 {
			assert.NoError(t, c.Send(t.Context(), api.TextInput("hi")))
		}
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		for range 100 {
			p.want(text(`{"TextInput":"hi"}`))
		}
		p.wantClose(1000, "")
	})
	t.Run("while the peer sends", func(t *testing.T) {
		p, c := dial(t)
		p.tell(command{"do": "burst", "data": `{"Uppercase":"#"}`, "count": 10_000})
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		p.wantClose(1000, "")
	})
}

func TestServer_vanishes(t *testing.T) {
	p, c := dial(t)
	p.tell(command{"do": "terminate"})
	_, err := c.Recv(t.Context())
	assert.ErrorIs(t, err, tandem.ErrLost)
	assert.True(t, !errors.Is(err, io.EOF), "a lost connection is no normal end: %v", err)
}

func TestServer_large(t *testing.T) {
	const most = 1<<20 - around
	p, c := dial(t)
	p.tell(command{"do": "send", "data": `{"Uppercase":"` + strings.Repeat("X", most) + `"}`})
	msg, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.True(t, msg == api.Uppercased(strings.Repeat("X", most)), "1 MiB has come")

	assert.ErrorIs(t, c.Send(t.Context(), api.TextInput(strings.Repeat("x", 64<<10-around+1))), tandem.ErrTooBig)
	longest := strings.Repeat("x", 64<<10-around)
	assert.NoError(t, c.Send(t.Context(), api.TextInput(longest)))
	p.want(text(`{"TextInput":"` + longest + `"}`))

	p.tell(command{"do": "send", "data": `{"Uppercase":"` + strings.Repeat("X", most+1) + `"}`})
	_, err = c.Recv(t.Context())
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTooBig)
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	closed := p.next()
	assert.Equal(t, closed.Event, "close")
	assert.Equal(t, closed.Code, 1009)
}

func TestServer_burst(t *testing.T) {
	const count = 10_000
	p, c := dial(t)
	p.tell(command{"do": "burst", "data": `{"Uppercase":"M #"}`, "count": count})
	for i := range count {
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, api.ServerEvent(api.Uppercased(fmt.Sprint("M ", i))))
	}
	sent := make(chan error, 1)
	go func() {
		for i := range count {
			if err := c.Send(t.Context(), api.TextInput(fmt.Sprint("m ", i))); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for i := range count {
		p.want(text(fmt.Sprintf(`{"TextInput":"m %d"}`, i)))
	}
	assert.NoError(t, <-sent)
}

func TestServer_invalid(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON":         "hi",
		"wrong type":      `{"Uppercase":5}`,
		"unknown variant": `{"Lowercase":"hi"}`,
	} {
		t.Run(name, func(t *testing.T) {
			p, c := dial(t)
			p.tell(command{"do": "send", "data": data})
			_, err := c.Recv(t.Context())
			assert.Equal(t, assert.ErrorAs[*tandem.DecodeError](t, err).Codec, "json")
			assert.NoError(t, c.Close(tandem.CodeNormal, ""))
			closed := p.next()
			assert.Equal(t, closed.Event, "close")
			assert.Equal(t, closed.Code, 1007)
		})
	}
}
