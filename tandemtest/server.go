package tandemtest

import (
	"context"
	"net"
	"net/http"
	"sync"
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

	mu    sync.Mutex
	conns []net.Conn // the clients' ends, to be dropped at the end; guarded by mu
}

func (s *Server) keep(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return conn, nil
}

func (s *Server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
}

// Options are for the in-memory network. A nil *Options means the defaults.
type Options struct {
	// Fault breaks the connections that go through it. The test closes it. Default: nothing is broken.
	Fault *fault.Proxy

	// Buffer is how many bytes are on the way in each direction before a write waits. Default 64 KiB.
	Buffer int

	// Hub is the hub of the endpoints: it is shut down before the server is closed, when the test ends. Default of
	// Connect: a hub of its own, or that of Serve. Without one, NewServer drops the network's connections.
	Hub *tandem.Hub

	// Serve and Dial are the options of Connect's two sides. Connect fills in the hub and the transport. NewServer
	// ignores them.
	Serve *tandem.ServeOptions
	Dial  *tandem.DialOptions
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
		done: make(chan struct{}),
	}
	s.client = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return s.keep(dial(ctx, network, addr))
		},
		DisableKeepAlives: true,
	}}
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
		s.drop()
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
	var with Options
	var serve tandem.ServeOptions
	var dial tandem.DialOptions
	if o != nil {
		with = *o
	}
	if with.Serve != nil {
		serve = *with.Serve
	}
	if with.Dial != nil {
		dial = *with.Dial
	}
	switch {
	case serve.Hub != nil:
		with.Hub = serve.Hub
	case with.Hub == nil:
		with.Hub = tandem.NewHub(nil)
	}
	serve.Hub = with.Hub
	mux := http.NewServeMux()
	mux.Handle(e.Handler(handler, &serve))
	s := NewServer(t, mux, &with)
	if dial.Transport == nil {
		dial.Transport = s.Transport()
	}
	c, err := e.Dial(t.Context(), URL, p, &dial)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(tandem.CodeNormal, "") })
	return c
}
