package tandemtest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// URL is the base URL of every in-memory server: pass it to Dial together with the server's Transport.
const URL = "http://tandem.test"

// Server serves an http.Handler on an in-memory network.
type Server struct {
	http   *http.Server
	client *http.Client
	done   chan struct{}
}

// Options are for the in-memory network. A nil *Options means the defaults.
type Options struct {
	// Fault breaks the connections that go through it. The test closes it. Default: nothing is broken.
	Fault *fault.Proxy

	// Buffer is how many bytes are on the way in each direction before a write waits. Default 64 KiB.
	Buffer int

	// Hub is shut down before the server is closed, when the test ends. Default: connections still there are dropped.
	Hub *tandem.Hub
}

// NewServer serves h until the test ends. Inside a synctest bubble it belongs to the bubble.
func NewServer(t testing.TB, h http.Handler, o *Options) *Server {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	l := mempipe.Listen()
	l.Options.Buffer = o.Buffer
	dial := l.DialContext
	if o.Fault != nil {
		dial = o.Fault.Listen(l.Dial).DialContext
	}
	s := &Server{
		http: tandem.NewServer("", h),
		client: &http.Client{Transport: &http.Transport{
			DialContext:       func(ctx context.Context, network, addr string) (net.Conn, error) { return dial(ctx, network, addr) },
			DisableKeepAlives: true,
		}},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // http.ErrServerClosed
	}()
	t.Cleanup(func() {
		if o.Hub != nil {
			ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
			defer cancel()
			if err := o.Hub.Shutdown(ctx); err != nil {
				t.Error("tandemtest: shutdown of the hub:", err)
			}
		}
		_ = s.http.Close()
		s.client.CloseIdleConnections()
		<-s.done
	})
	return s
}

// shutdownTime is longer than any close handshake. In a bubble it costs nothing.
const shutdownTime = 10 * time.Second

// Transport connects clients to the server.
func (s *Server) Transport() tandem.Transport { return tandem.HTTPClient(s.client) }

// HTTPClient makes plain requests to the server.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Connect serves one endpoint with a handler and connects a client to it; it fails the test if that does not work.
// When the test ends, the client is closed normally and the handler is shut down. Further options of the two sides are
// for NewServer.
func Connect[Params, In, Out any](
	t testing.TB,
	e *tandem.Endpoint[Params, In, Out],
	handler func(context.Context, Params, *tandem.Conn[In, Out]) error,
	p Params,
	o *Options,
) *tandem.Conn[Out, In] {
	t.Helper()
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(e.Handler(handler, &tandem.ServeOptions{Hub: hub}))
	with := Options{}
	if o != nil {
		with = *o
	}
	if with.Hub == nil {
		with.Hub = hub
	}
	s := NewServer(t, mux, &with)
	c, err := e.Dial(t.Context(), URL, p, &tandem.DialOptions{Transport: s.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(tandem.CodeNormal, "") })
	return c
}
