package link

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Dialer is how a client gets to a socket.
type Dialer interface {
	// Dial opens a socket for the link. It gives the credential for hello too, "" for none.
	Dial(ctx context.Context, l *Client, attempt int) (s Socket, credential string, err error)
	// Retry says how long to wait before the next attempt, after so many failed ones, err being why the last failed or
	// why the socket was lost. Not ok gives up.
	Retry(attempt int, err error) (wait time.Duration, ok bool)
	// Stable is how long a socket must have lived for the attempts to be counted from the start again.
	Stable() time.Duration
}

// Client is the client's end of a session. It opens sockets by itself.
type Client struct {
	Link
	c      clientEnd
	dialer Dialer
	life   context.Context // of the client, for dialing
	stop   context.CancelFunc

	attempt int       // failed ones since a socket was stable
	since   time.Time // since when messages flow on the current socket
	dialing bool
	opening bool          // Open has the first socket: nobody comes back when it is lost
	lost    error         // and why it was
	back    time.Time     // when to come back, as the server has asked; zero if it has not
	away    *time.Timer   // leaves the socket then; nil if the server has not asked
	asking  bool          // somebody shows a credential
	now     chan struct{} // ends the wait for the next attempt; holds one, and is empty while nobody waits
	waiting bool          // somebody does
}

type clientEnd struct{ *session.Client }

func (e clientEnd) lost(_ time.Time, n session.Socket)             { e.Lost(n) }
func (e clientEnd) closed(_ time.Time, n session.Socket, code int) { e.Closed(n, code) }

// NewClient makes a client without a socket.
func NewClient(cfg *Config, scfg *session.ClientConfig, d Dialer) *Client {
	l := &Client{Link: Link{cfg: cfg}, c: clientEnd{session.NewClient(scfg)}, dialer: d, now: make(chan struct{}, 1)}
	l.end = l.c
	l.life, l.stop = context.WithCancel(context.Background())
	l.down = l.reconnect
	l.goaway = l.sentAway
	return l
}

// Open opens the first socket and waits until the session is there.
func (l *Client) Open(ctx context.Context) error {
	s, credential, err := l.dialer.Dial(ctx, l, 0)
	if err != nil {
		l.Abort(err)
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opening = true
	defer func() { l.opening = false }()
	l.connect(s, credential)
	for l.c.SID() == "" && l.why == nil && l.sock != nil {
		if l.wait(ctx.Done()) {
			l.mu.Unlock()
			l.Abort(ctx.Err())
			l.mu.Lock()
			return ctx.Err()
		}
	}
	if l.c.SID() != "" && l.why == nil {
		if l.opening = false; l.sock == nil { // lost right behind the welcome: the session goes on
			l.reconnect(l.lost)
		}
		return nil
	}
	why := l.why
	if why == nil {
		if why = l.lost; why == nil {
			why = wire.Lost(errNoWelcome)
		}
		l.close(why, wire.CodeNoStatus, "")
	}
	return why
}

// connect makes a socket the current one.
func (l *Client) connect(s Socket, credential string) {
	n := l.c.Connected(time.Now(), credential)
	if n == 0 { // the session has ended meanwhile
		s.Abort(wire.ErrClosed)
		return
	}
	l.since = time.Now()
	l.attach(s, n)
}

// reconnect is called when there is no socket any more, with the lock held.
func (l *Client) reconnect(why error) {
	if l.why != nil {
		l.stop()
		if l.away != nil {
			l.away.Stop()
		}
		return
	}
	if l.opening {
		l.lost = why
	}
	if l.opening || l.dialing || l.sock != nil {
		return
	}
	if !l.since.IsZero() && time.Since(l.since) >= l.dialer.Stable() {
		l.attempt = 0
	}
	l.since = time.Time{}
	l.dialing = true
	go l.dial(why)
}

// dial opens sockets until one is there, or the session is over.
func (l *Client) dial(why error) {
	for {
		l.mu.Lock()
		if l.why != nil || l.sock != nil {
			l.dialing = false
			l.mu.Unlock()
			return
		}
		attempt := l.attempt
		l.attempt++
		wait, ok := l.dialer.Retry(attempt, why)
		if byServer(why) && !l.back.IsZero() {
			wait = max(0, time.Until(l.back))
		}
		l.back = time.Time{}
		if !ok {
			l.dialing = false
			l.c.GiveUp()
			l.flush()
			l.stirred()
			l.mu.Unlock()
			return
		}
		l.waiting = true
		l.mu.Unlock()

		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.now:
		case <-l.life.Done():
		}
		timer.Stop()
		l.mu.Lock()
		l.waiting = false
		select {
		case <-l.now: // at the last moment
		default:
		}
		l.mu.Unlock()
		if l.life.Err() != nil {
			continue
		}
		s, credential, err := l.dialer.Dial(l.life, l, attempt+1)
		if err != nil {
			why = err
			continue
		}
		l.mu.Lock()
		l.dialing = false
		l.connect(s, credential)
		if l.sock == nil && l.why == nil { // it was lost at once
			l.reconnect(s.Err())
		}
		l.mu.Unlock()
		return
	}
}

// Retry ends the wait for the next attempt.
func (l *Client) Retry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting && len(l.now) == 0 {
		l.now <- struct{}{}
	}
}

// longestLeave bounds for how long a server can send its clients away.
const longestLeave = time.Hour

// byServer tells that a socket ended because the server wanted that, and not by chance.
func byServer(why error) bool {
	if lost, ok := why.(*wire.LostError); ok {
		return lost.Err == errSentAway
	}
	_, ok := why.(*wire.CloseError)
	return ok
}

// How often a client that is to leave looks whether everything is acknowledged, and how long beyond the server's window it
// waits for that.
const (
	leaveAgain = 100 * time.Millisecond
	leaveGrace = 10 * time.Second
)

// sentAway leaves the socket at a time of its own within the window that the server gives, when all is acknowledged; mostly
// the server closes it before, and then the client comes back at that time. Who left earlier might leave a handler behind
// that has more to say than the window holds. When the session will not survive, it stays until the server closes.
func (l *Client) sentAway(g *session.Goaway) {
	from, to := min(g.Min, uint64(longestLeave/time.Millisecond)), min(g.Max, uint64(longestLeave/time.Millisecond))
	wait := time.Duration(from) * time.Millisecond
	if to > from {
		wait += time.Duration(rand.Int64N(int64(to-from)*int64(time.Millisecond) + 1))
	}
	l.back = time.Now().Add(wait)
	if l.away != nil {
		l.away.Stop()
	}
	if !g.Resumable {
		return
	}
	num, late := l.num, time.Now().Add(time.Duration(to)*time.Millisecond+leaveGrace)
	l.away = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.sock == nil || l.num != num || l.why != nil {
			return
		}
		if !l.c.Settled() && time.Now().Before(late) {
			l.away.Reset(leaveAgain)
			return
		}
		l.c.Leave()
		l.flush()
		l.stirred()
		l.isDown(wire.Lost(errSentAway))
	})
}

var errSentAway = errors.New("the server has asked for another socket")

// Authenticate shows the server a credential and waits for the answer, over as many sockets as it takes.
func (l *Client) Authenticate(ctx context.Context, credential string) (*session.Auth, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.asking {
		if l.wait(ctx.Done()) {
			return nil, ctx.Err()
		}
	}
	l.asking = true
	defer func() {
		l.asking = false
		l.stirred()
	}()
	for {
		for !l.c.Auth(credential) {
			if l.why != nil {
				return nil, l.why
			}
			if l.waitReading(ctx.Done()) {
				return nil, ctx.Err()
			}
		}
		l.answer = nil
		l.flush()
		for num := l.num; l.answer == nil && l.why == nil && l.sock != nil && l.num == num; {
			if l.waitReading(ctx.Done()) {
				return nil, ctx.Err()
			}
		}
		if answer := l.answer; answer != nil {
			l.answer = nil
			return answer, nil
		}
	}
}
