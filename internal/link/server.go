//go:build !js

package link

import (
	"context"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Server is the server's end of a session.
type Server struct {
	Link
	s serverEnd

	keeping bool   // a goroutine stores the session
	lost    bool   // and never will again: another process has it, or nobody waits for that any more
	state   []byte // the application's
	settled []byte // the one that belongs to the session's settled state
	set     uint64 // how often the application has set its state
	stored  uint64 // and how often when what is stored was written
}

type serverEnd struct{ *session.Server }

func (e serverEnd) lost(now time.Time, n session.Socket)             { e.Lost(now, n) }
func (e serverEnd) closed(now time.Time, n session.Socket, code int) { e.Closed(now, n, code) }

// NewServer makes the end of a new session. It has no socket until Open. base is its handler's context.
func NewServer(base context.Context, cfg *Config, h Host) *Server {
	return &Server{Link: Link{cfg: cfg, base: base, host: h}}
}

// Restored makes the end of a session that another process has written down, with what the application has stored
// beside it. It has no socket until Resume.
func Restored(base context.Context, cfg *Config, h Host, s *session.Server, state []byte) *Server {
	l := NewServer(base, cfg, h)
	l.state, l.settled = state, state
	l.opened = time.Now().UnixNano()
	l.take(s)
	return l
}

// take makes s the session of the link.
func (l *Server) take(s *session.Server) {
	l.s.Server = s
	l.end = l.s
	l.down = func(error) {
		if l.why == nil {
			l.host.Detached()
		}
	}
	if l.cfg.Stored {
		l.unsaved = l.startKeeping
	}
	if l.cfg.Durable {
		l.settle = func() {
			l.s.Settle()
			l.settled = l.state
		}
		l.sent = func() {
			if l.s.Between() {
				l.settle()
			}
		}
	}
}

// Open opens the session on the socket that said hello. state is what the application knows of an earlier one.
func (l *Server) Open(cfg *session.ServerConfig, s Socket, h *session.Hello, who session.Caller, g session.Grant, refused session.Refusal, state []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	core, n := session.NewServer(cfg, time.Now(), h, who, g, refused)
	l.state, l.settled = state, state
	l.take(core)
	l.begun()
	l.attach(s, n)
}

// Outcome is what becomes of a hello that asks for a session.
type Outcome uint8

// The outcomes.
const (
	Resumed Outcome = iota
	Refused         // the client is to get a new session, and to be told why
	Away            // the session is on its way to another process: the client is to come back later
)

// Resume takes the session up on the socket that said hello.
func (l *Server) Resume(s Socket, h *session.Hello, who session.Caller, key string) (Outcome, session.Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.resting {
		return Away, session.Refusal{}
	}
	n, refused := l.s.Resume(time.Now(), h, who, key)
	if n == 0 {
		l.flush()
		l.stirred()
		return Refused, refused
	}
	l.attach(s, n)
	return Resumed, refused
}

// Principal is whom the session belongs to.
func (l *Server) Principal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.Principal()
}

// Codec is the codec of its messages.
func (l *Server) Codec() string { return l.s.Codec() }

// Unsent is what was sent in the session and not acknowledged when it ended.
func (l *Server) Unsent() *wire.SessionError {
	l.mu.Lock()
	defer l.mu.Unlock()
	se, _ := l.why.(*wire.SessionError)
	return se
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
func (l *Server) Answer(n uint64, principal string, ok bool, why string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.s.Answer(n, principal, ok, why)
	l.flush()
	return taken
}

// Interrupt wakes whoever waits, after the base context has ended. From now on nobody waits for another socket.
func (l *Server) Interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurry = true
	if l.cfg.Stored {
		l.s.Stopping()
	}
	if l.sock != nil {
		l.sock.Interrupt()
	}
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
