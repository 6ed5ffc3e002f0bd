package main

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

func TestUppercase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, api.Uppercase, uppercase, api.Person{Name: "Zoë", Age: 36}, nil)
		hello, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, hello, api.ServerEvent(api.Uppercased("HELLO ZOË, 36")))
		for _, row := range []struct{ text, want string }{
			{"hi", "HI"},
			{"", ""},
			{"HI 5!", "HI 5!"},
			{"ärger, čeština, ελληνικά", "ÄRGER, ČEŠTINA, ΕΛΛΗΝΙΚΆ"},
			{strings.Repeat("x", 60_000), strings.Repeat("X", 60_000)},
		} {
			assert.NoError(t, c.Send(t.Context(), api.TextInput(row.text)))
			answer, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, answer, api.ServerEvent(api.Uppercased(row.want)))
		}
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// server serves the routes in memory.
func server(t *testing.T, hub *tandem.Hub) *tandemtest.Server {
	return tandemtest.NewServer(t, routes(hub), &tandemtest.Options{Hub: hub})
}

func dial(t *testing.T, s *tandemtest.Server, codec tandem.Codec) *tandem.Conn[api.ServerEvent, api.ClientEvent] {
	t.Helper()
	c, err := api.Uppercase.Dial(t.Context(), tandemtest.URL, api.Person{Name: "Ada", Age: 36}, &tandem.DialOptions{
		Transport: s.Transport(),
		Codec:     codec,
	})
	assert.NoError(t, err)
	return c
}

// What travels, byte for byte.
func TestRoutes_wire(t *testing.T) {
	for _, row := range []struct {
		name           string
		codec          tandem.Codec
		kind           tandem.FrameKind
		hello, in, out string
	}{
		{"nothing offered", nil, tandem.FrameBinary, "\xa1\x69Uppercase\x6dHELLO ADA, 36", unhex("a16954657874496e707574626869"), unhex("a16955707065726361736562") + "HI"},
		{"cbor", cbor.Codec, tandem.FrameBinary, "\xa1\x69Uppercase\x6dHELLO ADA, 36", unhex("a16954657874496e707574626869"), unhex("a169557070657263617365624849")},
		{"json", json.Codec, tandem.FrameText, `{"Uppercase":"HELLO ADA, 36"}`, `{"TextInput":"hi"}`, `{"Uppercase":"HI"}`},
		{"msgpack", msgpack.Codec, tandem.FrameBinary, "\x81\xa9Uppercase\xadHELLO ADA, 36", "\x81\xa9TextInput\xa2hi", "\x81\xa9Uppercase\xa2HI"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := dial(t, server(t, tandem.NewHub(nil)), row.codec)
				if row.codec != nil {
					assert.Equal(t, c.Subprotocol(), row.codec.Name())
				}
				raw := c.Raw()
				hello, err := raw.Recv(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, hello, tandem.Frame{Kind: row.kind, Data: []byte(row.hello)})
				assert.NoError(t, raw.Send(t.Context(), tandem.Frame{Kind: row.kind, Data: []byte(row.in)}))
				answer, err := raw.Recv(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, answer, tandem.Frame{Kind: row.kind, Data: []byte(row.out)})
				assert.NoError(t, c.Close(tandem.CodeNormal, ""))
			})
		})
	}
}

func unhex(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// A message of the wrong type ends its own connection and no other.
func TestRoutes_badMessage(t *testing.T) {
	for _, bad := range []string{`{"TextInput":5}`, `{"Shout":"hi"}`, `{"TextInput":"hi"`, `{"TextInput":"hi"} ` + "x"} {
		synctest.Test(t, func(t *testing.T) {
			s := server(t, tandem.NewHub(nil))
			good, evil := dial(t, s, json.Codec), dial(t, s, json.Codec)
			_, err := evil.Recv(t.Context())
			assert.NoError(t, err)
			assert.NoError(t, evil.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(bad)}))
			_, err = evil.Recv(t.Context())
			closed := assert.ErrorAs[*tandem.CloseError](t, err)
			assert.Equal(t, closed.Code, tandem.CodeInvalid)
			assert.True(t, strings.HasPrefix(closed.Reason, "json: "), "the reason names the problem: %s", closed.Reason)

			assert.NoError(t, good.Send(t.Context(), api.TextInput("still here")))
			for range 2 {
				_, err = good.Recv(t.Context())
				assert.NoError(t, err)
			}
			assert.NoError(t, good.Close(tandem.CodeNormal, ""))
		})
	}
}

func TestRoutes_badParams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server(t, tandem.NewHub(nil))
		for query, names := range map[string]string{"": "name", "name=Ada": "age", "name=Ada&age=old": "age", "age=36": "name"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", tandemtest.URL+"/api/uppercase_ws?"+query, nil)
			assert.NoError(t, err)
			for name, value := range map[string]string{
				"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
			} {
				req.Header.Set(name, value)
			}
			resp, err := s.HTTPClient().Do(req)
			assert.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			assert.NoError(t, err)
			assert.Equal(t, resp.StatusCode, http.StatusBadRequest, "%q", query)
			assert.True(t, strings.Contains(string(body), names), "%q: %s", query, body)
		}
	})
}

// After the end has begun, clients are sent away with 1012 or 503.
func TestRoutes_shutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		s := server(t, hub)
		c := dial(t, s, nil)
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
		done := make(chan error)
		go func() { done <- hub.Shutdown(t.Context()) }()
		_, err = c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeRestart)
		assert.NoError(t, <-done)
		_, err = api.Uppercase.Dial(t.Context(), tandemtest.URL, api.Person{}, &tandem.DialOptions{Transport: s.Transport()})
		var refused *tandem.HandshakeError
		assert.True(t, errors.As(err, &refused) && refused.Status == http.StatusServiceUnavailable, "refused with 503: %v", err)
	})
}

func TestRoutes_pages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := server(t, tandem.NewHub(nil)).HTTPClient()
		for path, want := range map[string]struct {
			status  int
			content string
		}{
			"/":              {200, "text/html; charset=utf-8"},
			"/plain":         {200, "text/html; charset=utf-8"},
			"/page.css":      {200, "text/css; charset=utf-8"},
			"/page.js":       {200, "text/javascript; charset=utf-8"},
			"/boot.js":       {200, "text/javascript; charset=utf-8"},
			"/icon.svg":      {200, "image/svg+xml"},
			"/index.html":    {404, ""},
			"/server.go":     {404, ""},
			"/plain/page.js": {404, ""},
			"/site/plain":    {404, ""},
		} {
			resp, err := client.Get(tandemtest.URL + path)
			assert.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			assert.NoError(t, err)
			assert.Equal(t, resp.StatusCode, want.status, path)
			if want.status != http.StatusOK {
				continue
			}
			assert.True(t, len(body) > 0, path)
			assert.Equal(t, resp.Header.Get("Content-Type"), want.content, path)
			assert.Equal(t, resp.Header.Get("X-Content-Type-Options"), "nosniff", path)
			if path != "/" && path != "/plain" {
				continue
			}
			policy := resp.Header.Get("Content-Security-Policy")
			assert.True(t, strings.Contains(policy, "default-src 'none'") && !strings.Contains(policy, "unsafe-inline") &&
				!strings.Contains(policy, "'unsafe-eval'"), "%s: %s", path, policy)
			for _, id := range []string{"status", "name", "age", "input", "messages", "clear", "send"} {
				assert.True(t, strings.Contains(string(body), `data-testid="`+id+`"`), "%s in %s", id, path)
			}
			assert.True(t, !strings.Contains(string(body), "<style") && !strings.Contains(string(body), " style="), "the policy forbids inline styles")
		}
	})
}
