package tandem_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// The tests of the root package talk over this endpoint, unless their subject is another one.
type (
	textEndpoint = tandem.Endpoint[struct{}, string, string]
	textConn     = tandem.Conn[string, string]
	textHandler  = func(context.Context, struct{}, *textConn) error
)

func newText() *textEndpoint { return &textEndpoint{Path: "/text", Codec: json.Codec} }

// talk serves a handler in memory with these options and connects a client to it. Both are closed with the test.
func talk(t testing.TB, h textHandler, o *tandem.ServeOptions) *textConn {
	t.Helper()
	return talkOver(t, newText(), h, o, nil, nil)
}

// talkOver is talk with everything chosen. The options are changed: they get a hub and a transport.
func talkOver(t testing.TB, e *textEndpoint, h textHandler, so *tandem.ServeOptions, do *tandem.DialOptions, to *tandemtest.Options) *textConn {
	t.Helper()
	c, err := dialText(t, e, h, so, do, to)
	assert.NoError(t, err, "dial")
	return c
}

func dialText(t testing.TB, e *textEndpoint, h textHandler, so *tandem.ServeOptions, do *tandem.DialOptions, to *tandemtest.Options) (*textConn, error) {
	t.Helper()
	if so == nil {
		so = &tandem.ServeOptions{}
	}
	if so.Hub == nil {
		so.Hub = tandem.NewHub(nil)
	}
	if do == nil {
		do = &tandem.DialOptions{}
	}
	if to == nil {
		to = &tandemtest.Options{}
	}
	to.Hub = so.Hub
	mux := http.NewServeMux()
	mux.Handle(e.Handler(h, so))
	do.Transport = tandemtest.NewServer(t, mux, to).Transport()
	c, err := e.Dial(t.Context(), tandemtest.URL, struct{}{}, do)
	if err == nil {
		t.Cleanup(func() { c.Close(tandem.CodeNormal, "") })
	}
	return c, err
}

// connectTo is talk for an endpoint of any types, without parameters.
func connectTo[In, Out any](t testing.TB, e *tandem.Endpoint[struct{}, In, Out], h func(context.Context, struct{}, *tandem.Conn[In, Out]) error) *tandem.Conn[Out, In] {
	t.Helper()
	return tandemtest.Connect(t, e, h, struct{}{}, nil)
}

// tellEnd is a handler that waits for the end of its connection and tells it.
func tellEnd(ends chan<- error) textHandler {
	return func(ctx context.Context, _ struct{}, c *textConn) error {
		for {
			if _, err := c.Recv(ctx); err != nil {
				ends <- err
				return err
			}
		}
	}
}

func TestServeOptions_Codecs_areAcceptedWhenOffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talkOver(t, newText(), echo,
			&tandem.ServeOptions{Codecs: []tandem.Codec{cbor.Codec}}, &tandem.DialOptions{Codec: cbor.Codec}, nil)
		assert.Equal(t, c.Subprotocol(), "cbor")
		assert.NoError(t, c.Send(t.Context(), "hi"))
		f, err := c.Raw().Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, f, tandem.Frame{Kind: tandem.FrameBinary, Data: []byte("\x62HI")})
	})
}

func TestServeOptions_Codecs_refusesWhatCannotWork(t *testing.T) {
	for name, codec := range map[string]tandem.Codec{
		"Codec is nil":   nil,
		"my codec":       namedCodec{json.Codec, "my codec"},
		`"" is no token`: namedCodec{json.Codec, ""},
	} {
		err := panicOf(func() { newText().Handler(echo, &tandem.ServeOptions{Codecs: []tandem.Codec{codec}}) })
		if err == nil {
			t.Errorf("%s: no panic", name)
		}
	}
}

func TestServeOptions_Subprotocols_clientsOrderDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		protocols := make(chan string, 1)
		h := func(_ context.Context, _ struct{}, c *textConn) error {
			protocols <- c.Subprotocol()
			return nil
		}
		c := talkOver(t, newText(), h,
			&tandem.ServeOptions{Subprotocols: []string{"a", "b"}}, &tandem.DialOptions{Subprotocols: []string{"x", "b", "a"}}, nil)
		assert.Equal(t, c.Subprotocol(), "b")
		assert.Equal(t, <-protocols, "b")
		assert.Equal(t, c.Codec().Name(), "json")
	})
}

func TestServeOptions_Subprotocols_nothingOfferedNothingAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, &tandem.ServeOptions{Subprotocols: []string{"a"}, Codecs: []tandem.Codec{cbor.Codec}})
		assert.Equal(t, c.Subprotocol(), "")
		assert.Equal(t, c.Codec().Name(), "json")
	})
}

func TestServeOptions_Subprotocols_mustBeTokens(t *testing.T) {
	err := panicOf(func() { newText().Handler(echo, &tandem.ServeOptions{Subprotocols: []string{"two words"}}) })
	assert.True(t, err != nil && strings.Contains(err.Error(), "two words"), err)
}

func TestServeOptions_Use_firstIsOutermost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		middleware := func(name string) func(http.Handler) http.Handler {
			return func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					order = append(order, name)
					next.ServeHTTP(w, r)
					order = append(order, name+" done")
				})
			}
		}
		finish := make(chan struct{})
		h := func(context.Context, struct{}, *textConn) error {
			<-finish
			return nil
		}
		c := talk(t, h, &tandem.ServeOptions{Use: []func(http.Handler) http.Handler{middleware("outer"), middleware("inner")}})
		synctest.Wait()
		assert.Equal(t, order, []string{"outer", "inner", "inner done", "outer done"}, "while the connection lives")
		close(finish)
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeNormal, "")
	})
}

func TestServeOptions_Use_headersGoOutWithThe101(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		use := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Set-Cookie", "a=1")
				w.Header().Add("Set-Cookie", "b=2")
				next.ServeHTTP(w, r)
			})
		}
		mux := http.NewServeMux()
		hub := tandem.NewHub(nil)
		mux.Handle(newText().Handler(echo, &tandem.ServeOptions{Hub: hub, Use: []func(http.Handler) http.Handler{use}}))
		s := tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub})
		seen := &recordTrip{next: s.HTTPClient().Transport}
		c, err := newText().Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{
			Transport: tandem.HTTPClient(&http.Client{Transport: seen}),
		})
		assert.NoError(t, err)
		defer c.Close(tandem.CodeNormal, "")
		assert.Equal(t, seen.response.StatusCode, http.StatusSwitchingProtocols)
		assert.Equal(t, seen.response.Header["Set-Cookie"], []string{"a=1", "b=2"})
	})
}

func TestServeOptions_Origins_letInThoseListed(t *testing.T) {
	for _, row := range []struct {
		allowed []string
		origin  string
		in      bool
	}{
		{nil, "http://tandem.test", true},
		{nil, "https://app.example.com", false},
		{[]string{"https://app.example.com"}, "https://app.example.com", true},
		{[]string{"https://app.example.com"}, "https://app.example.com:444", false},
		{[]string{"*"}, "https://anyone.example.com", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			do := &tandem.DialOptions{Header: map[string][]string{"Origin": {row.origin}}}
			_, err := dialText(t, newText(), echo, &tandem.ServeOptions{Origins: row.allowed}, do, nil)
			assert.Equal(t, err == nil, row.in, "%v %v: %v", row.allowed, row.origin, err)
		})
	}
}

func TestServeOptions_Hub_ownsTheConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		talk(t, echo, &tandem.ServeOptions{Hub: hub})
		synctest.Wait()
		assert.Equal(t, hub.Len(), 1)
	})
}

func TestServeOptions_Logger_getsWhatTheClientIsNotTold(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func() error
		want string // level, message and error, in one line; empty for none at level error
	}{
		{"nil", func() error { return nil }, ""},
		{"CloseError", func() error { return &tandem.CloseError{Code: 4001} }, ""},
		{"error", func() error { return errors.New("disk is full") }, "ERROR tandem: handler failed endpoint=/text remote=client-1 err=disk is full"},
		{"invalid code", func() error { return &tandem.CloseError{Code: 1006} }, "ERROR tandem: handler failed endpoint=/text remote=client-1 err=closed with 1006"},
		{"panic", func() error { panic("boom") }, "ERROR tandem: handler panicked endpoint=/text remote=client-1 panic=boom stack=goroutine"},
		{"ErrAbortHandler", func() error { panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				book := newLogBook()
				h := func(context.Context, struct{}, *textConn) error { return row.end() }
				c := talk(t, h, &tandem.ServeOptions{Logger: book.logger()})
				c.Recv(t.Context())
				synctest.Wait()
				logged := book.String()
				assert.True(t, strings.Contains(logged, row.want), logged)
				assert.Equal(t, strings.Contains(logged, "ERROR"), row.want != "", logged)
			})
		})
	}
}

func TestServeOptions_Logger_refusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newLogBook()
		_, err := dialText(t, newText(), echo, &tandem.ServeOptions{Logger: book.logger(), Authorize: refuseWith(errors.New("no database"))}, nil, nil)
		assert.True(t, err != nil)
		assert.True(t, strings.Contains(book.String(), "ERROR tandem: handshake failed") && strings.Contains(book.String(), "no database"), book)
	})
}

// What peers send stays out of the log, whatever goes wrong with it.
func TestServeOptions_Logger_neverSeesWhatPeersSend(t *testing.T) {
	const canary = "canary-7f3a"
	type params struct {
		Q     string  `query:"q"`
		N     int     `query:"n"`
		Token *string `header:"X-Token"`
	}
	e := &tandem.Endpoint[params, PlayerMove, string]{Path: "/log", Codec: json.Codec}
	h := func(ctx context.Context, _ params, c *tandem.Conn[PlayerMove, string]) error {
		for _, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	frame := func(text string) tandem.Frame { return tandem.Frame{Kind: tandem.FrameText, Data: []byte(text)} }
	for name, what := range map[string]struct {
		query string
		frame tandem.Frame
	}{
		"good message":      {"q=" + canary + "&n=1", frame(`"Wait"`)},
		"unknown variant":   {"q=x&n=1", frame(`"` + canary + `"`)},
		"unknown tag":       {"q=x&n=1", frame(`{"` + canary + `":1}`)},
		"wrong type":        {"q=x&n=1", frame(`{"Walk":{"dx":"` + canary + `"}}`)},
		"duplicate name":    {"q=x&n=1", frame(`{"Walk":{"` + canary + `":1,"` + canary + `":2}}`)},
		"reason of a Close": {"q=x&n=1", tandem.Frame{Kind: tandem.FrameClose, Code: 4000, Data: []byte(canary)}},
		"bad parameter":     {"q=x&n=" + canary, tandem.Frame{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				book := newLogBook()
				mux := http.NewServeMux()
				mux.Handle(e.Handler(h, &tandem.ServeOptions{Logger: book.logger()}))
				s := tandemtest.NewServer(t, mux, nil)
				c, err := e.Dial(t.Context(), tandemtest.URL, params{Token: new(canary)}, &tandem.DialOptions{
					Transport: tandem.HTTPClient(&http.Client{Transport: withQuery{s.HTTPClient().Transport, what.query}}),
				})
				if err == nil {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					c.Raw().Send(ctx, what.frame)
					c.Recv(ctx)
					c.Close(tandem.CodeNormal, canary)
				}
				synctest.Wait()
				assert.True(t, book.String() != "", "nothing is logged at all")
				assert.True(t, !strings.Contains(book.String(), canary), "the log holds what the peer sent:\n", book)
			})
		})
	}
}

// namedCodec is a codec under another name.
type namedCodec struct {
	tandem.Codec
	name string
}

func (c namedCodec) Name() string { return c.name }

// recordTrip remembers the last response.
type recordTrip struct {
	next     http.RoundTripper
	response *http.Response
}

func (r *recordTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	r.response = resp
	return resp, err
}

// panicOf gives what f panics with, as an error; nil if it does not.
func panicOf(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		case string:
			err = errors.New(v)
		}
	}()
	f()
	return nil
}
