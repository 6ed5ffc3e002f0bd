//go:build !js

package tandem

import (
	"container/list"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
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
	maxOver          = 10_000 // sessions that are over and remembered; likewise
)

// sessions are those of a served endpoint.
type sessions struct {
	server *server
	policy *SessionPolicy
	cfg    *engine.Config // of the sockets
	links  map[string]*link.Config
	epoch  string

	greeting atomic.Int32

	mu       sync.Mutex // may be taken while a link's lock is held
	byID     map[string]*served
	detached list.List // of *served without a socket, in the order in which they lost it
	over     []string  // the sids of those that are over, in order
}

// served is a session. It stays for a while after its end, to tell a client that comes back how far it got.
type served struct {
	live *live
	link *link.Server

	place *list.Element // in sessions.detached; guarded by sessions.mu

	mu      sync.Mutex
	expire  *time.Timer // of the authorization; nil if that has no end
	watched bool        // expires is called at the end of live
	resumes int         // since
	since   time.Time
}

func newSessions(s *server, p *SessionPolicy, l Limits) *sessions {
	ss := &sessions{
		server: s, policy: p, cfg: sessionConfig(l, p, false), links: map[string]*link.Config{},
		epoch: token(9), byID: map[string]*served{},
	}
	ss.cfg.FirstMessageTimeout = 0 // hello has its own
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
	ctx, cancel := context.WithTimeout(context.Background(), helloTime)
	defer cancel()
	_, data, err := c.Next(ctx)
	if err != nil {
		if ctx.Err() != nil {
			c.StartClose(wire.ErrClosed, int(CodeTimeout), "no hello")
		}
		return nil, err // else it has ended, or is being closed
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
	principal, ok := ss.principal(l)
	if !ok {
		l.cancel(ErrClosed)
		c.StartClose(wire.ErrClosed, int(CodeInternal), "")
		return
	}
	who := session.Caller{Principal: principal, Codec: l.codec.Name()}
	var refused session.Refusal
	if h.SID != "" {
		ss.mu.Lock()
		s := ss.byID[h.SID]
		ss.mu.Unlock()
		switch {
		case s == nil:
			refused.Why = session.WhyUnknown
		case s.link.Owns(h, who) && !s.mayResume():
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

// principal asks the application. It runs in a goroutine of tandem's, so its panic must not end the process.
func (ss *sessions) principal(l *live) (name string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			l.log(slog.LevelError, "tandem: Principal panicked", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	if ss.server.o.Principal != nil {
		name = ss.server.o.Principal(l)
	}
	return name, true
}

func (ss *sessions) open(c *engine.Conn, g *greeted, h *session.Hello, who session.Caller, refused session.Refusal, l *live, params any, expires time.Time) {
	grant := session.Grant{SID: token(12), Key: token(24)}
	cfg := *ss.links[l.codec.Name()]
	s := &served{live: l}
	cfg.Base = l
	cfg.Tell = func(e *session.Event) { ss.tell(s, grant.SID, e) }
	cfg.Detached = func() { ss.detach(s) }
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
	case session.Resumed:
		ss.mu.Lock()
		defer ss.mu.Unlock()
		ss.attached(s)
	case session.Over:
		over := &wire.SessionError{Why: e.Why}
		if e.Code != 0 {
			over.Close = &wire.CloseError{Code: e.Code}
		}
		s.live.cancel(publicError(over, true))
		ss.mu.Lock()
		defer ss.mu.Unlock()
		ss.attached(s)
		if ss.over = append(ss.over, sid); len(ss.over) > maxOver {
			ss.forget(ss.over[0])
		}
		time.AfterFunc(orDefault(ss.policy.Keep, 2*time.Minute), func() {
			ss.mu.Lock()
			defer ss.mu.Unlock()
			ss.forget(sid)
		})
	case session.Asked:
		go s.link.Answer("", false, "not supported")
	}
}

// forget removes a session that is over. Mostly it is the one that has been over for longest.
func (ss *sessions) forget(sid string) {
	delete(ss.byID, sid)
	for len(ss.over) > 0 && ss.byID[ss.over[0]] == nil {
		ss.over = ss.over[1:]
	}
}

// detach notes that a session has lost its socket. When too many have, the oldest is given up. It is called with the
// link's lock held, so that a session which has a socket again is not in the list.
func (ss *sessions) detach(s *served) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.attached(s)
	s.place = ss.detached.PushBack(s)
	if ss.detached.Len() > maxDetached {
		oldest := ss.detached.Front().Value.(*served)
		ss.attached(oldest)
		go oldest.link.EndDetached(wire.CodeTryAgain, "too many sessions")
	}
}

// attached takes a session off the list of those without a socket.
func (ss *sessions) attached(s *served) {
	if s.place != nil {
		ss.detached.Remove(s.place)
		s.place = nil
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
	if at.IsZero() || s.live.Err() != nil {
		return
	}
	s.expire = time.AfterFunc(time.Until(at), func() {
		s.live.cancel(errExpired)
		s.link.Interrupt()
	})
	if !s.watched {
		s.watched = true
		context.AfterFunc(s.live, func() { s.expires(time.Time{}) })
	}
}
