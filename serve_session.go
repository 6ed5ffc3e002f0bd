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
	"net/http"
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
	keeper *keeper // nil where sessions are not stored

	greeting atomic.Int32

	mu       sync.Mutex // may be taken while a link's lock is held
	byID     map[string]*served
	entering map[string]chan struct{} // sids that are on their way out of the store; closed when they are here, or not
	detached list.List                // of *served without a socket, in the order in which they lost it
	over     []*served                // those that are over, in order
}

func newSessions(s *server, p *SessionPolicy, l Limits) *sessions {
	ss := &sessions{
		server: s, policy: p, cfg: sessionConfig(l, p, false), links: map[string]*link.Config{},
		byID: map[string]*served{}, entering: map[string]chan struct{}{},
	}
	ss.cfg.FirstMessageTimeout = 0 // hello has its own
	for _, c := range append([]Codec{s.codec}, s.codecs...) {
		if cfg, err := linkConfig(c, l, p, false); err == nil {
			ss.links[c.Name()] = cfg
		}
	}
	if s.o.Store != nil {
		for _, cfg := range ss.links {
			cfg.Stored = true
		}
		ss.keeper = newKeeper(ss, s.o.Store)
		if s.o.OnExpired != nil {
			s.o.Hub.notify(s.o.Store, ss)
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

// newcomer is a socket that has said hello, and what becomes of it if it opens a session: live and params.
type newcomer struct {
	c       *engine.Conn
	g       *greeted
	hello   *session.Hello
	who     session.Caller
	live    *live
	params  any
	expires time.Time // of the authorization
	stale   bool
}

// turnAway closes a socket without a session.
func (n *newcomer) turnAway(code Code, reason string) {
	n.live.cancel(ErrClosed)
	n.c.StartClose(wire.ErrClosed, int(code), wire.CutReason(reason))
}

// accept takes over a socket whose client speaks sessions. l is what becomes of it if it opens a new one.
func (ss *sessions) accept(conn net.Conn, buffered []byte, l *live, params any, expires time.Time, stale bool) {
	g := &greeted{ss: ss, key: l.key}
	n := &newcomer{g: g, live: l, params: params, expires: expires, stale: stale}
	n.c = engine.New(conn, ss.cfg, engine.Options{Buffered: buffered, Owner: g})
	if ss.greeting.Add(1) > maxGreeting {
		ss.greeting.Add(-1)
		n.turnAway(CodeTryAgain, "too many newcomers")
		return
	}
	ss.server.o.Hub.beginNewcomer()
	go func() {
		defer ss.server.o.Hub.endNewcomer()
		defer ss.greeting.Add(-1)
		if ss.hear(n) && ss.compare(n) && ss.authorize(n) {
			ss.meet(n)
		}
	}()
}

// hear reads the first frame. It returns false when that is no hello: the socket is closed then.
func (ss *sessions) hear(n *newcomer) bool {
	ctx, cancel := context.WithTimeout(ss.server.o.Hub.alive(), helloTime)
	defer cancel()
	_, data, err := n.c.Next(ctx)
	switch {
	case err == nil:
	case ss.server.o.Hub.alive().Err() != nil:
		n.turnAway(CodeRestart, reasonShutdown)
		return false
	case ctx.Err() != nil:
		n.turnAway(CodeTimeout, "no hello")
		return false
	default: // it has ended, or is being closed
		n.live.cancel(ErrClosed)
		return false
	}
	defer n.c.Done()
	var f session.Frame
	err = ss.links[n.live.codec.Name()].Codec.Parse(data, &f)
	var ok bool
	if n.hello, ok = f.Body.(*session.Hello); err == nil && !ok {
		err = errors.New("frame: hello comes first")
	}
	if err != nil {
		n.turnAway(wire.CodeFrame, err.Error())
		return false
	}
	return true
}

// compare looks at the schema that hello names. It returns false when the client is refused for it: the socket is closed
// then, and the session that hello asks for is left to expire.
func (ss *sessions) compare(n *newcomer) bool {
	if n.stale = n.stale || ss.server.isStale(n.live.request.r.RemoteAddr, n.hello.Schema); !n.stale {
		return true
	}
	if ss.server.o.RefuseStale {
		n.turnAway(CodeStale, "client is stale: "+errStale.Message)
		return false
	}
	n.c.MarkStale()
	return true
}

// authorize asks the application whose the socket is. It returns false when the credential in hello is refused: the socket
// is closed then.
func (ss *sessions) authorize(n *newcomer) bool {
	if n.hello.Auth != "" {
		ctx, done, code, why := ss.credential(n.live, n.hello.Auth)
		defer done()
		if code != 0 {
			n.turnAway(code, why)
			return false
		}
		n.expires, _ = ctx.Deadline()
		n.live.Context, n.live.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	}
	principal, ok := ss.principal(n.live)
	if !ok {
		n.turnAway(CodeInternal, "")
		return false
	}
	n.who = session.Caller{Principal: principal, Codec: n.live.codec.Name()}
	return true
}

// askTime bounds how long the application may think about a credential.
const askTime = 10 * time.Second

// credential asks the application about a credential of a connection's client. The code is that to refuse it with, 0 if
// it is good. done is to be called when ctx is no longer needed. It runs in a goroutine of tandem's, so a panic must not end
// the process.
func (ss *sessions) credential(l *live, credential string) (ctx context.Context, done func(), code Code, why string) {
	// Without a deadline of ours: that of the context which comes back says until when the credential is good.
	given, cancel := context.WithCancel(&asker{Context: l.Context, live: l})
	late := time.AfterFunc(askTime, cancel)
	forget := context.AfterFunc(ss.server.o.Hub.alive(), cancel)
	done = func() {
		late.Stop()
		forget()
		cancel()
	}
	defer func() {
		if v := recover(); v != nil {
			l.log(slog.LevelError, "tandem: AuthorizeInBand panicked", "panic", v, "stack", string(debug.Stack()))
			code, why = CodeInternal, "internal error"
		}
	}()
	if ss.server.o.AuthorizeInBand == nil {
		return nil, done, CodeUnauthorized, "not supported"
	}
	ctx, err := ss.server.o.AuthorizeInBand(given, credential)
	if err == nil {
		if ctx == nil {
			ctx = given
		}
		return ctx, done, 0, ""
	}
	answer, internal := refusal(err)
	if internal {
		l.log(slog.LevelError, "tandem: AuthorizeInBand failed", "err", err)
		return nil, done, CodeUnauthorized, "refused"
	}
	if answer.Status == http.StatusForbidden {
		return nil, done, CodeForbidden, answer.Message
	}
	return nil, done, CodeUnauthorized, answer.Message
}

// asker is the context of a question about a connection: its values, and those of its handler's context.
type asker struct {
	context.Context
	live *live
}

// Value adds the request to the values of the handshake's context, as that of the handler does.
func (a *asker) Value(key any) any {
	if key == (requestKey{}) {
		return a.live
	}
	return a.Context.Value(key)
}

// principal asks the application. It runs in a goroutine of tandem's, so its panic must not end the process.
func (ss *sessions) principal(ctx context.Context) (name string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			ss.server.logger().Error("tandem: Principal panicked", "endpoint", ss.server.plan.Pattern(), "panic", v, "stack", string(debug.Stack()))
		}
	}()
	if ss.server.o.Principal != nil {
		name = ss.server.o.Principal(ctx)
	}
	return name, true
}

// meet resumes the session that a hello asks for, or opens a new one.
func (ss *sessions) meet(n *newcomer) {
	if n.hello.SID == "" {
		ss.open(n, session.Refusal{}, nil, nil)
		return
	}
	s, leave, err := ss.find(n)
	stored := leave != nil // it comes out of the store, and has no handler yet
	if stored {
		defer leave()
	}
	switch {
	case err != nil:
		n.turnAway(CodeTryAgain, "try again")
		return
	case s == nil:
		ss.open(n, session.Refusal{Why: session.WhyUnknown}, nil, nil)
		return
	case s.link.Owns(n.hello, n.who) && !s.mayResume():
		n.turnAway(CodeTryAgain, "too many resumes")
		return
	}
	n.g.session.Store(s)
	outcome, refused := s.link.Resume(n.c, n.hello, n.who, token(24))
	switch {
	case outcome == link.Away:
		n.turnAway(CodeRestart, reasonShutdown)
	case outcome == link.Resumed && stored:
		ss.adopt(s, n)
	case outcome == link.Resumed:
		s.expires(n.expires)
		n.live.cancel(ErrClosed) // it was not needed
	case stored && !ss.bury(s):
		n.g.session.Store(nil)
		n.turnAway(CodeTryAgain, "try again")
	default:
		n.g.session.Store(nil)
		gap, state := s.leaves(refused.Why, n)
		ss.open(n, refused, gap, state)
	}
}

// find gives the session that a hello asks for; nil if there is none that it may be told about. If leave is not nil it has
// come out of the store: it is the caller's to adopt or to bury, and everybody else who asks for it waits until leave.
func (ss *sessions) find(n *newcomer) (s *served, leave func(), err error) {
	sid := n.hello.SID
	for {
		ss.mu.Lock()
		way := ss.entering[sid]
		if way == nil {
			s = ss.byID[sid]
			if s != nil || ss.keeper == nil {
				ss.mu.Unlock()
				return s, nil, nil
			}
			way = make(chan struct{})
			ss.entering[sid] = way
			ss.mu.Unlock()
			leave = func() {
				ss.mu.Lock()
				defer ss.mu.Unlock()
				delete(ss.entering, sid)
				close(way)
			}
			if s, err = ss.keeper.restore(n); s == nil {
				leave()
				leave = nil
			}
			return s, leave, err
		}
		ss.mu.Unlock()
		select {
		case <-way:
		case <-ss.server.o.Hub.alive().Done():
			return nil, nil, errAgain
		}
	}
}

// open opens a session. gap and state are what is left of the one in whose place it comes.
func (ss *sessions) open(n *newcomer, refused session.Refusal, gap *wire.SessionError, state []byte) {
	var epoch string
	if ss.keeper != nil {
		var err error
		if epoch, err = ss.keeper.epoch(); err != nil {
			n.turnAway(CodeTryAgain, "try again")
			return
		}
	} else {
		epoch = memoryEpoch
	}
	s := newServed(ss, token(12), n.live)
	s.gap = gap
	s.link = link.NewServer(n.live, ss.links[n.live.codec.Name()], s)
	ss.register(s)
	n.g.session.Store(s)
	s.link.Open(ss.core(epoch), n.c, n.hello, n.who, session.Grant{SID: s.sid, Key: token(24)}, refused, state)
	s.start(n)
}

// memoryEpoch is of the sessions that die with the process: another one each time.
var memoryEpoch = token(9)

// core is the configuration of a session's end.
func (ss *sessions) core(epoch string) *session.ServerConfig {
	return &session.ServerConfig{
		Window: ss.policy.window(), Beat: ss.policy.beat(), Epoch: epoch, Durable: ss.policy.Durable, ByHand: ss.policy.ServerCommits,
	}
}

func (ss *sessions) register(s *served) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.byID[s.sid] = s
}

// remember keeps a session that is over for a while, to tell a client that comes back how far it got.
func (ss *sessions) remember(s *served) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.attached(s)
	if s.remembered {
		return
	}
	s.remembered = true
	if ss.over = append(ss.over, s); len(ss.over) > maxOver {
		ss.forget(ss.over[0])
	}
	time.AfterFunc(ss.policy.keep(), func() {
		ss.mu.Lock()
		defer ss.mu.Unlock()
		ss.forget(s)
	})
}

// forget removes a session that is over, and not another of that name. Mostly it is the one that has been over for longest.
func (ss *sessions) forget(s *served) {
	if ss.byID[s.sid] == s {
		delete(ss.byID, s.sid)
	}
	for len(ss.over) > 0 && ss.byID[ss.over[0].sid] != ss.over[0] {
		ss.over[0] = nil
		ss.over = ss.over[1:]
	}
}

// detach notes that a session has lost its socket. When too many have, the oldest is given up: of the same customer, when
// he has as many as he may have connections. It is called with the link's lock held, so that a session which has a socket
// again is not in the list.
func (ss *sessions) detach(s *served) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.attached(s)
	s.place = ss.detached.PushBack(s)
	oldest := ss.detached.Front().Value.(*served)
	if most := ss.server.o.Hub.o.MaxPerKey; most > 0 {
		if mine := ss.detachedOf(s.key); len(mine) > most {
			ss.giveUp(mine[0])
			return
		}
	}
	if ss.detached.Len() > maxDetached {
		ss.giveUp(oldest)
	}
}

// detachedOf lists the sessions of a customer that wait for a socket, the one that has waited longest first.
func (ss *sessions) detachedOf(key string) (list []*served) {
	for e := ss.detached.Front(); e != nil; e = e.Next() {
		if s := e.Value.(*served); s.key == key {
			list = append(list, s)
		}
	}
	return list
}

func (ss *sessions) giveUp(s *served) {
	ss.attached(s)
	go s.link.EndDetached(wire.CodeTryAgain, "too many sessions")
}

// attached takes a session off the list of those without a socket.
func (ss *sessions) attached(s *served) {
	if s.place != nil {
		ss.detached.Remove(s.place)
		s.place = nil
	}
}
