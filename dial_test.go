package tandem_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// roundTrip is a function that is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// dialTo dials a server in memory that answers with h.
func dialTo(t testing.TB, h http.HandlerFunc, o *tandem.DialOptions) error {
	t.Helper()
	if o == nil {
		o = &tandem.DialOptions{}
	}
	s := tandemtest.NewServer(t, h, nil)
	o.Transport = s.Transport()
	c, err := newText().Dial(t.Context(), tandemtest.URL, struct{}{}, o)
	if err == nil {
		c.Close(tandem.CodeNormal, "")
	}
	return err
}

func TestDial_refusalsAsTheyAreWritten(t *testing.T) {
	for _, row := range []struct {
		name, contentType, body string
		status                  int
		want                    tandem.HandshakeError
	}{
		{"tandem", "application/json", `{"message":"no","code":7,"data":{"a":[1]}}`, 403,
			tandem.HandshakeError{Message: "no", Code: 7, Data: []byte(`{"a":[1]}`)}},
		{"dioxus handler", "application/json", `{"message":"error running server function: m (details: None)","code":401,"data":{"ServerError":{"message":"m","code":401}}}`, 500,
			tandem.HandshakeError{Message: "error running server function: m (details: None)", Code: 401, Data: []byte(`{"ServerError":{"message":"m","code":401}}`)}},
		{"dioxus extractor", "application/json", `{"error":"missing field","details":"age"}`, 500,
			tandem.HandshakeError{Message: "missing field", Data: []byte(`"age"`)}},
		{"without details", "application/json; charset=utf-8", `{"error":"missing field"}`, 500, tandem.HandshakeError{Message: "missing field"}},
		{"empty message", "application/json", `{"message":"","code":3}`, 400, tandem.HandshakeError{Code: 3}},
		{"code that is no number", "application/json", `{"message":"no","code":"E7"}`, 400, tandem.HandshakeError{Message: "no"}},
		{"broken JSON", "application/json", `{"message":`, 400, tandem.HandshakeError{}},
		{"text", "text/plain; charset=utf-8", "  go away\n", 403, tandem.HandshakeError{Message: "go away"}},
		{"long text", "text/plain", strings.Repeat("x", 10_000), 403, tandem.HandshakeError{}},
		{"HTML", "text/html", "<h1>Bad Gateway</h1>", 502, tandem.HandshakeError{}},
		{"nothing", "", "", 404, tandem.HandshakeError{}},
		{"success", "text/plain", "hello", 200, tandem.HandshakeError{Message: "hello"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := dialTo(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header()["Content-Type"] = []string{row.contentType}
					w.Header().Set("X-Reason", "testing")
					w.WriteHeader(row.status)
					io.WriteString(w, row.body)
				}, nil)
				he := assert.ErrorAs[*tandem.HandshakeError](t, err)
				assert.Equal(t, he.Header["X-Reason"], []string{"testing"})
				row.want.Status, row.want.Header = row.status, he.Header
				assert.Equal(t, *he, row.want)
				assert.True(t, strings.Contains(err.Error(), "dial /text"), err)
			})
		})
	}
}

func TestDial_redirectsAreFollowedOnlyOnRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		hub := tandem.NewHub(nil)
		mux.Handle(newText().Handler(echo, &tandem.ServeOptions{Hub: hub}))
		mux.Handle("/old/", http.RedirectHandler("/text", http.StatusMovedPermanently))
		s := tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub})

		_, err := newText().Dial(t.Context(), tandemtest.URL+"/old", struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
		he := assert.ErrorAs[*tandem.HandshakeError](t, err)
		assert.Equal(t, he.Status, 301)
		assert.Equal(t, he.Header["Location"], []string{"/text"})

		client := *s.HTTPClient()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
		c, err := newText().Dial(t.Context(), tandemtest.URL+"/old", struct{}{}, &tandem.DialOptions{Transport: tandem.HTTPClient(&client)})
		assert.NoError(t, err)
		assert.NoError(t, c.Send(t.Context(), "hi"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "HI")
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

func TestDialOptions_Header_isSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got http.Header
		var host string
		dialTo(t, func(_ http.ResponseWriter, r *http.Request) { got, host = r.Header, r.Host },
			&tandem.DialOptions{Header: map[string][]string{"x-many": {"a", "b"}, "Authorization": {"Bearer t"}, "Host": {"other.test"}}})
		assert.Equal(t, got["X-Many"], []string{"a", "b"})
		assert.Equal(t, got["Authorization"], []string{"Bearer t"})
		assert.Equal(t, host, "other.test")
	})
}

// One DialOptions serves many connections at once, and is not changed by them.
func TestDialOptions_Header_isNotChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tandemtest.NewServer(t, http.NotFoundHandler(), nil)
		room := append(make([]string, 0, 4), "mine")
		o := &tandem.DialOptions{Transport: s.Transport(), Header: map[string][]string{"X-Token": room}}
		e := &tandem.Endpoint[optionalToken, string, string]{Path: "/text", Codec: json.Codec}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { e.Dial(t.Context(), tandemtest.URL, optionalToken{new("theirs")}, o) })
		}
		wg.Wait()
		assert.Equal(t, room[:2], []string{"mine", ""})
	})
}

func TestDialOptions_Codec_aServerThatDoesNotKnowIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talkOver(t, newText(), echo, nil, &tandem.DialOptions{Codec: cbor.Codec}, nil)
		assert.Equal(t, []string{c.Subprotocol(), c.Codec().Name()}, []string{"", "json"})
		assert.NoError(t, c.Send(t.Context(), "hi"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "HI")
	})
}

func TestDialOptions_Codec_isOfferedBeforeSubprotocols(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offers []string
		dialTo(t, func(_ http.ResponseWriter, r *http.Request) { offers = r.Header["Sec-Websocket-Protocol"] },
			&tandem.DialOptions{Codec: cbor.Codec, Subprotocols: []string{"b", "a"}})
		assert.Equal(t, offers, []string{"cbor, b, a"})
	})
}

func TestDialOptions_refusedBeforeAnythingIsSent(t *testing.T) {
	offline := tandem.HTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, errors.New("offline")
	})})
	for name, o := range map[string]*tandem.DialOptions{
		"codec's name": {Codec: namedCodec{json.Codec, "two words"}},
		"codec's kind": {Codec: kindCodec{json.Codec}},
		"subprotocol":  {Subprotocols: []string{"a,b"}},
	} {
		o.Transport = offline
		_, err := newText().Dial(t.Context(), "http://tandem.test", struct{}{}, o)
		assert.True(t, err != nil, name)
	}
	for _, base := range []string{"", "/app", "example.com", "ftp://example.com", "http://example.com?a"} {
		_, err := newText().Dial(t.Context(), base, struct{}{}, &tandem.DialOptions{Transport: offline})
		assert.True(t, err != nil, "base ", base)
	}
}

func TestDialOptions_Timeout(t *testing.T) {
	for name, row := range map[string]struct{ timeout, client, ctx, want time.Duration }{
		"default":                     {0, 0, time.Hour, 30 * time.Second},
		"set":                         {time.Second, 0, time.Hour, time.Second},
		"off":                         {-1, 0, 5 * time.Minute, 5 * time.Minute},
		"ctx is shorter":              {time.Minute, 0, time.Second, time.Second},
		"the http.Client's own":       {time.Minute, 2 * time.Second, time.Hour, 2 * time.Second},
		"longer than the http.Client": {time.Second, time.Minute, time.Hour, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tandemtest.NewServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), nil)
				client := *s.HTTPClient()
				client.Timeout = row.client
				ctx, cancel := context.WithTimeout(t.Context(), row.ctx)
				defer cancel()
				began := time.Now()
				_, err := newText().Dial(ctx, tandemtest.URL, struct{}{},
					&tandem.DialOptions{Timeout: row.timeout, Transport: tandem.HTTPClient(&client)})
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, time.Since(began), row.want)
			})
		})
	}
}

func TestDial_contextAndTimeoutsBoundTheHandshakeOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		hub := tandem.NewHub(nil)
		mux.Handle(newText().Handler(echo, &tandem.ServeOptions{Hub: hub}))
		s := tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub})
		client := *s.HTTPClient()
		client.Timeout = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		c, err := newText().Dial(ctx, tandemtest.URL, struct{}{}, &tandem.DialOptions{Timeout: time.Second, Transport: tandem.HTTPClient(&client)})
		assert.NoError(t, err)
		cancel()
		time.Sleep(time.Hour)
		assert.NoError(t, c.Send(t.Context(), "hi"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "HI")
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

func TestHTTPClient_errorsOfTheTransportComeThrough(t *testing.T) {
	down := errors.New("the tunnel is down")
	_, err := newText().Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{
		Transport: tandem.HTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, down })}),
	})
	assert.ErrorIs(t, err, down)
	assert.True(t, strings.Contains(err.Error(), "dial /text"), err)
}

func TestHTTPClient_nilIsTheDefault(t *testing.T) {
	defer func() {
		if v := recover(); v != nil {
			t.Fatal("panic: ", v)
		}
	}()
	_, err := newText().Dial(t.Context(), "http://127.0.0.1:1", struct{}{}, &tandem.DialOptions{Transport: tandem.HTTPClient(nil)})
	assert.True(t, err != nil)
}

func TestHTTPClient_cookiesBothWays(t *testing.T) {
	type params struct {
		A *string `cookie:"a"`
		B *string `cookie:"b"`
		J *string `cookie:"jar"`
	}
	synctest.Test(t, func(t *testing.T) {
		got := make(chan params, 1)
		e := &tandem.Endpoint[params, string, string]{Path: "/c", Codec: json.Codec}
		mux, hub := http.NewServeMux(), tandem.NewHub(nil)
		mux.Handle(e.Handler(func(_ context.Context, p params, _ *textConn) error {
			got <- p
			return nil
		}, &tandem.ServeOptions{Hub: hub, Use: []func(http.Handler) http.Handler{func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "jar", Value: "kept"})
				next.ServeHTTP(w, r)
			})
		}}}))
		client := *tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub}).HTTPClient()
		client.Jar, _ = cookiejar.New(nil)
		base, err := url.Parse(tandemtest.URL)
		assert.NoError(t, err)
		for _, fromJar := range []*string{nil, new("kept")} {
			c, err := e.Dial(t.Context(), tandemtest.URL, params{A: new("1"), B: new("2")},
				&tandem.DialOptions{Transport: tandem.HTTPClient(&client)})
			assert.NoError(t, err)
			defer c.Close(tandem.CodeNormal, "")
			assert.Equal(t, <-got, params{A: new("1"), B: new("2"), J: fromJar})
			assert.Equal(t, len(client.Jar.Cookies(base)), 1, "the jar has the cookie of the 101")
		}
	})
}
