//go:build !js

package wasm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Server serves the endpoints, and what else is put on its Mux.
type Server struct {
	*httptest.Server
	Mux *http.ServeMux

	hub *tandem.Hub

	mu    sync.Mutex // guards what follows
	rooms map[string]*room
}

// room is where the connections with an ID meet.
type room struct {
	conn  net.Conn // of the session's current socket
	begin chan struct{}
	seen  chan Seen
}

type connKey struct{}

// NewServer starts a server.
func NewServer() *Server {
	s := &Server{Mux: http.NewServeMux(), hub: tandem.NewHub(nil), rooms: map[string]*room{}}
	s.routes()
	s.Server = httptest.NewUnstartedServer(s.Mux)
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	s.Start()
	return s
}

// Stop ends all connections, and the server.
func (s *Server) Stop(ctx context.Context) error {
	err := s.hub.Shutdown(ctx)
	s.CloseClientConnections()
	s.Close()
	return err
}

// room gives what belongs to an ID.
func (s *Server) room(id string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[id] == nil {
		s.rooms[id] = &room{begin: make(chan struct{}), seen: make(chan Seen, 1)}
	}
	return s.rooms[id]
}

type noteConn = tandem.Conn[Note, Note]

func (s *Server) routes() {
	plain := &tandem.ServeOptions{Hub: s.hub, Codecs: []tandem.Codec{json.Codec}, Subprotocols: []string{"extra"}}
	s.Mux.Handle(EchoJSON.Handler(echo, plain))
	s.Mux.Handle(EchoCBOR.Handler(echo, plain))
	s.Mux.Handle(EchoMsgPack.Handler(echo, plain))
	s.Mux.Handle(Wide.Handler(sized, plain))
	s.Mux.Handle(Frames.Handler(frames, plain))
	s.Mux.Handle(Closes.Handler(closes, plain))
	s.Mux.Handle(Listens.Handler(s.listens, plain))
	s.Mux.Handle(Release.Handler(s.release, plain))
	s.Mux.Handle(Verdict.Handler(s.verdict, plain))
	s.Mux.Handle(Burst.Handler(burst, plain))
	s.Mux.Handle(Cut.Handler(s.cut, plain))
	s.Mux.Handle(Odd.Handler(func(ctx context.Context, _ OddParams, c *noteConn) error { return echo(ctx, Ask{}, c) }, plain))
	s.Mux.Handle(Refuses.Handler(echo, &tandem.ServeOptions{
		Hub: s.hub, RefuseInBand: true,
		Authorize: func(*http.Request) (context.Context, error) {
			return nil, &tandem.HandshakeError{Status: http.StatusForbidden, Message: "not you"}
		},
	}))
	s.Mux.HandleFunc(Hangs.Path, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.Mux.Handle(Session.Handler(session, &tandem.ServeOptions{
		Hub: s.hub, Use: []func(http.Handler) http.Handler{s.remember},
	}))
	s.Mux.Handle(Private.Handler(greet, &tandem.ServeOptions{
		Hub: s.hub, Principal: func(ctx context.Context) string {
			who, _ := ctx.Value(connKey{}).(string)
			return who
		},
		AuthorizeInBand: func(ctx context.Context, credential string) (context.Context, error) {
			who, ok := strings.CutPrefix(credential, "token of ")
			if !ok {
				return nil, &tandem.HandshakeError{Status: http.StatusForbidden, Message: "no such token"}
			}
			return context.WithValue(ctx, connKey{}, who), nil
		},
	}))
}

func echo(ctx context.Context, _ Ask, c *noteConn) error {
	for n, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// sized sends a note of each of two sizes, then waits.
func sized(ctx context.Context, ask Ask, c *noteConn) error {
	for _, size := range []int{10, ask.Size} {
		if err := c.Send(ctx, Note{Data: make([]byte, size)}); err != nil {
			return err
		}
	}
	return echo(ctx, ask, c)
}

func frames(ctx context.Context, _ Ask, c *tandem.Conn[string, string]) error {
	for {
		f, err := c.Raw().Recv(ctx)
		if err != nil {
			return err
		}
		if f.Kind != tandem.FrameClose {
			err = c.Raw().Send(ctx, f)
		}
		if err != nil {
			return err
		}
	}
}

func closes(ctx context.Context, ask Ask, c *noteConn) error {
	for i := range ask.N {
		if err := c.Send(ctx, Note{N: i + 1}); err != nil {
			return err
		}
	}
	switch ask.Code {
	case 0:
		return nil
	case int(tandem.CodeAbnormal):
		if _, err := c.Recv(ctx); err != nil { // the client has what was sent
			return err
		}
		c.CloseNow()
		return nil
	}
	return &tandem.CloseError{Code: tandem.Code(ask.Code), Reason: ask.Reason}
}

func (s *Server) listens(ctx context.Context, ask Ask, c *noteConn) error {
	r := s.room(ask.ID)
	if ask.N > 0 {
		select {
		case <-r.begin:
		case <-ctx.Done():
		}
	}
	var seen Seen
	for {
		_, err := c.Recv(ctx)
		if err == nil {
			seen.Received++
			continue
		}
		if ce, ok := errors.AsType[*tandem.CloseError](err); ok {
			seen.Code, seen.Reason = int(ce.Code), ce.Reason
		}
		seen.Normal, seen.Lost = errors.Is(err, io.EOF), errors.Is(err, tandem.ErrLost)
		r.seen <- seen
		return err
	}
}

func (s *Server) release(_ context.Context, ask Ask, _ *noteConn) error {
	close(s.room(ask.ID).begin)
	return nil
}

func (s *Server) verdict(ctx context.Context, ask Ask, c *tandem.Conn[Note, Seen]) error {
	select {
	case seen := <-s.room(ask.ID).seen:
		return c.Send(ctx, seen)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func burst(ctx context.Context, ask Ask, c *noteConn) error {
	for i := range ask.N {
		if err := c.Send(ctx, Note{N: i + 1, Text: strings.Repeat("x", ask.Size)}); err != nil {
			return err
		}
	}
	return echo(ctx, ask, c)
}

func session(ctx context.Context, ask Ask, c *noteConn) error {
	for n, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if n.Text == "end" {
			return closes(ctx, Ask{N: 100}, c)
		}
		if err := c.Send(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// remember notes which connection a session's socket with an ID has.
func (s *Server) remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		room := s.room(r.URL.Query().Get("id"))
		s.mu.Lock()
		room.conn, _ = r.Context().Value(connKey{}).(net.Conn)
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) cut(ctx context.Context, ask Ask, c *noteConn) error {
	room := s.room(ask.ID)
	s.mu.Lock()
	conn := room.conn
	s.mu.Unlock()
	if conn == nil {
		return fmt.Errorf("no session %q", ask.ID)
	}
	_ = conn.Close()
	return c.Send(ctx, Note{Text: "cut"})
}

func greet(ctx context.Context, _ Ask, c *tandem.Conn[Note, string]) error {
	if err := c.Send(ctx, "hello "+c.Session().Principal()); err != nil {
		return err
	}
	_, err := c.Recv(ctx)
	return err
}
