//go:build !js

package tandem

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Limits of spec/session.md, section 4, and of what sessions without a socket may cost.
const (
	helloTime        = 10 * time.Second
	maxGreeting      = 1024   // sockets that have not said hello
	resumesPerMinute = 30     // of one session
	maxDetached      = 10_000 // sessions of an endpoint that wait for a socket; the oldest gives way
)

// sessions are those of a served endpoint.
type sessions struct {
	server *server
	policy *SessionPolicy
	cfg    *engine.Config // of the sockets
	links  map[string]*link.Config
	epoch  string

	greeting atomic.Int32

	mu       sync.Mutex
	byID     map[string]*served
	detached []*served // in the order in which they lost their sockets; some have one again
}

// served is a session. It stays for a while after its end, to tell a client that comes back how far it got.
type served struct {
	live *live
	link *link.Server

	mu      sync.Mutex
	expire  *time.Timer // of the authorization; nil if that has no end
	resumes int         // since
	since   time.Time
}

func newSessions(s *server, p *SessionPolicy, l Limits) *sessions {
	ss := &sessions{
		server: s, policy: p, cfg: sessionConfig(l, false), links: map[string]*link.Config{},
		epoch: token(9), byID: map[string]*served{},
	}
	ss.cfg.FirstMessageTimeout = helloTime
	for _, c := range append([]Codec{s.codec}, s.codecs...) {
		if cfg, err := linkConfig(c, l, false); err == nil {
			ss.links[c.Name()] = cfg
		}
	}
	return ss
}

// token is a random text of n bytes.
func token(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// greeted is a socket of which the session is not known yet. It holds a place in the hub as long as it lives.
type greeted struct {
	ss      *sessions
	key     string // the hub's
	session atomic.Pointer[served]
}

func (g *greeted) Ended(c *engine.Conn, why error) { go g.ended(c, why) }

func (g *greeted) ended(c *engine.Conn, why error) {
	g.ss.server.o.Hub.release(g.key)
	if s := g.session.Load(); s != nil {
		s.link.Ended(c, why)
		g.ss.detach(s)
	}
}

func (g *greeted) Pending() {
	if s := g.session.Load(); s != nil {
		s.link.Pending()
	}
}

// accept takes over a socket whose client speaks sessions. l is what becomes of it if it opens a new one.
func (ss *sessions) accept(conn net.Conn, buffered []byte, l *live, params any, expires time.Time) {
	g := &greeted{ss: ss, key: l.key}
	c := engine.New(conn, ss.cfg, engine.Options{Buffered: buffered, Owner: g})
	if ss.greeting.Add(1) > maxGreeting {
		ss.greeting.Add(-1)
		l.cancel(ErrClosed)
		c.StartClose(wire.ErrClosed, wire.CodeTryAgain, "too many newcomers")
		return
	}
	go func() {
		defer ss.greeting.Add(-1)
		hello, err := ss.hello(c, l)
		if err != nil {
			l.cancel(ErrClosed)
			return
		}
		ss.meet(c, g, hello, l, params, expires)
	}()
}

// hello reads the first frame.
func (ss *sessions) hello(c *engine.Conn, l *live) (*session.Hello, error) {
	_, data, err := c.Next(context.Background())
	if err != nil {
		var ce *wire.CloseError
		if errors.As(err, &ce) && ce.Violation && ce.Code == wire.CodePolicy {
			return nil, err // it is being closed
		}
		c.Abort(wire.ErrClosed)
		return nil, err
	}
	defer c.Done()
	var f session.Frame
	err = ss.links[l.codec.Name()].Codec.Parse(data, &f)
	h, ok := f.Body.(*session.Hello)
	if err == nil && !ok {
		err = errors.New("frame: hello comes first")
	}
	if err != nil {
		c.StartClose(wire.ErrClosed, wire.CodeFrame, wire.CutReason(err.Error()))
	}
	return h, err
}

// meet resumes the session that a hello asks for, or opens a new one.
func (ss *sessions) meet(c *engine.Conn, g *greeted, h *session.Hello, l *live, params any, expires time.Time) {
	who := session.Caller{Codec: l.codec.Name()}
	if principal := ss.server.o.Principal; principal != nil {
		who.Principal = principal(l)
	}
	var refused session.Refusal
	if h.SID != "" {
		ss.mu.Lock()
		s := ss.byID[h.SID]
		ss.mu.Unlock()
		switch {
		case s == nil:
			refused.Why = session.WhyUnknown
		case !s.mayResume():
			l.cancel(ErrClosed)
			c.StartClose(wire.ErrClosed, wire.CodeTryAgain, "too many resumes")
			return
		default:
			g.session.Store(s)
			var ok bool
			if refused, ok = s.link.Resume(c, h, who, token(24)); ok {
				s.expires(expires)
				l.cancel(ErrClosed) // it was not needed
				return
			}
			g.session.Store(nil)
		}
	}
	ss.open(c, g, h, who, refused, l, params, expires)
}

func (ss *sessions) open(c *engine.Conn, g *greeted, h *session.Hello, who session.Caller, refused session.Refusal, l *live, params any, expires time.Time) {
	grant := session.Grant{SID: token(12), Key: token(24)}
	cfg := *ss.links[l.codec.Name()]
	s := &served{live: l}
	cfg.Base = l
	cfg.Tell = func(e *session.Event) { ss.tell(s, grant.SID, e) }
	s.link = link.NewServer(&cfg)
	l.core, l.noSlot = s.link, true
	ss.mu.Lock()
	ss.byID[grant.SID] = s
	ss.mu.Unlock()
	g.session.Store(s)
	s.link.Open(&session.ServerConfig{Window: ss.policy.window(), Beat: ss.policy.beat(), Epoch: ss.epoch}, c, h, who, grant, refused)
	s.expires(expires)
	ss.server.o.Hub.enter(l)
	ss.server.start(l, params)
}

// tell acts on what a session says. It is called with the link's lock held.
func (ss *sessions) tell(s *served, sid string, e *session.Event) {
	switch e.Kind {
	case session.Over:
		s.live.cancel(publicError(&wire.SessionError{Why: e.Why, Code: e.Code}, true))
		time.AfterFunc(orDefault(ss.policy.Keep, 2*time.Minute), func() {
			ss.mu.Lock()
			defer ss.mu.Unlock()
			delete(ss.byID, sid)
		})
	case session.Asked:
		go s.link.Answer("", false, "not supported")
	}
}

// detach notes that a session has lost its socket. When too many have, the oldest is given up.
func (ss *sessions) detach(s *served) {
	if !s.link.Detached() {
		return
	}
	ss.mu.Lock()
	ss.detached = append(ss.detached, s)
	var oldest *served
	if len(ss.detached) > maxDetached {
		oldest = ss.detached[0]
		ss.detached = ss.detached[1:]
	}
	ss.mu.Unlock()
	if oldest != nil && oldest.link.Detached() {
		oldest.link.StartClose(wire.ErrClosed, wire.CodeTryAgain, "too many sessions")
	}
}

// mayResume bounds how often a session is resumed, because each time may send its whole window again.
func (s *served) mayResume() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.since) >= time.Minute {
		s.since, s.resumes = now, 0
	}
	s.resumes++
	return s.resumes <= resumesPerMinute
}

// expires ends the session when the authorization of its newest socket does.
func (s *served) expires(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expire != nil {
		s.expire.Stop()
		s.expire = nil
	}
	if at.IsZero() {
		return
	}
	s.expire = time.AfterFunc(time.Until(at), func() {
		s.live.cancel(errExpired)
		s.link.Interrupt()
	})
	context.AfterFunc(s.live, func() { s.expires(time.Time{}) })
}
