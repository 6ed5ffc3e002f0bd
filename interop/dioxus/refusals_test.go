package dioxus_test

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// refuse is an endpoint of src/refusals.rs.
func refuse(name string) *tandem.Endpoint[struct{}, string, string] {
	return &tandem.Endpoint[struct{}, string, string]{Path: "/refuse/" + name, Codec: json.Codec}
}

// Errors before the upgrade, from Dioxus to Go: all of the status and the typed body arrive.
func TestServer_refuses(t *testing.T) {
	_, base := startServer(t)
	for _, row := range []struct {
		name    string
		status  int
		message string
		code    int
		data    string
	}{
		{"http_error", http.StatusTeapot, "no coffee here", 418, ""},
		{"status_code", http.StatusUnauthorized, "401 Unauthorized", 401, ""},
		{"server_fn_error", http.StatusPaymentRequired, "error running server function: not paid (details: Some(\n    Object {\n        \"due\": Number(5),\n    },\n))", 402, `{"ServerError":{"message":"not paid","code":402,"details":{"due":5}}}`},
		{"own", http.StatusForbidden, "banned until 7", 403, `{"Banned":{"until":7,"rooms":["lobby"]}}`},
		{"captured", http.StatusInternalServerError, "no such room", 404, ""}, // always 500: what was meant is the code
		{"panic", http.StatusInternalServerError, "", 0, ""},
		{"nothing", http.StatusNotFound, "", 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := refuse(row.name).Dial(within(t), base, struct{}{}, nil)
			refused := assert.ErrorAs[*tandem.HandshakeError](t, err)
			assert.Equal(t, refused.Status, row.status)
			assert.Equal(t, refused.Message, row.message)
			assert.Equal(t, refused.Code, row.code)
			assert.Equal(t, string(refused.Data), row.data)
		})
	}
	t.Run("typed", func(t *testing.T) {
		_, err := refuse("own").Dial(within(t), base, struct{}{}, nil)
		var data struct {
			Banned struct {
				Until uint32
				Rooms []string
			}
		}
		assert.NoError(t, stdjson.Unmarshal(assert.ErrorAs[*tandem.HandshakeError](t, err).Data, &data))
		assert.Equal(t, data.Banned.Until, 7)
		assert.Equal(t, data.Banned.Rooms, []string{"lobby"})
	})
}

// Parameters that do not fit.
func TestServer_refusesParams(t *testing.T) {
	_, base := startServer(t)
	type params struct {
		N string `path:"n"`
		M string `query:"m"`
	}
	endpoint := &tandem.Endpoint[params, string, string]{Path: "/refuse/number/{n}?m", Codec: json.Codec}
	for _, row := range []struct {
		params  params
		status  int
		message string
	}{
		{params{"256", "1"}, http.StatusBadRequest, "Invalid URL: Cannot parse value at index 0 with value `256` to a `u8`"},
		{params{"1", "256"}, http.StatusInternalServerError, "error deserializing server function results: number too large to fit in target type"},
		{params{"1", ""}, http.StatusInternalServerError, "error deserializing server function results: cannot parse integer from empty string"},
	} {
		t.Run(fmt.Sprint(row.params), func(t *testing.T) {
			_, err := endpoint.Dial(within(t), base, row.params, nil)
			refused := assert.ErrorAs[*tandem.HandshakeError](t, err)
			assert.Equal(t, refused.Status, row.status)
			assert.Equal(t, refused.Message, row.message)
		})
	}
}

// Errors before the upgrade, from Go to Dioxus. It reads the status and never the body, so all that depends on the type
// of the function's error is how the status is put.
func TestClient_isRefused(t *testing.T) {
	m, base := listen(t)
	p := startClient(t, base)
	for _, row := range []struct {
		name  string
		error string
	}{
		{"http_error", `HttpError { status: 418, message: Some("error receiving status code: unexpected status code: 418 I'm a teapot (418)") }`},
		{"status_code", "418"},
		{"server_fn_error", `Request(Status("unexpected status code: 418 I'm a teapot", 418))`},
		{"own", `Other(Request(Status("unexpected status code: 418 I'm a teapot", 418)))`},
		{"captured", "error reaching server to call server function: error receiving status code: unexpected status code: 418 I'm a teapot (418) "},
	} {
		t.Run(row.name, func(t *testing.T) {
			m.Handle(refuse(row.name).Handler(func(context.Context, struct{}, *tandem.Conn[string, string]) error {
				return errors.New("never called")
			}, &tandem.ServeOptions{Hub: m.hub, Authorize: func(*http.Request) (context.Context, error) {
				return nil, &tandem.HandshakeError{Status: http.StatusTeapot, Message: "no coffee here", Data: []byte(`{"a":1}`)}
			}}))
			p.tell(t, command{"do": "refused", "name": row.name})
			p.want(t, "failed", row.error)
		})
	}
}

// Refusals of tandem's own.
func TestClient_isRefusedFor(t *testing.T) {
	m, base := listen(t)
	p := startClient(t, base)
	type params struct {
		N uint8 `path:"n"`
		M uint8 `query:"m"`
		K uint8 `query:"k"`
	}
	missing := &tandem.Endpoint[params, string, string]{Path: "/refuse/number/{n}?m&k", Codec: json.Codec}
	serve(m, missing, func(context.Context, params, *tandem.Conn[string, string]) error { return io.EOF })
	t.Run("a missing parameter", func(t *testing.T) {
		p.tell(t, command{"do": "refused", "name": "number"})
		e := p.next(t)
		assert.True(t, e.Event == "failed" && strings.Contains(e.Text, "status: 400"), e.Event, " ", e.Text)
	})
	t.Run("no such path", func(t *testing.T) {
		p.tell(t, command{"do": "refused", "name": "http_error"})
		e := p.next(t)
		assert.True(t, e.Event == "failed" && strings.Contains(e.Text, "status: 404"), e.Event, " ", e.Text)
	})
	t.Run("too many connections", func(t *testing.T) {
		full := refuse("own")
		m.Handle(full.Handler(func(context.Context, struct{}, *tandem.Conn[string, string]) error { return nil },
			&tandem.ServeOptions{Hub: m.hub, Authorize: func(*http.Request) (context.Context, error) {
				return nil, &tandem.HandshakeError{Status: http.StatusServiceUnavailable}
			}}))
		p.tell(t, command{"do": "refused", "name": "own"})
		e := p.next(t)
		assert.True(t, e.Event == "failed" && strings.Contains(e.Text, "503"), e.Event, " ", e.Text)
	})
}
