package link

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Socket is a websocket connection below a session: *engine.Conn, and *jsws.Conn in a browser.
type Socket interface {
	Next(ctx context.Context) (wire.Kind, []byte, error)
	Done()
	In() *any
	Begin() *wire.Block
	Commit(ctx context.Context, kind wire.Kind, b *wire.Block) error
	Cancel(b *wire.Block)
	Full() bool
	// Ping returns an error that matches errors.ErrUnsupported where the socket's protocol has none for the program.
	Ping(ctx context.Context) (time.Duration, error)
	StartClose(why error, code int, reason string)
	Close(code int, reason string) error
	SetBase(ctx context.Context)
	Abort(reason error)
	Drop(reason error, d time.Duration)
	Interrupt()
	Err() error
}

// end is one end of a session: *session.Client or *session.Server.
type end interface {
	Send(m *session.Message) (uint64, error)
	Receive(now time.Time, n session.Socket, f *session.Frame) (session.Verdict, session.Ref)
	Malformed(n session.Socket, reason string)
	SID() string
	Handed(r session.Ref) bool
	Worked()
	Next() (session.Frame, bool)
	NextEvent() (session.Event, bool)
	Due() (time.Time, bool)
	Tick(now time.Time)
	End(code int, reason string)
	Drained() bool
	Quiet() bool
	Hurry()
	Ping() uint64
	Ponged() uint64
	Flowing() bool
	IsOver() bool

	lost(now time.Time, n session.Socket)
	closed(now time.Time, n session.Socket, code int)
}

// Overflow says what sending does when the window is full.
type Overflow uint8

// The policies.
const (
	Block     Overflow = iota // wait for acknowledgements, or for the context
	CloseSlow                 // end the session with 1013
	Refuse                    // return wire.ErrQueueFull
)

// Config is what both ends need to know.
type Config struct {
	Codec        *envelope.Codec
	Kind         wire.Kind // of the frames that carry envelopes
	MaxMessage   int64     // of a received payload
	MaxSend      int64     // of a sent payload; 0 is no limit
	Overflow     Overflow
	CloseTimeout time.Duration
	// ByHand says that messages are acknowledged by Acknowledge alone, and not by asking for the next.
	ByHand bool
	// Durable says that a server's session is: see session.ServerConfig.
	Durable bool
	// Stored says that a server's session is kept by its host.
	Stored bool
}

// Host is whom a server's session belongs to.
type Host interface {
	// Tell gets the events of the session, but Shut, in order. It is called with the lock held: it must not block, and
	// not call the link.
	Tell(e *session.Event)
	// Detached says, in the same way, that the session has no socket for now. It may say so more than once.
	Detached()
	// Keep stores what the session needs to go on in another process, in place of what it stored last, where
	// Config.Stored says so. It is called without the lock, from one goroutine at a time. wire.ErrFenced ends the session
	// here; after any other error Keep is called again.
	Keep(session, state []byte, is Standing) error
}

// Standing is how a session stands when it is stored.
type Standing uint8

// The standings.
const (
	Running Standing = iota
	Resting          // it has stopped here, and goes on elsewhere
	Over             // it has ended, and the record only tells that
)

// Link is one end of a session over its sockets. The methods are those of a connection, see engine.Conn.
type Link struct {
	cfg  *Config
	base context.Context // whose end does not stop Send, see engine.Options; nil on a client
	host Host            // nil on a client

	mu   sync.Mutex
	end  end
	sock Socket         // the current one; nil while there is none
	num  session.Socket // its number
	old  Socket         // the one before, until Shut has told what becomes of it
	last Socket         // the one that the session's end closes, until it has ended
	why  error          // why the session is over

	// What the two kinds of ends do in their own ways, with the lock held; nil for nothing.
	down    func(why error)         // there is no socket any more
	unsaved func()                  // after each call: something may have to be stored
	settle  func()                  // the application is done with what it has taken
	sent    func()                  // it has sent a message
	goaway  func(g *session.Goaway) // the server asks for another socket

	gap    error            // that the session was replaced by another, until somebody has been told
	gapAt  int              // how many messages of the inbox came before that
	unsent []wire.Unsent    // what was not acknowledged when the session ended
	closed *wire.CloseError // the Close frame that is about to end it

	leaving   bool // Close has begun: nothing more is sent
	resting   bool // the session stops here to go on elsewhere: its socket is closed when that is stored
	hurry     bool // nobody waits for another socket any more
	up        bool // messages flow
	receiving bool // somebody is in Next, or works on a message from it
	come      bool // the pump is to run when nobody receives any more
	pumping   bool
	stopPump  context.CancelFunc
	inbox     []delivery
	fleeting  int32       // how many of them have no number, and are not bounded by the window
	fleetingB int32       // and their bytes
	got       *wire.Block // the message handed out from the inbox
	inPlace   Socket      // or the socket in whose buffer it lies

	number  uint64        // of the message handed out last; 0 of a volatile one
	since   int64         // of up, in nanoseconds of Unix time
	opened  int64         // when the session began
	resumes int32         // how often it was resumed
	changes uint32        // of these
	answer  *session.Auth // to a credential, until somebody has taken it

	desk *desk // nil while the session is quiet

	blocked int           // senders who wait for room
	wake    chan struct{} // closed when something has changed; nil while nobody waits
	timer   *time.Timer
	due     time.Time // what the timer is set to; zero when it is not
}

// desk is where lies what is given to the session and the codec: it escapes to the heap, five allocations for each message
// that is echoed otherwise.
type desk struct {
	in, out session.Frame
	event   session.Event
	message session.Message
}

func (l *Link) atDesk() *desk {
	if l.desk == nil {
		l.desk = new(desk)
	}
	return l.desk
}

// quiet lets go of what a session needs while something happens. It is called when nothing is due.
func (l *Link) quiet() {
	if l.due.IsZero() && l.end.Quiet() {
		l.desk, l.timer = nil, nil
	}
}

// delivery is a message that nobody has received yet.
type delivery struct {
	ref session.Ref
	b   *wire.Block
}

// act acts on what the session says, and tells the application the rest.
func (l *Link) act(e *session.Event) {
	switch e.Kind {
	case session.Shut:
		l.shut(e)
		return
	case session.Over:
		l.sock = nil
		l.over(e)
	case session.Opened:
		l.begun()
	case session.Resumed:
		l.resumes++
		l.changes++
	case session.GoingAway:
		if l.goaway != nil {
			l.goaway(e.Goaway)
		}
	case session.Answered:
		l.answer = e.Auth
		l.stirred()
	case session.Gap:
		l.begun()
		if l.gap == nil {
			l.gap, l.gapAt = &wire.SessionError{Why: e.Why, Unsent: unsent(e.Unsent)}, len(l.inbox)
			break
		}
		// Nobody has heard of the last gap, so nobody has sent since. What has come since was not taken, and the server
		// has been told so: one gap tells of both, and they cannot pile up.
		for _, d := range l.inbox[l.gapAt:] {
			if d.ref.Seq == 0 {
				l.fleeting--
				l.fleetingB -= d.size()
			}
			d.b.Free()
		}
		clear(l.inbox[l.gapAt:])
		l.inbox = l.inbox[:l.gapAt]
	}
	if l.host != nil {
		l.host.Tell(e)
	}
}

// over notes why the session has ended, and what was not delivered. Where this side ended it because of something the
// peer did, who sends must hear of that too.
func (l *Link) over(e *session.Event) {
	l.unsent = unsent(e.Unsent)
	ours, _ := l.why.(*wire.CloseError)
	switch {
	case l.why == nil:
		why := &wire.SessionError{Why: e.Why, Unsent: l.unsent}
		if why.Close = l.closed; e.Code != 0 && why.Close == nil {
			why.Close = &wire.CloseError{Code: e.Code}
		}
		l.why = why
	case ours != nil && len(l.unsent) > 0:
		l.why = &wire.SessionError{Why: session.WhyViolation, Close: ours, Unsent: l.unsent}
	}
}

// shut closes a socket. Its end is then nobody's business any more, and whoever waits in its Next is to look for
// another: the peer of this one may never answer.
func (l *Link) shut(e *session.Event) {
	if l.resting {
		return
	}
	s := l.sock
	switch {
	case e.Socket != l.num:
		s, l.old = l.old, nil
	case !l.end.IsOver():
		l.sock = nil
	default:
		l.last = s
		if l.why == nil && e.Code != wire.CodeTakenOver {
			l.closed = wire.Violated(e.Code, e.Reason)
		}
	}
	switch {
	case s == nil:
	case e.Code == 0:
		s.Abort(wire.ErrClosed)
	default:
		s.StartClose(wire.ErrClosed, e.Code, wire.CutReason(e.Reason))
		s.Interrupt()
	}
}

// attach makes a new socket the current one, to which the session has given a number.
func (l *Link) attach(s Socket, n session.Socket) {
	l.old, l.sock, l.num = l.sock, s, n
	if l.base != nil {
		s.SetBase(l.base)
	}
	l.flush()
	l.old = nil
	if l.hurry && l.sock != nil {
		l.sock.Interrupt() // its base has ended before it came
	}
	l.stirred()
	if l.host == nil || l.blocked > 0 || l.leaving {
		l.startPump() // a handler is about to receive, or else Pending tells of what comes
	}
}

// flush does what the session wants done after a call.
func (l *Link) flush() { l.setTimer(l.pull()) }

// pull writes frames and acts on events, until there are none. held says that frames wait, because the peer does not
// take those before: it could ask for answers without ever reading one.
func (l *Link) pull() (held bool) {
	if l.unsaved != nil {
		l.unsaved()
	}
	for {
		if held = l.sock != nil && l.sock.Full(); held {
			break
		}
		var ok bool
		d := l.atDesk()
		if d.out, ok = l.end.Next(); !ok {
			break
		}
		l.write(&d.out)
	}
	for {
		var ok bool
		d := l.atDesk()
		if d.event, ok = l.end.NextEvent(); !ok {
			break
		}
		l.act(&d.event)
	}
	if up := l.end.Flowing(); up != l.up {
		l.up, l.since = up, time.Now().UnixNano()
		l.changes++
		l.stirred()
	}
	return held && l.sock != nil
}

// holdTime is how long held frames wait before the socket is asked again.
const holdTime = 20 * time.Millisecond

// write puts a frame on the current socket. An error is the socket's end, which its reader tells.
func (l *Link) write(f *session.Frame) {
	if l.sock == nil {
		return
	}
	b := l.sock.Begin()
	out, err := l.cfg.Codec.Append(b.B, f)
	if err != nil {
		l.sock.Cancel(b)
		return
	}
	b.B = out
	_ = l.sock.Commit(context.Background(), l.cfg.Kind, b)
}

// setTimer sees to it that Tick is called when the session is due. A timer that is set too early stays: it looks again.
func (l *Link) setTimer(held bool) {
	for {
		at, ok := l.end.Due()
		if held {
			if again := time.Now().Add(holdTime); !ok || again.Before(at) {
				at, ok = again, true
			}
		}
		if !ok || !l.due.IsZero() && !at.IsZero() && !at.Before(l.due) {
			return
		}
		now := time.Now()
		if d := at.Sub(now); d > 0 {
			l.due = at
			if l.timer == nil {
				l.timer = time.AfterFunc(d, l.tick)
			} else {
				l.timer.Reset(d)
			}
			return
		}
		l.end.Tick(now)
		held = l.pull()
	}
}

func (l *Link) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = time.Time{}
	l.end.Tick(time.Now())
	l.flush()
	l.stirred()
	l.isDown(wire.Lost(errSilent))
	l.quiet()
}

// stirred wakes everybody who waits, to look again.
func (l *Link) stirred() {
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
	if l.end.IsOver() && l.timer != nil {
		l.timer.Stop()
	}
}

// wait waits until something has changed, or the context has ended. The lock is given up meanwhile.
func (l *Link) wait(done <-chan struct{}) (ended bool) {
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	wake := l.wake
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-wake:
		return false
	case <-done:
		return true
	}
}

// Ended says that a socket has ended, and why. Whoever learns of it first tells; again does no harm. It does not block.
func (l *Link) Ended(s Socket, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s == l.last {
		l.last = nil
	}
	l.ended(s, why)
}

func (l *Link) ended(s Socket, why error) {
	if s == nil || s != l.sock {
		return
	}
	num := l.num
	l.sock = nil
	if ce, ok := why.(*wire.CloseError); ok {
		l.closed = ce
		l.end.closed(time.Now(), num, ce.Code)
	} else {
		l.end.lost(time.Now(), num)
	}
	l.flush()
	l.closed = nil
	l.stirred()
	l.isDown(why)
}

// isDown tells who opens sockets that there is none.
func (l *Link) isDown(why error) {
	if l.sock == nil && l.down != nil {
		l.down(why)
	}
}

// Err is why the session is over; nil while it is not.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

var (
	errSilent    = errors.New("no sign of life")
	errNoWelcome = errors.New("no welcome")
	errNoSocket  = errors.New("the session has no socket")
)

// Ended is what an event Over tells.
func Ended(e *session.Event) *wire.SessionError {
	return &wire.SessionError{Why: e.Why, Unsent: unsent(e.Unsent)}
}

func unsent(list []session.Unsent) []wire.Unsent {
	out := make([]wire.Unsent, len(list))
	for i, u := range list {
		out[i] = wire.Unsent{Seq: u.Seq, Payload: u.Payload, Maybe: u.Maybe}
	}
	return out
}
