package tandem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	codecjson "github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// teapot is an error of the application that has a status.
type teapot struct{}

func (teapot) Error() string   { return "short and stout" }
func (teapot) HTTPStatus() int { return http.StatusTeapot }

func refuseWith(err error) func(*http.Request) (context.Context, error) {
	return func(*http.Request) (context.Context, error) { return nil, err }
}

func TestServeOptions_Authorize_refusalReachesTheClient(t *testing.T) {
	for _, row := range []struct {
		name   string
		refuse error
		want   tandem.HandshakeError
	}{
		{"all fields", &tandem.HandshakeError{Status: 402, Message: "pay", Code: 7, Data: []byte(`{"due":3}`)},
			tandem.HandshakeError{Status: 402, Message: "pay", Code: 7, Data: []byte(`{"due":3}`)}},
		{"wrapped", fmt.Errorf("secret context: %w", &tandem.HandshakeError{Status: 403, Message: "no"}),
			tandem.HandshakeError{Status: 403, Message: "no", Code: 403}},
		{"no message", &tandem.HandshakeError{Status: 401}, tandem.HandshakeError{Status: 401, Message: "Unauthorized", Code: 401}},
		{"error with a status", teapot{}, tandem.HandshakeError{Status: 418, Message: "short and stout", Code: 418}},
		{"any other error", errors.New("the database is on fire"),
			tandem.HandshakeError{Status: 500, Message: "Internal Server Error", Code: 500}},
		{"status that is no refusal", &tandem.HandshakeError{Status: 200, Message: "fine"},
			tandem.HandshakeError{Status: 500, Message: "Internal Server Error", Code: 500}},
		{"data that is no JSON", &tandem.HandshakeError{Status: 403, Message: "no", Data: []byte("{")},
			tandem.HandshakeError{Status: 500, Message: "Internal Server Error", Code: 500}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &tandem.ServeOptions{Authorize: refuseWith(row.refuse), Logger: newLogBook().logger()}
				_, err := dialText(t, newText(), echo, o, nil, nil)
				he := assert.ErrorAs[*tandem.HandshakeError](t, err)
				row.want.Header = he.Header
				assert.Equal(t, *he, row.want)
			})
		})
	}
}

func TestServeOptions_Authorize_headersOfTheRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &tandem.ServeOptions{Authorize: refuseWith(&tandem.HandshakeError{
			Status: 401, Header: map[string][]string{"www-authenticate": {"Bearer"}, "Retry-After": {"9"}},
		})}
		_, err := dialText(t, newText(), echo, o, nil, nil)
		he := assert.ErrorAs[*tandem.HandshakeError](t, err)
		assert.Equal(t, he.Header["Www-Authenticate"], []string{"Bearer"})
		assert.Equal(t, he.Header["Retry-After"], []string{"9"})
		assert.Equal(t, he.Header["Content-Type"], []string{"application/json"})
	})
}

func TestServeOptions_Authorize_nilContextIsTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, &tandem.ServeOptions{Authorize: refuseWith(nil)})
		assert.NoError(t, c.Send(t.Context(), "in"))
	})
}

func TestServeOptions_Authorize_seesThePathsValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := make(chan string, 1)
		e := &tandem.Endpoint[idParams, string, string]{Path: "/items/{id}", Codec: codecjson.Codec}
		mux := http.NewServeMux()
		mux.Handle(e.Handler(nil, &tandem.ServeOptions{Authorize: func(r *http.Request) (context.Context, error) {
			ids <- r.PathValue("id")
			return nil, &tandem.HandshakeError{Status: 403}
		}}))
		s := tandemtest.NewServer(t, mux, nil)
		e.Dial(t.Context(), tandemtest.URL, idParams{7}, &tandem.DialOptions{Transport: s.Transport()})
		assert.Equal(t, <-ids, "7")
	})
}

func TestServeOptions_RefuseInBand_codes(t *testing.T) {
	for _, row := range []struct {
		refuse error
		code   tandem.Code
		reason string
	}{
		{&tandem.HandshakeError{Status: 400, Message: "bad"}, 4400, "bad"},
		{&tandem.HandshakeError{Status: 401, Message: "who?"}, 4401, "who?"},
		{&tandem.HandshakeError{Status: 429, Message: strings.Repeat("é", 100)}, 4429, strings.Repeat("é", 61)},
		{&tandem.HandshakeError{Status: 499}, 4499, ""},
		{&tandem.HandshakeError{Status: 503, Message: "full"}, 1013, "full"},
		{&tandem.HandshakeError{Status: 502, Message: "upstream"}, 1011, "upstream"},
		{errors.New("the database is on fire"), 1011, "Internal Server Error"},
	} {
		t.Run(fmt.Sprint(row.code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &tandem.ServeOptions{Authorize: refuseWith(row.refuse), RefuseInBand: true, Logger: newLogBook().logger()}
				page := &tandem.DialOptions{Header: map[string][]string{"Origin": {tandemtest.URL}}}
				c, err := dialText(t, newText(), echo, o, page, nil)
				assert.NoError(t, err)
				_, err = c.Recv(t.Context())
				assertClosed(t, err, row.code, row.reason)
			})
		})
	}
}

func TestServeOptions_RefuseInBand_isForBrowsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &tandem.ServeOptions{Authorize: refuseWith(&tandem.HandshakeError{Status: 401}), RefuseInBand: true}
		_, err := dialText(t, newText(), echo, o, nil, nil)
		assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, 401)
	})
}

func TestParams_refusedWith400ThatNamesThem(t *testing.T) {
	e := &tandem.Endpoint[struct {
		Age   int     `query:"age"`
		Theme *string `cookie:"theme"`
	}, string, string]{Path: "/p", Codec: codecjson.Codec}
	mux := http.NewServeMux()
	mux.Handle(e.Handler(nil, nil))
	synctest.Test(t, func(t *testing.T) {
		s := tandemtest.NewServer(t, mux, nil)
		for query, message := range map[string]string{
			"":        `query parameter "age": missing`,
			"?age=x":  `query parameter "age": "x" is not an int`,
			"?age=1.": `query parameter "age": "1." is not an int`,
		} {
			_, err := (&textEndpoint{Path: "/p", Codec: codecjson.Codec}).Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{
				Transport: tandem.HTTPClient(&http.Client{Transport: withQuery{s.HTTPClient().Transport, query}}),
			})
			he := assert.ErrorAs[*tandem.HandshakeError](t, err)
			assert.Equal(t, he.Status, 400)
			assert.Equal(t, he.Message, message)
		}
	})
}

// withQuery replaces the query of requests.
type withQuery struct {
	next  http.RoundTripper
	query string
}

func (q withQuery) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.RawQuery = strings.TrimPrefix(q.query, "?")
	return q.next.RoundTrip(r)
}

func TestHandshakeError_dataIsTyped(t *testing.T) {
	type quota struct{ Used, Limit int }
	synctest.Test(t, func(t *testing.T) {
		data, err := json.Marshal(quota{3, 4})
		assert.NoError(t, err)
		o := &tandem.ServeOptions{Authorize: refuseWith(&tandem.HandshakeError{Status: 403, Data: data})}
		_, err = dialText(t, newText(), echo, o, nil, nil)
		var got quota
		assert.NoError(t, json.Unmarshal(assert.ErrorAs[*tandem.HandshakeError](t, err).Data, &got))
		assert.Equal(t, got, quota{3, 4})
	})
}

// logBook is a slog.Handler that remembers every record with its attributes.
type logBook struct {
	mu    *sync.Mutex
	lines *[]string
	attrs []slog.Attr
}

func newLogBook() *logBook { return &logBook{mu: new(sync.Mutex), lines: new([]string)} }

func (b *logBook) logger() *slog.Logger  { return slog.New(b) }
func (b *logBook) standard() *log.Logger { return slog.NewLogLogger(b, slog.LevelError) }

func (b *logBook) Enabled(context.Context, slog.Level) bool { return true }

func (b *logBook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	for _, a := range b.attrs {
		line += " " + a.String()
	}
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	*b.lines = append(*b.lines, line)
	return nil
}

func (b *logBook) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logBook{b.mu, b.lines, append(slices.Clip(b.attrs), attrs...)}
}

func (b *logBook) WithGroup(string) slog.Handler { return b }

// String gives all lines.
func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(*b.lines, "\n")
}
