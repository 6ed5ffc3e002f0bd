package link

import (
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Server is the server's end of a session.
type Server struct {
	Link
	s serverEnd
}

type serverEnd struct{ *session.Server }

func (e serverEnd) lost(now time.Time, n session.Socket)             { e.Lost(now, n) }
func (e serverEnd) closed(now time.Time, n session.Socket, code int) { e.Closed(now, n, code) }

// NewServer makes the end of a new session. It has no socket until Open.
func NewServer(cfg *Config) *Server { return &Server{Link: Link{cfg: cfg}} }

// Open opens the session on the socket that said hello.
func (l *Server) Open(cfg *session.ServerConfig, s Socket, h *session.Hello, who session.Caller, g session.Grant, refused session.Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n session.Socket
	l.down = func(error) {
		if l.why == nil && l.cfg.Detached != nil {
			l.cfg.Detached()
		}
	}
	l.s.Server, n = session.NewServer(cfg, time.Now(), h, who, g, refused)
	l.end = l.s
	l.attach(s, n)
}

// Resume takes the session up on the socket that said hello, or refuses to.
func (l *Server) Resume(s Socket, h *session.Hello, who session.Caller, key string) (refused session.Refusal, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, refused := l.s.Resume(time.Now(), h, who, key)
	if n == 0 {
		l.flush()
		l.stirred()
		return refused, false
	}
	l.attach(s, n)
	return refused, true
}

// Owns reports whether a hello comes from the owner of the session.
func (l *Server) Owns(h *session.Hello, who session.Caller) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.Owns(h, who)
}

// EndDetached ends the session if it has no socket.
func (l *Server) EndDetached(code int, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sock == nil {
		l.end.End(code, reason)
		l.flush()
		l.stirred()
	}
}

// Answer is the verdict on a credential that the client has shown in the session, see session.Server.
func (l *Server) Answer(principal string, ok bool, why string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.s.Answer(principal, ok, why)
	l.flush()
	return taken
}

// Interrupt wakes whoever waits, after the base context has ended. From now on nobody waits for another socket.
func (l *Server) Interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurry = true
	l.stirred()
}

// Drop ends the session and its socket, once what is sent is written or after d.
func (l *Server) Drop(reason error, d time.Duration) {
	if s := l.endNow(reason); s != nil {
		s.Drop(reason, d)
	}
}

// Forget lets go of all messages, when the session is over and its handler has returned.
func (l *Server) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inbox, l.unsent = nil, nil
	if se, ok := l.why.(*wire.SessionError); ok {
		l.why = &wire.SessionError{Why: se.Why, Close: se.Close}
	}
}
