package tandem_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

type mountParams struct {
	Room string `path:"room"`
	Q    string `query:"q"`
}

// mounted answers each message with the parameters before it.
var mounted = &tandem.Endpoint[mountParams, string, string]{Path: "/rooms/{room}?q", Codec: json.Codec,
	Limits: tandem.Limits{MaxClientMessage: 4 << 20, MaxServerMessage: 4 << 20}}

func serveMounted(ctx context.Context, p mountParams, c *textConn) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, p.Room+" "+p.Q+" "+msg); err != nil {
			return err
		}
	}
	return nil
}

// reach expects the endpoint below base to work, with a parameter that wants escaping.
func reach(t *testing.T, base string, transport tandem.Transport) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := mounted.Dial(ctx, base, mountParams{Room: "a/b ü", Q: "x&y"}, &tandem.DialOptions{Transport: transport})
	assert.NoError(t, err, base)
	assert.NoError(t, c.Send(ctx, "hi"))
	got, err := c.Recv(ctx)
	assert.NoError(t, err)
	assert.Equal(t, got, "a/b ü x&y hi")
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))
}

func mountedHandler(o *tandem.ServeOptions) http.Handler {
	_, h := mounted.Handler(serveMounted, o)
	return h
}

func mountedMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle(mounted.Handler(serveMounted, nil))
	return mux
}

func TestMount_anywhere(t *testing.T) {
	below := func(prefix string, h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
		return mux
	}
	foreign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a router that sets no path values
		if strings.HasPrefix(r.URL.Path, "/rooms/") {
			mountedHandler(nil).ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
	outer := http.NewServeMux()
	outer.Handle("/{tenant}/rooms/{room}", mountedHandler(nil)) // a ServeMux whose pattern says more
	for _, row := range []struct {
		name, base string
		h          http.Handler
	}{
		{"ServeMux", "", mountedMux()},
		{"slash behind the base", "/", mountedMux()},
		{"prefix", "/api", below("/api", mountedMux())},
		{"prefixes", "/x/api", below("/x", below("/api", mountedMux()))},
		{"no router", "", mountedHandler(nil)},
		{"foreign router", "", foreign},
		{"foreign router below a prefix", "/api", below("/api", foreign)},
		{"longer pattern", "/acme", outer},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := httptest.NewServer(row.h)
			defer server.Close()
			reach(t, server.URL+row.base, nil)
		})
	}
}

func TestMount_foreignRouterWithAnotherPath(t *testing.T) {
	server := httptest.NewServer(http.StripPrefix("/rooms", mountedHandler(nil)))
	defer server.Close()
	_, err := mounted.Dial(t.Context(), server.URL, mountParams{Room: "r", Q: "q"}, nil)
	assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, 404)
}

func TestMount_behindAReverseProxyThatStripsAPrefix(t *testing.T) {
	server := httptest.NewServer(mountedMux())
	defer server.Close()
	target, err := url.Parse(server.URL)
	assert.NoError(t, err)
	proxy := httptest.NewServer(http.StripPrefix("/app", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}))
	defer proxy.Close()
	reach(t, proxy.URL+"/app", nil)
}

func TestMount_pathsAreCleanedByARedirect(t *testing.T) {
	server := httptest.NewServer(mountedMux())
	defer server.Close()
	_, err := mounted.Dial(t.Context(), server.URL+"/x/..", mountParams{Room: "r", Q: "q"}, nil)
	he := assert.ErrorAs[*tandem.HandshakeError](t, err)
	assert.True(t, he.Status == 301 || he.Status == 307, "status ", he.Status)
	assert.Equal(t, he.Header["Location"], []string{"/rooms/r?q=q"})
}

// wrapped is the ResponseWriter of a middleware, with or without a way to what it wraps.
type (
	wrapped struct{ http.ResponseWriter }
	opaque  struct{ http.ResponseWriter }
)

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestMount_behindAWrappedResponseWriter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mountedMux().ServeHTTP(wrapped{w}, r)
	}))
	defer server.Close()
	reach(t, server.URL, nil)
}

func TestMount_behindAResponseWriterThatHidesTheConnection(t *testing.T) {
	book := newLogBook()
	hub := tandem.NewHub(nil)
	h := mountedHandler(&tandem.ServeOptions{Hub: hub, Logger: book.logger()})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(opaque{w}, r) }))
	defer server.Close()
	_, err := mounted.Dial(t.Context(), server.URL, mountParams{Room: "r", Q: "q"}, nil)
	assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, 500)
	assert.True(t, strings.Contains(book.String(), "ERROR") && strings.Contains(book.String(), "Unwrap"), book)
	assert.NoError(t, hub.Shutdown(t.Context()), "the connection is not counted")
}

func TestDial_everyScheme(t *testing.T) {
	plain, secure := httptest.NewServer(mountedMux()), httptest.NewTLSServer(mountedMux())
	defer plain.Close()
	defer secure.Close()
	transport := tandem.HTTPClient(secure.Client())
	reach(t, plain.URL, nil)
	reach(t, strings.Replace(plain.URL, "http://", "ws://", 1), nil)
	reach(t, strings.Replace(plain.URL, "http://", "WS://", 1), nil)
	reach(t, secure.URL, transport)
	reach(t, strings.Replace(secure.URL, "https://", "wss://", 1), transport)
}

func TestDial_overTLSWithAServerThatPrefersHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(mountedMux())
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	assert.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, resp.ProtoMajor, 2, "the client speaks HTTP/2")
	reach(t, server.URL, tandem.HTTPClient(server.Client()))
}

func TestDial_overTLS_unknownAuthority(t *testing.T) {
	server := httptest.NewUnstartedServer(mountedMux())
	server.Config.ErrorLog = newLogBook().standard()
	server.StartTLS()
	defer server.Close()
	_, err := mounted.Dial(t.Context(), server.URL, mountParams{Room: "r", Q: "q"}, nil)
	assert.ErrorAs[*tls.CertificateVerificationError](t, err)
}

func TestConn_overTLS(t *testing.T) {
	server := httptest.NewTLSServer(mountedMux())
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := mounted.Dial(ctx, server.URL, mountParams{Room: "r", Q: "q"}, &tandem.DialOptions{Transport: tandem.HTTPClient(server.Client())})
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")

	for i := range 200 { // pipelined
		assert.NoError(t, c.Send(ctx, fmt.Sprint(i)))
	}
	large := strings.Repeat("x", 3<<20)
	assert.NoError(t, c.Send(ctx, large))
	for i := range 200 {
		msg, err := c.Recv(ctx)
		assert.NoError(t, err)
		assert.Equal(t, msg, fmt.Sprint("r q ", i))
	}
	for range 5 { // a cancelled wait loses nothing, in the middle of a message neither
		short, stop := context.WithTimeout(ctx, time.Millisecond)
		msg, err := c.Recv(short)
		stop()
		if err == nil {
			assert.True(t, msg == "r q "+large, "the large message came back changed")
			large = ""
			continue
		}
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
	if large != "" {
		msg, err := c.Recv(ctx)
		assert.NoError(t, err)
		assert.True(t, msg == "r q "+large, "the large message came back changed")
	}
	_, err = c.Ping(ctx)
	assert.NoError(t, err)
}

// connectProxy is an HTTP proxy that knows CONNECT, and tells where to.
func connectProxy(asked chan<- string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		server, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, "no way", http.StatusBadGateway)
			return
		}
		defer server.Close()
		client, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer client.Close()
		io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		back := make(chan struct{})
		go func() {
			defer close(back)
			io.Copy(client, server)
			client.Close()
		}()
		io.Copy(server, buf)
		server.Close()
		<-back
	}
}

func TestHTTPClient_proxy(t *testing.T) {
	server := httptest.NewTLSServer(mountedMux())
	defer server.Close()
	asked := make(chan string, 1)
	proxy := httptest.NewServer(connectProxy(asked))
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	assert.NoError(t, err)
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxyURL)
	reach(t, server.URL, tandem.HTTPClient(&http.Client{Transport: transport}))
	assert.Equal(t, <-asked, "CONNECT "+server.Listener.Addr().String())
}

func TestHTTPClient_unixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	assert.NoError(t, err)
	server := tandem.NewServer("", mountedMux())
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	reach(t, "http://whatever.test", tandem.HTTPClient(&http.Client{Transport: transport}))
	server.Close()
	assert.True(t, errors.Is(<-served, http.ErrServerClosed))
}
