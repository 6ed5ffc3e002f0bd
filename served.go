//go:build !js

package tandem

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// served is a session of a server. It stays for a while after its end, to tell a client that comes back how far it got.
type served struct {
	ss   *sessions
	sid  string
	key  string // the hub's, of the socket that opened it
	link *link.Server
	gap  *wire.SessionError // the end of the session in whose place it was opened

	place      *list.Element // in sessions.detached; guarded by sessions.mu
	remembered bool          // in sessions.over, or has been; likewise

	record record        // what the store has of it
	told   chan struct{} // closed when the application knows of its end; nil where it is not stored
	untold bool          // it does not: the record is to tell it; set before told is closed

	mu      sync.Mutex
	live    *live       // its handler's; nil before there is one
	expire  *time.Timer // of the authorization; nil if that has no end
	refresh *time.Timer // of the record; nil where it is not stored
	watched bool        // expires is called at the end of live
	resumes int         // since
	since   time.Time
}

func newServed(ss *sessions, sid string, l *live) *served {
	s := &served{ss: ss, sid: sid, key: l.key}
	if ss.keeper != nil {
		s.told = make(chan struct{})
	}
	return s
}

// Detached is told by the link that there is no socket for now.
func (s *served) Detached() { s.ss.detach(s) }

// Keep is asked by the link to store the session.
func (s *served) Keep(session, state []byte, is link.Standing) error {
	return s.ss.keeper.save(s, session, state, is)
}

// start runs the handler of a session that has just begun, or has come out of the store.
func (s *served) start(n *newcomer) {
	l := n.live
	l.core, l.session = s.link, s
	s.mu.Lock()
	s.live = l
	if s.ss.keeper != nil {
		s.refresh = time.AfterFunc(refreshTime, s.touch)
	}
	s.mu.Unlock()
	if err := s.link.Err(); err != nil {
		s.ended(err)
	}
	s.expires(n.expires)
	s.ss.server.o.Hub.enter(l)
	s.ss.server.start(l, n.params)
}

// touch has the record of a session that lives written again, before the store takes it for dead.
func (s *served) touch() {
	s.link.Touch()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh != nil {
		s.refresh.Reset(refreshTime)
	}
}

// ended ends the context of the handler.
func (s *served) ended(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh != nil {
		s.refresh.Stop()
		s.refresh = nil
	}
	if s.live != nil {
		s.live.cancel(publicError(why, true))
	}
}

// Tell acts on what the session says. It is called with the link's lock held.
func (s *served) Tell(e *session.Event) {
	switch e.Kind {
	case session.Resumed:
		s.ss.mu.Lock()
		defer s.ss.mu.Unlock()
		s.ss.attached(s)
	case session.Over:
		over := &wire.SessionError{Why: e.Why}
		if e.Code != 0 {
			over.Close = &wire.CloseError{Code: e.Code}
		}
		s.ended(over)
		s.ss.remember(s)
	case session.Asked:
		go s.answer(e.Auth.N, e.Auth.Auth)
	}
}

// answer is the application's verdict on a credential that came inside the session.
func (s *served) answer(n uint64, credential string) {
	s.mu.Lock()
	l := s.live
	s.mu.Unlock()
	if l == nil { // it came before the handler began
		s.link.Answer(n, "", false, "try again")
		return
	}
	ctx, done, code, why := s.ss.credential(l, credential)
	defer done()
	if code != 0 {
		s.link.Answer(n, "", false, cutWhy(why))
		return
	}
	principal, ok := s.ss.principal(ctx)
	if !ok {
		s.link.Answer(n, "", false, "internal error")
		return
	}
	if s.link.Answer(n, principal, true, "") {
		until, _ := ctx.Deadline()
		s.expires(until)
	}
}

// cutWhy cuts a reason to what a frame holds.
func cutWhy(why string) string {
	why = wire.CutReason(why)
	for len(why) > session.MaxWhy {
		why = why[:len(why)-1]
	}
	return wire.CutReason(why) // without half a character
}

// goaway asks the client to come back on another socket, before the server goes down.
func (s *served) goaway() {
	spread := max(0, orDefault(s.ss.server.o.Hub.o.Spread, 5*time.Second))
	if s.ss.keeper != nil {
		spread = min(spread, s.ss.policy.keep()/2) // who comes later finds nothing
	}
	s.link.Goaway(&session.Goaway{Why: "restart", Max: uint64(spread / time.Millisecond), Resumable: s.ss.keeper != nil})
}

// finish ends the session after its handler, or leaves it to another process. failed says that the handler has returned an
// error.
func (s *served) finish(code Code, reason string, failed bool) {
	s.mu.Lock()
	l, refresh := s.live, s.refresh
	s.refresh = nil
	s.mu.Unlock()
	if refresh != nil {
		refresh.Stop()
	}
	goesOn := s.ss.keeper != nil && code == CodeRestart && context.Cause(l) == ErrShutdown
	if p := s.ss.policy; goesOn && failed && s.link.AtMessage() && !p.Durable && !p.ServerCommits {
		// Nobody can tell what the handler has done about its message, and it cannot be handed out twice: so the client
		// is told that it may have been delivered.
		goesOn, code, reason = false, CodeInternal, ""
	}
	if goesOn && !s.link.Rest(int(code), reason, !failed) && s.link.Unsent() == nil {
		l.log(slog.LevelError, "tandem: session could not be stored, and ends", "session", s.sid)
	}
	if !goesOn {
		_ = s.link.Close(int(code), reason)
	}
	if end := s.link.Unsent(); end != nil && end.Why == session.WhyExpired {
		s.untold = !s.ss.tellExpired(context.WithoutCancel(l), &Session{core: s.link, codec: l.codec})
	}
	if s.told != nil {
		close(s.told)
		ctx, cancel := context.WithTimeout(context.Background(), storeTime)
		defer cancel()
		s.link.Kept(ctx)
	}
	s.link.Forget()
}

// tellExpired tells the application that nobody came back. It reports whether it took it.
func (ss *sessions) tellExpired(ctx context.Context, end *Session) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			ss.server.logger().Error("tandem: OnExpired panicked", "endpoint", ss.server.plan.Pattern(), "panic", v, "stack", string(debug.Stack()))
		}
	}()
	if ss.server.o.OnExpired != nil {
		ss.server.o.OnExpired(ctx, end)
	}
	return true
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
	if at.IsZero() || s.live == nil || s.live.Err() != nil {
		return
	}
	l := s.live
	s.expire = time.AfterFunc(time.Until(at), func() {
		l.cancel(errExpired)
		s.link.Interrupt()
	})
	if !s.watched {
		s.watched = true
		context.AfterFunc(l, func() { s.expires(time.Time{}) })
	}
}

// gap is the end of the session in whose place this one was opened; nil if there was none.
func (l *live) gap() *wire.SessionError {
	if l.session == nil {
		return nil
	}
	return l.session.gap
}

// checkStored checks what a policy means for a store.
func checkStored(p *SessionPolicy, limits Limits, store Store) error {
	if store == nil {
		if p.Durable {
			return errors.New("session: Durable needs ServeOptions.Store")
		}
		return nil
	}
	// A message may be longer than the window if it is alone in it. Twice the window may wait while the server goes down.
	window := max(orDefault(p.Bytes, 1<<20), limits.withDefaults().MaxServerMessage)
	if window += perStored * orDefault(p.Messages, 256); 2*window > maxWindow {
		return errors.New("session: a window or a message of more than 2 MiB does not fit into a Store's record")
	}
	return nil
}

// perStored is what a record needs for a message beside its payload, at most.
const perStored = 24
