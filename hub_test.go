package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// hubSite serves two endpoints, /one and /two, that share a hub.
type hubSite struct {
	hub      *tandem.Hub
	one, two *textEndpoint
	dial     tandem.DialOptions
}

func newHubSite(t testing.TB, hub *tandem.Hub, h textHandler) *hubSite {
	t.Helper()
	s := &hubSite{
		hub: hub,
		one: &textEndpoint{Path: "/one", Codec: json.Codec},
		two: &textEndpoint{Path: "/two", Codec: cbor.Codec},
	}
	mux := http.NewServeMux()
	mux.Handle(s.one.Handler(h, &tandem.ServeOptions{Hub: hub}))
	mux.Handle(s.two.Handler(h, &tandem.ServeOptions{Hub: hub}))
	s.dial.Transport = tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub}).Transport()
	return s
}

func (s *hubSite) connect(t testing.TB, e *textEndpoint) *textConn {
	t.Helper()
	c, err := e.Dial(t.Context(), tandemtest.URL, struct{}{}, &s.dial)
	assert.NoError(t, err, "dial %s", e.Path)
	t.Cleanup(func() { c.Close(tandem.CodeNormal, "") })
	synctest.Wait()
	return c
}

// refused dials and expects 503.
func (s *hubSite) refused(t testing.TB, header map[string][]string) *tandem.HandshakeError {
	t.Helper()
	o := s.dial
	o.Header = header
	_, err := s.one.Dial(t.Context(), tandemtest.URL, struct{}{}, &o)
	he := assert.ErrorAs[*tandem.HandshakeError](t, err)
	assert.Equal(t, he.Status, http.StatusServiceUnavailable)
	return he
}

func TestHub_knowsTheLiveConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubSite(t, new(tandem.Hub), echo)
		began := time.Now()
		first := s.connect(t, s.one)
		time.Sleep(time.Minute)
		s.connect(t, s.two)
		s.connect(t, s.one)
		assert.Equal(t, s.hub.Len(), 3)
		var seen []string
		var last uint64
		for info := range s.hub.Conns() {
			seen = append(seen, fmt.Sprint(info.Path, " ", info.Codec, " ", info.Since.Sub(began), " ", info.RemoteAddr))
			assert.True(t, info.ID > last, "ID ", info.ID)
			last = info.ID
		}
		assert.Equal(t, seen, []string{"/one json 0s client-1", "/two cbor 1m0s client-2", "/one json 1m0s client-3"})

		assert.NoError(t, first.Close(tandem.CodeNormal, ""))
		synctest.Wait()
		assert.Equal(t, s.hub.Len(), 2)
		for info := range s.hub.Conns() {
			assert.Equal(t, info.Path, "/two")
			break
		}
	})
}

func TestHubOptions_MaxConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubSite(t, tandem.NewHub(&tandem.HubOptions{MaxConns: 2}), echo)
		c := s.connect(t, s.one)
		s.connect(t, s.two)
		assert.Equal(t, s.refused(t, nil).Header["Retry-After"], []string{"5"})
		c.Close(tandem.CodeNormal, "")
		synctest.Wait()
		s.connect(t, s.one)
	})
}

func TestHubOptions_MaxPerKey_byAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubSite(t, tandem.NewHub(&tandem.HubOptions{MaxPerKey: 1}), echo)
		s.connect(t, s.one)
		s.connect(t, s.one) // in memory each client has an address of its own
	})
}

func TestHubOptions_Key(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubSite(t, tandem.NewHub(&tandem.HubOptions{
			MaxPerKey: 1, Key: func(r *http.Request) string { return r.Header.Get("X-User") },
		}), echo)
		s.dial.Header = map[string][]string{"X-User": {"ada"}}
		ada := s.connect(t, s.one)
		s.refused(t, map[string][]string{"X-User": {"ada"}})
		s.dial.Header = map[string][]string{"X-User": {"bob"}}
		s.connect(t, s.two)
		ada.Close(tandem.CodeNormal, "")
		synctest.Wait()
		s.dial.Header = map[string][]string{"X-User": {"ada"}}
		s.connect(t, s.one)
	})
}

func TestHubOptions_RetryAfter_inWholeSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "5", time.Millisecond: "1", 90 * time.Second: "90", 1001 * time.Millisecond: "2"} {
		synctest.Test(t, func(t *testing.T) {
			hub := tandem.NewHub(&tandem.HubOptions{RetryAfter: wait})
			s := newHubSite(t, hub, echo)
			assert.NoError(t, hub.Shutdown(t.Context()))
			assert.Equal(t, s.refused(t, nil).Header["Retry-After"], []string{want})
		})
	}
}

// A handshake that fails must not be counted for ever.
func TestHub_forgetsFailedHandshakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(&tandem.HubOptions{MaxConns: 1, MaxPerKey: 1, Key: func(*http.Request) string { return "all" }})
		s := newHubSite(t, hub, echo)
		o := &tandem.ServeOptions{Hub: hub, Authorize: refuseWith(&tandem.HandshakeError{Status: 401})}
		for range 3 {
			_, err := dialText(t, newText(), echo, o, nil, nil)
			assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, 401)
		}
		s.connect(t, s.one)
	})
}

func TestHub_Shutdown_waitsForTheHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		returned := make(chan time.Time, 1)
		slow := func(ctx context.Context, _ struct{}, _ *textConn) error {
			<-ctx.Done()
			time.Sleep(time.Minute)
			returned <- time.Now()
			return nil
		}
		s := newHubSite(t, tandem.NewHub(nil), slow)
		c := s.connect(t, s.one)
		go c.Recv(t.Context())
		assert.NoError(t, s.hub.Shutdown(t.Context()))
		assert.Equal(t, time.Since(<-returned), 0)
		assert.Equal(t, s.hub.Len(), 0)
		assertClosed(t, c.Err(), tandem.CodeRestart, "server shutting down")
		s.refused(t, nil)
	})
}

func TestHub_Shutdown_refusesWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context, _ struct{}, _ *textConn) error {
			<-ctx.Done()
			time.Sleep(time.Minute)
			return nil
		}
		s := newHubSite(t, tandem.NewHub(nil), slow)
		s.connect(t, s.one)
		down := make(chan error, 2)
		go func() { down <- s.hub.Shutdown(t.Context()) }()
		go func() { down <- s.hub.Shutdown(t.Context()) }() // a second one waits too
		synctest.Wait()
		s.refused(t, nil)
		assert.Equal(t, len(down), 0)
		assert.NoError(t, <-down)
		assert.NoError(t, <-down)
		assert.NoError(t, s.hub.Shutdown(t.Context()), "nothing is left to do")
	})
}

func TestHub_Shutdown_forcesWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := func(context.Context, struct{}, *textConn) error {
			<-release
			return nil
		}
		s := newHubSite(t, tandem.NewHub(nil), deaf)
		c := s.connect(t, s.one)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, s.hub.Shutdown(ctx), context.DeadlineExceeded)
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeRestart, "server shutting down")
		close(release)
	})
}

// Over TLS every write is another goroutine's: the last Close frame must be out before the connection is dropped.
func TestHub_Shutdown_forcedOverTLS(t *testing.T) {
	hub, release := tandem.NewHub(nil), make(chan struct{})
	deaf := func(context.Context, struct{}, *textConn) error {
		<-release
		return nil
	}
	defer close(release)
	mux := http.NewServeMux()
	mux.Handle(newText().Handler(deaf, &tandem.ServeOptions{Hub: hub}))
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	c, err := newText().Dial(t.Context(), server.URL, struct{}{}, &tandem.DialOptions{Transport: tandem.HTTPClient(server.Client())})
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, hub.Shutdown(ctx), context.Canceled)
	_, err = c.Recv(t.Context())
	assertClosed(t, err, tandem.CodeRestart, "server shutting down")
}

func TestHub_Shutdown_calledByTheServer(t *testing.T) {
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(newText().Handler(echo, &tandem.ServeOptions{Hub: hub}))
	server := httptest.NewUnstartedServer(mux)
	down := make(chan error, 1)
	server.Config.RegisterOnShutdown(func() { down <- hub.Shutdown(context.Background()) })
	server.Start()
	defer server.Close()
	c, err := newText().Dial(t.Context(), server.URL, struct{}{}, nil)
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go server.Config.Shutdown(ctx)
	_, err = c.Recv(ctx)
	assertClosed(t, err, tandem.CodeRestart, "server shutting down")
	assert.NoError(t, <-down)
}

// A handler that reads with a context of its own is told by its own context.
func TestHub_Shutdown_endsRecvWithADerivedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan error, 1)
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			_, err := c.Recv(ctx)
			ends <- errors.Join(err, context.Cause(ctx))
			return err
		}
		s := newHubSite(t, tandem.NewHub(nil), h)
		c := s.connect(t, s.one)
		go c.Recv(t.Context())
		assert.NoError(t, s.hub.Shutdown(t.Context()))
		err := <-ends
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, tandem.ErrShutdown)
	})
}
