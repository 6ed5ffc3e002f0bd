package tandem_test

import (
	"bufio"
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// site is a real server: net/http, with the limits of tandem.NewServer, and one endpoint.
type site struct {
	path string
	hub  *tandem.Hub
	dial func() (net.Conn, error)
}

// onLoopback serves an endpoint on 127.0.0.1 until the test ends.
func onLoopback[P, In, Out any](
	t testing.TB, e *tandem.Endpoint[P, In, Out], fn func(context.Context, P, *tandem.Conn[In, Out]) error, o *tandem.ServeOptions,
) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serveSite(t, l, e, fn, o)
	s.dial = func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
	return s
}

// inMemory is onLoopback without a kernel. Inside a synctest bubble time is faked.
func inMemory[P, In, Out any](
	t testing.TB, e *tandem.Endpoint[P, In, Out], fn func(context.Context, P, *tandem.Conn[In, Out]) error, o *tandem.ServeOptions,
) *site {
	t.Helper()
	return inMemoryBuffer(t, 0, e, fn, o)
}

// inMemoryBuffer is inMemory with so many bytes on their way in each direction before a write waits; 0 means 64 KiB.
func inMemoryBuffer[P, In, Out any](
	t testing.TB, buffer int, e *tandem.Endpoint[P, In, Out], fn func(context.Context, P, *tandem.Conn[In, Out]) error, o *tandem.ServeOptions,
) *site {
	t.Helper()
	l := mempipe.Listen()
	l.Options.Buffer = buffer
	s := serveSite(t, l, e, fn, o)
	s.dial = func() (net.Conn, error) { return l.Dial(context.Background()) }
	return s
}

// overForeign is inMemory with streams of which the engine knows nothing but that they are a net.Conn, as with TLS: it
// can neither try to read nor try to write.
func overForeign[P, In, Out any](
	t testing.TB, e *tandem.Endpoint[P, In, Out], fn func(context.Context, P, *tandem.Conn[In, Out]) error, o *tandem.ServeOptions,
) *site {
	t.Helper()
	l := mempipe.Listen()
	l.Options.Buffer = 4 << 10
	s := serveSite(t, foreignListener{l}, e, fn, o)
	s.dial = func() (net.Conn, error) {
		conn, err := l.Dial(context.Background())
		return foreign{conn, conn.(interface{ CloseWrite() error })}, err
	}
	return s
}

type foreign struct {
	net.Conn

	half interface{ CloseWrite() error }
}

func (f foreign) CloseWrite() error { return f.half.CloseWrite() }

type foreignListener struct{ net.Listener }

func (l foreignListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return foreign{conn, conn.(interface{ CloseWrite() error })}, nil
}

func serveSite[P, In, Out any](
	t testing.TB, l net.Listener, e *tandem.Endpoint[P, In, Out], fn func(context.Context, P, *tandem.Conn[In, Out]) error, o *tandem.ServeOptions,
) *site {
	t.Helper()
	o = quietOptions(o)
	s := &site{hub: o.Hub}
	mux := http.NewServeMux()
	path, h := e.Handler(fn, o)
	s.path = path
	mux.Handle(path, h)
	srv := tandem.NewServer("", mux)
	srv.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.hub.Shutdown(ctx); err != nil {
			t.Error("connections are left over:", err)
		}
		srv.Close()
		<-served
	})
	return s
}

// quietOptions fills in a hub and a logger that says nothing.
func quietOptions(o *tandem.ServeOptions) *tandem.ServeOptions {
	with := tandem.ServeOptions{}
	if o != nil {
		with = *o
	}
	if with.Hub == nil {
		with.Hub = tandem.NewHub(nil)
	}
	if with.Logger == nil {
		with.Logger = slog.New(slog.DiscardHandler)
	}
	return &with
}

// connect gives a connection on which nothing has been said.
func (s *site) connect(t testing.TB) *rawPeer {
	t.Helper()
	conn, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn, false)
}

// open gives a connection behind the handshake, with further header lines.
func (s *site) open(t testing.TB, lines ...string) *rawPeer {
	t.Helper()
	return s.connect(t).upgrade(s.path, lines...)
}

// waitEmpty waits until the site has no connections.
func (s *site) waitEmpty(t testing.TB) {
	t.Helper()
	s.waitLen(t, 0)
}

// waitLen waits until the site has n connections.
func (s *site) waitLen(t testing.TB, n int) {
	t.Helper()
	for deadline := time.Now().Add(patience); s.hub.Len() != n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections, want %d", s.hub.Len(), n)
		}
		runtime.Gosched()
	}
}

// client makes http.Clients for Dial.
func (s *site) client() tandem.Transport {
	return tandem.HTTPClient(&http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return s.dial() },
		DisableKeepAlives: true,
	}})
}

// bytesCodec carries bytes as they are, so that what goes wrong is the protocol's doing.
type bytesCodec struct{}

func (bytesCodec) Name() string                { return "bytes" }
func (bytesCodec) FrameKind() tandem.FrameKind { return tandem.FrameBinary }

func (bytesCodec) Append(dst []byte, v any) ([]byte, error) { return append(dst, *v.(*[]byte)...), nil }

func (bytesCodec) Decode(src []byte, v any) error {
	*v.(*[]byte) = append([]byte{}, src...)
	return nil
}

type (
	bytesEndpoint = tandem.Endpoint[struct{}, []byte, []byte]
	bytesConn     = tandem.Conn[[]byte, []byte]
)

// newBytes declares an endpoint of plain bytes.
func newBytes(l tandem.Limits) *bytesEndpoint {
	return &bytesEndpoint{Path: "/bytes", Codec: bytesCodec{}, Limits: l}
}

// echoBytes sends everything back.
func echoBytes(ctx context.Context, _ struct{}, c *bytesConn) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handled is a handler that tells how fn ended.
func handled(fn func(context.Context, *bytesConn) error) (func(context.Context, struct{}, *bytesConn) error, <-chan error) {
	ended := make(chan error, 1)
	return func(ctx context.Context, _ struct{}, c *bytesConn) error {
		err := fn(ctx, c)
		ended <- err
		return err
	}, ended
}

// untilDone is a handler that never receives.
func untilDone(ctx context.Context, _ *bytesConn) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// drainBytes is a handler that receives until that fails.
func drainBytes(ctx context.Context, c *bytesConn) error {
	for {
		if _, err := c.Recv(ctx); err != nil {
			return err
		}
	}
}

// took checks how long something took on a bubble's clock.
func took(t testing.TB, since time.Time, least, most time.Duration) {
	t.Helper()
	if d := time.Since(since); d < least || d > most {
		t.Fatalf("took %v, want %v to %v", d, least, most)
	}
}

// hijackable is a ResponseWriter over a connection, for handlers that are called without a server.
type hijackable struct {
	conn   net.Conn
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *hijackable) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

func (w *hijackable) WriteHeader(status int) { w.status = status }

func (w *hijackable) Write(b []byte) (int, error) { return w.body.Write(b) }

func (w *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.status = http.StatusSwitchingProtocols
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}
