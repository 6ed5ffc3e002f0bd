package live

import (
	"context"
	"time"

	"github.com/tandem-ws/tandem"
)

// conn is a connection of any type.
type conn interface {
	Close(code tandem.Code, reason string) error
	CloseNow()
	Err() error
	Session() *tandem.Session
}

// hook is OnOpen's function.
type hook func(ctx context.Context, c conn) error

// link is a connection, from when it is made until it has ended.
type link struct {
	c      conn
	params any // what it was dialed with; nil if the program has
	since  time.Time
	word   *word           // nil unless it is a session
	ctx    context.Context // of OnOpen's function
	cancel context.CancelFunc
	done   chan struct{} // closed when nobody reads any more
	why    error         // and why, from then on

	// These belong to the machine's goroutine.
	id     int           // counts connections that were open
	ready  bool          // OnOpen's function has returned
	hooked int           // which call of OnOpen has given it
	unfit  error         // what it returned, when it was called again
	gaps   []*fresh      // of sessions that were replaced: whose conversations have not begun
	gap    error         // the last of them
	doubt  bool          // Send has failed
	down   bool          // its session has no socket
	shut   bool          // Close was called
	hung   int           // how often, and has not returned
	ended  bool          // nothing more comes
	reason error         // why
	told   []func()      // those who have called Close get what it has returned, once it is gone
	left   chan struct{} // closed when Close of a session has returned; nil if it was not called
	unsent error         // what that had to tell of messages that were not delivered, from then on
}

// beginning is what a reader is told whose conversation begins.
type beginning struct {
	generation int   // 0: it does not, because the connection is of no use any more
	cause      error // why the last conversation has ended
	last       *link // what comes from it comes first; nil for nothing
}

// fresh is a conversation on the connection of the last: the session was replaced by another.
type fresh struct {
	gap        error
	told       chan struct{} // closed when the rest is known
	generation int           // 0: it does not begin, because the connection is of no use any more
}

func newFresh(gap error) *fresh { return &fresh{gap: gap, told: make(chan struct{})} }

// undelivered is what Close has told of messages that were not delivered, once it has.
func (l *link) undelivered() error {
	if l.left == nil {
		return nil
	}
	<-l.left
	return l.unsent
}

// open makes a connection the current one, in place of the one before.
func (m *machine) open(c conn, params any) {
	l := &link{c: c, params: params, since: time.Now(), done: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(m.life)
	if m.cur != nil {
		m.drop()
		m.mu.Lock()
		slow := m.hook != nil
		m.mu.Unlock()
		if m.now.Previous = false; slow {
			m.show()
		}
	}
	m.cur, m.renew = l, false
	if s := c.Session(); s != nil {
		l.word = newWord()
		go func() {
			for info := range s.Watch(m.life) {
				m.post(event{kind: session, link: l, info: info})
			}
		}()
	}
	go m.follow(l, m.in.epoch())
}

// follow is the goroutine that reads a connection.
func (m *machine) follow(l *link, epoch int) {
	l.why = errGoexit
	defer func() {
		close(l.done)
		m.post(event{kind: ended, link: l, err: l.why})
	}()
	l.why = guard(func() error {
		ok := false
		defer func() {
			if !ok { // a panic: of OnOpen's function, or of what decodes messages
				l.c.CloseNow()
			}
		}()
		err := m.read(l, epoch)
		ok = true
		return err
	})
}

// read greets the peer, and gives what comes to the receiver.
func (m *machine) read(l *link, epoch int) error {
	b, err := m.greet(l)
	if err != nil || b.generation == 0 {
		return err
	}
	if b.last != nil {
		<-b.last.done
		b.cause = m.in.causeOf(b.cause, b.last)
	}
	var brk *Break
	if b.generation > 1 {
		brk = &Break{Generation: b.generation, Cause: b.cause}
	}
	return m.in.pump(l, epoch, brk, func(f *fresh) { m.post(event{kind: gapped, link: l, fresh: f}) })
}

// greet calls OnOpen's function, if there is one, and then says that a conversation begins. Where the function fails the
// connection is of no use.
func (m *machine) greet(l *link) (beginning, error) {
	m.mu.Lock()
	hook, number := m.hook, m.hooks
	m.mu.Unlock()
	if hook != nil {
		if err := hook(l.ctx, l.c); err != nil {
			l.c.CloseNow()
			return beginning{}, err
		}
	}
	answer := make(chan beginning, 1)
	m.post(event{kind: greeted, link: l, number: number, answer: answer})
	return <-answer, nil
}

// greeted says that a connection may be used.
func (m *machine) greeted(l *link, hooked int) beginning {
	if l != m.cur || l.shut || l.ended {
		return beginning{}
	}
	b := beginning{generation: m.now.Generation + 1, cause: m.cause, last: m.last}
	l.ready, l.hooked = true, hooked
	m.last, m.cause = l, nil
	m.mu.Lock()
	l.id = m.view.id + 1
	m.mu.Unlock()
	m.now.Generation = b.generation
	if m.dialing != nil { // another one is made already
		m.now.Previous, m.now.Err = true, nil
		m.publish(view{id: l.id})
		return b
	}
	m.opened(l)
	return b
}

// opened shows that a connection may be used, or waits for its session's next socket.
func (m *machine) opened(l *link) {
	m.now.State, m.now.Err, m.now.Previous = Open, l.gap, false
	if m.now.Resuming = l.down; l.down {
		m.now.State = Connecting
	}
	m.publish(view{l: l, down: l.down, id: l.id})
}

// greetAgain calls OnOpen's function for the open connection, if that was called for another one. Nothing waits for it.
func (m *machine) greetAgain() {
	m.mu.Lock()
	hook, number := m.hook, m.hooks
	m.mu.Unlock()
	l := m.cur
	if l == nil || !l.ready || l.shut || l.hooked == number {
		return
	}
	if l.hooked = number; hook != nil {
		m.call(hook, event{kind: greetedAgain, link: l})
	}
}

// call calls OnOpen's function, beside, and has the event happen then, with what it has returned.
func (m *machine) call(hook hook, e event) {
	m.loose++
	e.err = errGoexit
	go func() {
		defer func() { m.post(e) }()
		e.err = guard(func() error { return hook(e.link.ctx, e.link.c) })
	}()
}

// refused drops a connection that OnOpen's function has found to be of no use.
func (m *machine) refused(l *link, err error) {
	if err == nil || l != m.cur || l.shut || l.ended {
		return
	}
	if l.unfit = err; l.word == nil {
		l.c.CloseNow()
		return
	}
	m.cause = err // a session is closed in order: it tells what it has not delivered
	m.now = Status{State: Closing, Generation: m.now.Generation, Attempt: m.now.Attempt, Err: err}
	m.cancel()
	m.hangUp(l, tandem.CodeNormal, "replaced", nil)
	m.publish(view{})
}

// session follows a session: its socket is lost, or there again.
func (m *machine) session(l *link, info tandem.SessionInfo) {
	l.down = !info.Up
	if l != m.cur || !l.ready || l.shut || m.dialing != nil || info.Over != "" {
		return
	}
	m.opened(l)
}

// gapped begins another conversation on a connection whose session was replaced by another.
func (m *machine) gapped(l *link, f *fresh) {
	if l != m.cur || l.shut || l.ended {
		close(f.told)
		return
	}
	l.gaps = append(l.gaps, f)
	if len(l.gaps) == 1 {
		m.greetFresh(l)
	}
}

// greetFresh calls OnOpen's function for the first of a link's gaps.
func (m *machine) greetFresh(l *link) {
	l.ready, l.gap = false, l.gaps[0].gap
	m.now.State, m.now.Err, m.now.Previous, m.now.Resuming = Connecting, l.gap, false, false
	m.publish(view{})
	m.mu.Lock()
	hook, number := m.hook, m.hooks
	m.mu.Unlock()
	if hook == nil {
		m.loose++
		m.post(event{kind: greetedFresh, link: l, number: number})
		return
	}
	m.call(hook, event{kind: greetedFresh, link: l, number: number})
}

// greetedFresh says that the conversation behind a gap has begun, or that it has not.
func (m *machine) greetedFresh(l *link, number int, err error) {
	f := l.gaps[0]
	l.gaps = l.gaps[1:]
	if m.refused(l, err); err == nil {
		f.generation = m.greeted(l, number).generation
	}
	close(f.told)
	further := l.gaps
	l.gaps = nil
	for _, f := range further {
		m.gapped(l, f)
	}
}

// ended says that nothing more comes from a connection.
func (m *machine) ended(l *link, why error) {
	if !l.ended {
		l.ended, l.reason = true, why
	}
	if l.unfit != nil {
		l.reason = l.unfit
	}
	l.cancel()
	m.gone(l)
}

// readersTime is how long a reader has to find that its connection has ended, and how, before the word of Send is taken for
// it: it may be waiting for a receiver who is waiting for Send.
const readersTime = time.Second

// failed says that Send has found a connection ended.
func (m *machine) failed(l *link, err error) {
	if l == m.cur && !l.doubt {
		l.doubt = true
		time.AfterFunc(readersTime, func() { m.post(event{kind: stuck, link: l, err: err}) })
	}
}

// closed says that a call of Close has returned.
func (m *machine) closed(l *link, err error, done chan<- error) {
	m.loose--
	l.hung--
	if done != nil {
		l.told = append(l.told, func() { done <- err })
	}
	if l.hung == 0 && l.left != nil {
		l.unsent = err
		close(l.left)
	}
	m.gone(l)
}

// gone is called when a connection may have ended: that is when nothing more comes, or Close has returned.
func (m *machine) gone(l *link) {
	if l.hung > 0 || l == m.cur && !l.ended && !l.shut {
		return
	}
	defer func() {
		for _, tell := range l.told {
			tell()
		}
		l.told = nil
	}()
	if l != m.cur {
		return
	}
	m.cur = nil
	if l.ready && m.retry.WasStable(time.Since(l.since)) {
		m.tries = 0
	}
	if l.ready && !l.shut {
		m.cause = l.reason
	}
	switch {
	case l.shut && m.wanted: // to begin another
		m.begin()
	case l.shut:
		m.shut()
	case m.dialing != nil: // it has ended by itself while the next one is made
		m.now.Previous, m.now.Err = false, l.reason
		m.show()
	case m.timer != nil: // changed parameters are about to be connected with
		m.now.State, m.now.Err, m.now.Previous, m.now.Resuming = Closed, l.reason, false, false
		m.publish(view{})
	case l.c.Session() != nil && l.ready && l.unfit == nil: // it has come back as often as it was worth it
		m.giveUp(Closed, l.reason)
	default:
		m.lost(Closed, l.reason)
	}
}

// drop closes the current connection, so that another takes its place.
func (m *machine) drop() {
	if l := m.cur; !l.shut {
		if l.ready {
			m.cause = ErrReplaced
		}
		m.hangUp(l, tandem.CodeNormal, "replaced", nil)
	}
}

// discard is drop, and leaves no current connection.
func (m *machine) discard() {
	if m.cur != nil {
		m.drop()
		m.cur = nil
	}
}

// hangUp closes a connection, beside.
func (m *machine) hangUp(l *link, code tandem.Code, reason string, done chan<- error) {
	if l.cancel != nil {
		l.cancel()
	}
	if !l.shut && l.word != nil {
		l.left = make(chan struct{})
	}
	l.shut = true
	l.hung++
	m.loose++
	go func() {
		err := l.c.Close(code, reason)
		m.post(event{kind: closed, link: l, err: err, done: done})
	}()
}
