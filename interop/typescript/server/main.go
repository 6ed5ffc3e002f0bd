// Command server is what the tests of the TypeScript client connect to. It prints its URL, serves the endpoints of package
// api, and ends with its standard input. Besides them it has, with POST:
//
//	/control/cut     ends all connections without a Close frame
//	/control/forget  starts anew: connections are cut, sessions are forgotten
//	/control/stats   gives what it has counted, as JSON
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/interop/typescript/api"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	addr := "127.0.0.1:0"
	if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s := &server{conns: map[net.Conn]bool{}}
	s.forget()
	httpServer := &http.Server{Handler: s, ConnState: s.track, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = httpServer.Close()
		s.cut()
	}()
	if _, err := fmt.Fprintln(os.Stdout, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	if err := httpServer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// server serves the endpoints, and forgets them when it is told to.
type server struct {
	mu    sync.Mutex
	conns map[net.Conn]bool // that are websockets, or were
	mux   *http.ServeMux
	hub   *tandem.Hub
	stats
}

// stats counts since the server was started.
type stats struct {
	Opened atomic.Int64 // handlers that were called
	Ended  atomic.Int64 // handlers that have returned
	Normal atomic.Int64 // those whose peer has closed with 1000
}

func (s *server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateHijacked { // nobody tells when it is closed
		s.conns[c] = true
	}
}

func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		_ = c.Close()
		delete(s.conns, c)
	}
}

func (s *server) forget() {
	s.cut()
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	s.endpoints(mux, hub)
	s.mu.Lock()
	s.mux, s.hub = mux, hub
	s.mu.Unlock()
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch r.URL.Path {
	case "/control/cut":
		s.cut()
	case "/control/forget":
		s.forget()
	case "/control/stats":
		_, _ = fmt.Fprintf(w, `{"opened":%d,"ended":%d,"normal":%d}`, s.Opened.Load(), s.Ended.Load(), s.Normal.Load())
	default:
		s.mu.Lock()
		mux := s.mux
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}
}

func (s *server) endpoints(mux *http.ServeMux, hub *tandem.Hub) {
	o := &tandem.ServeOptions{Hub: hub, Origins: []string{"*"}, RefuseInBand: true}
	for _, e := range []*tandem.Endpoint[api.Person, api.Echoed, api.Echoed]{api.EchoJSON, api.EchoCBOR, api.EchoMsgPack} {
		mux.Handle(e.Handler(func(ctx context.Context, p api.Person, c *tandem.Conn[api.Echoed, api.Echoed]) error {
			defer s.count()()
			if p.Greet != nil && *p.Greet {
				if err := c.Send(ctx, api.Text("hello "+p.Name)); err != nil {
					return err
				}
			}
			for {
				msg, err := c.Recv(ctx)
				if err != nil {
					return s.ended(err)
				}
				if err := c.Send(ctx, msg); err != nil {
					return err
				}
				if _, ok := msg.(api.Double); ok {
					if err := c.Send(ctx, msg); err != nil {
						return err
					}
				}
			}
		}, o))
	}
	mux.Handle(api.Burst.Handler(func(ctx context.Context, p api.Count, c *tandem.Conn[int64, int64]) error {
		defer s.count()()
		for i := range p.N {
			if err := c.Send(ctx, int64(i)+1); err != nil {
				return err
			}
		}
		return echo(ctx, s, c)
	}, o))
	for _, e := range []*tandem.Endpoint[struct{}, string, string]{api.KeptJSON, api.KeptCBOR, api.KeptMsgPack} {
		mux.Handle(e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
			defer s.count()()
			return echo(ctx, s, c)
		}, o))
	}
	ends := *o
	ends.Authorize = func(r *http.Request) (context.Context, error) {
		q := r.URL.Query()
		if status, err := strconv.Atoi(q.Get("status")); err == nil {
			return nil, &tandem.HandshakeError{Status: status, Message: "as you wish"}
		}
		if q.Has("token") && q.Get("token") != "good" {
			return nil, &tandem.HandshakeError{Status: http.StatusUnauthorized, Message: "the token has expired"}
		}
		return r.Context(), nil
	}
	mux.Handle(api.Ends.Handler(func(ctx context.Context, p api.Way, c *tandem.Conn[string, string]) error {
		defer s.count()()
		switch {
		case p.Code != nil && *p.Code == 1000:
			return c.Send(ctx, "the last word")
		case p.Code != nil:
			return &tandem.CloseError{Code: tandem.Code(*p.Code), Reason: "as you wish"}
		case p.Lie != nil && *p.Lie:
			if err := c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameText, Data: []byte("{}")}); err != nil {
				return err
			}
		}
		return echo(ctx, s, c)
	}, &ends))
}

// echo answers each message with itself.
func echo[T any](ctx context.Context, s *server, c *tandem.Conn[T, T]) error {
	for {
		msg, err := c.Recv(ctx)
		if err != nil {
			return s.ended(err)
		}
		if err := c.Send(ctx, msg); err != nil {
			return err
		}
	}
}

// count counts a handler that was called, and with what it returns one that has returned.
func (s *server) count() (returned func()) {
	s.Opened.Add(1)
	return func() { s.Ended.Add(1) }
}

// ended counts how a peer has ended.
func (s *server) ended(err error) error {
	if errors.Is(err, io.EOF) {
		s.Normal.Add(1)
	}
	return err
}
