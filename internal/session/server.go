//go:build !js

package session

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// ServerConfig is what a server's end needs to know.
type ServerConfig struct {
	Window Window        // Default 256 messages, 1 MiB, 2 min
	Beat   time.Duration // how long the client may wait for a sign of life before it pings. Default off
	Epoch  string        // which incarnation of the store this is
	Calls  bool          // deliver calls, replies and fails. Default false: they count and are dropped

	// Durable holds frames back until what they tell is stored: see [Server.Settle]. Default false.
	Durable bool

	// ByHand says that a message the application has taken and is not done with (see Worked) is to be handed out again
	// by the process that takes the session up after Rest. Default false: what is taken is never handed out again.
	ByHand bool
}

// Caller is who says hello, as far as the request and the authorisation tell.
type Caller struct {
	Principal string // what the application says whom the connection belongs to
	Codec     string
}

// Grant is a fresh name and a fresh key of 128 random bits or more. The session keeps the key's hash only.
type Grant struct{ SID, Key string }

// Refusal says why a session was not resumed. The zero value is none.
type Refusal struct {
	Why   string
	RX    uint64 // what the application had taken of it
	HasRX bool   // RX is told
}

// Server is the server's end of one session. It is not safe for concurrent use.
type Server struct {
	end
	cfg       ServerConfig
	sid       string
	principal string
	codec     string
	schema    string
	secrets   secrets
	proven    bool      // the client has the newest key
	confirmed bool      // a frame has come behind some welcome
	since     time.Time // of the current socket's welcome, or of having no socket
	endedBy   string    // what a client that comes back too late is told
	asked     uint64    // number of the auth that waits for its answer
	asking    bool
	keeping   keeping
}

// NewServer opens a session for a hello that asks for none, or whose session was refused. Welcome goes out next.
func NewServer(cfg *ServerConfig, now time.Time, h *Hello, who Caller, g Grant, refused Refusal) (*Server, Socket) {
	s := &Server{cfg: *cfg, sid: g.SID, principal: who.Principal, codec: who.Codec, schema: h.Schema}
	s.cfg.Window = cfg.Window.orDefault()
	s.calls = cfg.Calls
	s.out.limit, s.in.limit = s.cfg.Window, s.cfg.Window
	s.out.durable, s.in.durable = cfg.Durable, cfg.Durable
	s.secrets.fresh = newSecret(g.Key)
	sock := s.attach()
	s.welcome(now, h, &Welcome{Key: g.Key, Why: refused.Why, RX: refused.RX, HasRX: refused.HasRX})
	return s, sock
}

// Owns reports whether a hello comes from the owner of the session: else it is denied.
func (s *Server) Owns(h *Hello, who Caller) bool {
	shown := s.secrets.find(h.Key)
	return shown != nil && h.Try > shown.try && who.Principal == s.principal
}

func (s *Server) welcome(now time.Time, h *Hello, w *Welcome) {
	w.V = min(h.V, Revision)
	w.SID, w.Epoch, w.Window = s.sid, s.cfg.Epoch, s.cfg.Window
	w.Beat = uint64(s.cfg.Beat / time.Millisecond)
	s.ctl.push(Frame{Kind: WelcomeK, Body: w})
	s.open, s.proven, s.asking = true, false, false
	s.since = now
	s.life.start(now)
	s.changed(s.cfg.Durable) // the key has to be known before it is told
}

// Resume answers a hello that names this session. When it is refused the socket is 0, and a session of its own is for
// the caller to open with the refusal. The key is the next one.
func (s *Server) Resume(now time.Time, h *Hello, who Caller, key string) (Socket, Refusal) {
	if !s.Owns(h, who) {
		return 0, Refusal{Why: WhyDenied}
	}
	shown := s.secrets.find(h.Key)
	s.Tick(now) // the time may be up and nobody has looked
	if s.over {
		return 0, s.refusal(s.endedBy)
	}
	inRange := h.RX >= s.out.acked && h.RX <= s.out.high
	why := ""
	switch {
	case h.Epoch != s.cfg.Epoch:
		why, inRange = WhyEpoch, false
	case who.Codec != s.codec:
		why = WhyCodec
	case h.Schema != "" && s.schema != "" && h.Schema != s.schema:
		why = WhySchema
	case !inRange:
		why = WhyGap
	}
	s.shut(wire.CodeTakenOver, "taken over")
	if inRange {
		s.out.ack(h.RX)
	}
	if why != "" {
		s.detach()
		s.finish(why, 0)
		return 0, s.refusal(why)
	}
	s.secrets.rotate(shown, h.Try, key)
	sock := s.attach()
	s.in.told()
	s.welcome(now, h, &Welcome{Key: key, Resumed: true, RX: s.in.sure(), HasRX: true})
	s.events.push(Event{Kind: Resumed, SID: s.sid})
	return sock, Refusal{}
}

// refusal tells what was taken, if that is known for good.
func (s *Server) refusal(why string) Refusal {
	known := s.in.taken >= s.keeping.doubt && (!s.cfg.Durable || !s.Unsaved())
	switch why {
	case WhyEpoch, WhyCrashed, WhyUnknown:
		known = false
	}
	if !known {
		return Refusal{Why: why}
	}
	return Refusal{Why: why, RX: s.in.taken, HasRX: true}
}

// Next gives the next frame for the current socket, as of [Client]; none while it has to wait for Saved. Only when an
// answer to a credential has left may the client show another: so a client that takes no answers cannot have a queue of
// them.
func (s *Server) Next() (f Frame, ok bool) {
	if s.keeping.saved < s.keeping.gate {
		return Frame{}, false
	}
	if f, ok = s.end.Next(); ok && f.Kind == AuthK {
		s.asking = false
	}
	return f, ok
}

// finish ends the session and remembers what to tell a client that comes back.
func (s *Server) finish(why string, code int) {
	s.end.finish(why, code)
	switch why {
	case WhyExpired, WhyUnconfirmed, WhyEpoch, WhyCrashed:
		s.endedBy = why
	default:
		s.endedBy = WhyEnded
	}
	s.changed(false)
}

// Flowing tells whether messages flow on the current socket. They do not while frames wait for Saved: the welcome may
// be among them.
func (s *Server) Flowing() bool { return s.open && s.keeping.saved >= s.keeping.gate }

// SID is the session's name.
func (s *Server) SID() string { return s.sid }

// Principal is whom the session belongs to.
func (s *Server) Principal() string { return s.principal }

// Codec is the codec of its messages.
func (s *Server) Codec() string { return s.codec }

// Lost says that a socket ended without a Close frame.
func (s *Server) Lost(now time.Time, sock Socket) {
	if sock == s.sock && sock != 0 {
		s.detach()
		s.since = now
	}
}

// Closed says that a Close frame came on a socket.
func (s *Server) Closed(now time.Time, sock Socket, code int) {
	switch {
	case sock != s.sock || sock == 0:
	case wire.ComesBack(code):
		s.Lost(now, sock)
	default:
		s.detach()
		s.finish(WhyClosed, code)
	}
}

// Receive acts on a frame that came behind hello. f is not kept.
func (s *Server) Receive(now time.Time, sock Socket, f *Frame) (Verdict, Ref) {
	if sock != s.sock || sock == 0 {
		return Nothing, Ref{}
	}
	s.life.hear(now)
	if wrongSeq(f) {
		return s.broken(f.Kind.String() + " with a wrong number"), Ref{}
	}
	if !s.proven {
		s.proven, s.confirmed = true, true
		s.secrets.proven()
		s.changed(false)
	}
	taken := s.in.taken
	v, r, handled := s.receive(f)
	s.skipped(taken)
	if s.over {
		s.endedBy = WhyEnded
		s.changed(false)
	}
	if handled {
		return v, r
	}
	if a, ok := f.Body.(*Auth); ok && !a.Answer && !s.asking {
		s.asking, s.asked = true, a.N
		s.events.push(Event{Kind: Asked, Auth: a})
		return Nothing, Ref{}
	}
	return s.broken("unexpected " + f.Kind.String()), Ref{}
}

func (s *Server) broken(reason string) Verdict {
	s.endedBy = WhyEnded
	s.changed(false)
	return s.violate(wire.CodeFrame, reason)
}

// Malformed says that what came on a socket is no frame.
func (s *Server) Malformed(sock Socket, reason string) {
	if sock == s.sock && sock != 0 {
		s.broken(reason)
	}
}

// Answer is the verdict on the credential of the event Asked with that number: whose it is, or why it is not good. A
// credential of somebody else is refused. It reports whether the credential was taken. When nobody waits for the verdict any
// more, because the socket was lost, it counts for nothing.
func (s *Server) Answer(n uint64, principal string, ok bool, why string) bool {
	if !s.open || !s.asking || s.asked != n {
		return false
	}
	if ok && principal != s.principal {
		ok, why = false, WhyDenied
	}
	s.ctl.push(Frame{Kind: AuthK, Body: &Auth{N: n, Answer: true, OK: ok, Why: why}})
	return ok
}

// Goaway asks the client to come back on another socket.
func (s *Server) Goaway(g *Goaway) {
	if s.open {
		s.ctl.push(Frame{Kind: GoawayK, Body: g})
	}
}

// End ends the session: what has been taken is acknowledged, and the socket closed with the code.
func (s *Server) End(code int, reason string) {
	if !s.over {
		s.endWith(code, reason)
		s.endedBy = WhyEnded
		s.changed(false)
	}
}

// expires is when a session without a socket is over.
func (s *Server) expires() time.Time {
	keep := time.Duration(min(s.cfg.Window.MS, maxKeep)) * time.Millisecond
	if !s.confirmed {
		keep = min(keep, greetTime)
	}
	return s.since.Add(keep)
}

// maxKeep is a century, so that no configuration makes a duration overflow.
const maxKeep = 100 * 365 * 24 * 3600 * 1000

// Due is when Tick has something to do; the zero time means at once. Not ok means never. Ask after every other call.
func (s *Server) Due() (at time.Time, ok bool) {
	switch {
	case s.over:
		return at, false
	case s.sock == 0:
		return s.expires(), true
	}
	if at, ok = s.due(); !s.proven {
		if by := s.since.Add(greetTime); !ok || by.Before(at) {
			return by, true
		}
	}
	return at, ok
}

// Tick tells the time.
func (s *Server) Tick(now time.Time) {
	switch {
	case s.over:
	case s.sock != 0:
		if s.tick(now); !s.proven && !now.Before(s.since.Add(greetTime)) {
			s.shut(wire.CodeLeft, "no answer to welcome")
			s.Lost(now, s.sock)
		}
	case !now.Before(s.expires()):
		why := WhyExpired
		if !s.confirmed {
			why = WhyUnconfirmed
		}
		s.finish(why, 0)
	}
}
