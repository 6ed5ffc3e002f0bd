package tandem

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Session is what a connection that outlives its sockets is called by, and what can be done with it beside sending and
// receiving: see [SessionPolicy]. [Conn.Session] gives it; of a plain connection that is nil, on which all methods may
// be called: it has no name and nothing to wait for. All methods may be called from any goroutine.
type Session struct {
	core  sessionCore
	codec Codec         // of the state
	ended *endedSession // it has ended without a handler; core is nil then
}

// endedSession is what is left of a session that nobody came back to.
type endedSession struct {
	id, principal string
	end           *wire.SessionError
	state         []byte
}

// sessionCore is a core that is a session: *link.Server or *link.Client.
type sessionCore interface {
	Info() link.Info
	Watch(ctx context.Context, seen uint64) (link.Info, uint64, error)
	Number() uint64
	Acknowledge()
}

// Session gives the session of the connection; nil if it is a plain one.
func (c *Conn[Recv, Send]) Session() *Session {
	core, ok := c.core.(sessionCore)
	if !ok {
		return nil
	}
	return &Session{core: core, codec: c.codec}
}

// Gap tells a handler of the session in whose place this one was opened, because the process that had it died: what the
// server had sent in it, as far as the store knew, and nobody acknowledged. nil if there was none, or nothing is known of it. A client is told by
// Recv and Send instead.
func (c *Conn[Recv, Send]) Gap() *Gap[Send] {
	if c.gap == nil {
		return nil
	}
	return gapOf[Send](c.gap, c.codec)
}

// SessionInfo says how a session is.
type SessionInfo struct {
	ID      string    // its name. It is no secret: logs may have it
	Opened  time.Time // when it began; of one that another process began, when this one took it up
	Up      bool      // messages flow; else it waits for a socket, or is over
	Since   time.Time // of Up
	Resumes int       // how often another socket took over, in this process
	Over    string    // why it is over: the reason that a [Gap] would have, or "closed"; "" while it is not
}

// ID is the session's name, the same on both sides. On a client it changes after a [Gap].
func (s *Session) ID() string { return s.Info().ID }

// Info tells how the session is.
func (s *Session) Info() SessionInfo {
	switch {
	case s == nil:
		return SessionInfo{}
	case s.core == nil:
		return SessionInfo{ID: s.ended.id, Over: s.ended.end.Why}
	}
	return infoOf(s.core.Info())
}

func infoOf(i link.Info) SessionInfo {
	info := SessionInfo{ID: i.SID, Opened: i.Opened, Up: i.Up, Since: i.Since, Resumes: i.Resumes}
	if i.Why != nil {
		info.Over = reasonOf(i.Why)
	}
	return info
}

// Principal is to whom the session belongs, see [ServeOptions].Principal. On a client it is "".
func (s *Session) Principal() string {
	if s == nil {
		return ""
	}
	if s.core == nil {
		return s.ended.principal
	}
	if core, ok := s.core.(interface{ Principal() string }); ok {
		return core.Principal()
	}
	return ""
}

// Watch gives how the session is, and again whenever that changes, in a range loop: when its socket is lost, when
// another takes its place, when a client's session is replaced. Of changes that come faster than the loop takes them it
// gives the last. It ends behind the one that says the session is over, or when ctx ends.
func (s *Session) Watch(ctx context.Context) iter.Seq[SessionInfo] {
	return func(yield func(SessionInfo) bool) {
		if s == nil || s.core == nil {
			return
		}
		for seen := uint64(0); ; {
			i, mark, err := s.core.Watch(ctx, seen)
			if seen = mark; err != nil || !yield(infoOf(i)) || i.Why != nil {
				return
			}
		}
	}
}

// Number is that of the message that Recv or Messages has handed out last: 1, 2, 3… from the start of the session. It is
// 0 before the first, for a volatile one, and on a plain connection.
func (s *Session) Number() uint64 {
	if s == nil || s.core == nil {
		return 0
	}
	return s.core.Number()
}

// Key names the message that Recv or Messages has handed out last, and no other of any session: the session's name and
// the message's number. When a message may be handed out again (see [SessionPolicy].Durable and ServerCommits), what it
// does outside of the session is done once if that is done under its key. "" where Number is 0.
func (s *Session) Key() string {
	n := s.Number()
	if n == 0 {
		return ""
	}
	return s.ID() + "/" + strconv.FormatUint(n, 10)
}

// Commit acknowledges all messages that Recv and Messages have handed out, also where the policy does not ask for it. In
// a durable session it declares that from here the session could go on in another process.
func (s *Session) Commit() {
	if s != nil && s.core != nil {
		s.core.Acknowledge()
	}
}

// Retry has a client that has lost its socket, and waits before it opens another one, open it at once: when there is a
// network again, or somebody asks for it. If that fails it waits again, as long as it would have. Otherwise, and on a server,
// it does nothing.
func (s *Session) Retry() {
	if s == nil {
		return
	}
	if c, ok := s.core.(interface{ Retry() }); ok {
		c.Retry()
	}
}

// Authenticate shows the server a new credential, for which a client need not open another socket, and waits for the
// answer; see [ServeOptions].AuthorizeInBand. When the server refuses it the error is a *[CredentialError], and the old
// one holds for as long as it did. It is for clients: a server's session, and a plain connection, return
// ErrNoSession.
func (s *Session) Authenticate(ctx context.Context, credential string) error {
	if s == nil {
		return ErrNoSession
	}
	c, ok := s.core.(interface {
		Authenticate(ctx context.Context, credential string) (*session.Auth, error)
	})
	if !ok {
		return ErrNoSession
	}
	if credential == "" {
		return errors.New("tandem: a credential of no bytes")
	}
	if err := checkCredential(credential); err != nil {
		return err
	}
	answer, err := c.Authenticate(ctx, credential)
	switch {
	case err != nil:
		return publicError(err, false)
	case !answer.OK:
		return &CredentialError{Reason: answer.Why}
	}
	return nil
}

// checkCredential refuses what hello and auth cannot carry.
func checkCredential(credential string) error {
	if len(credential) > session.MaxAuth {
		return &TooBigError{Size: len(credential), Limit: session.MaxAuth}
	}
	if !utf8.ValidString(credential) {
		return errors.New("tandem: a credential must be UTF-8")
	}
	return nil
}

// CredentialError says that the server has refused a credential that was shown with [Session.Authenticate].
type CredentialError struct {
	// Reason is the server's word for it: the message of an error with a status, "denied" for somebody else's, "not
	// supported" by a server without AuthorizeInBand.
	Reason string
}

// Error gives the reason, quoted.
func (e *CredentialError) Error() string {
	return "tandem: credential refused: " + strconv.Quote(e.Reason)
}
