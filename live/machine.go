package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// conn is a connection of any type.
type conn interface {
	Close(code tandem.Code, reason string) error
	CloseNow()
	Err() error
	Session() *tandem.Session
}

// machine is what a Socket does, without its types: which connection is the current one, and when there is another. One
// goroutine runs it, to which everything that happens is an event, one after the other.
type machine struct {
	o     Options
	retry *tandem.Reconnect
	dial  func(ctx context.Context, attempt int) (conn, error)
	in    receiver

	status *signals.Signal[Status]
	life   context.Context // until the end of the goroutine
	end    context.CancelFunc

	mu     sync.Mutex
	events []event
	asleep chan struct{} // closed when an event comes; nil while the goroutine is awake
	over   bool          // nobody takes events any more
	greet  func(context.Context, conn) error
	view   view
	looked chan struct{} // closed when view changes; nil while nobody waits for that

	// These belong to the goroutine.
	now     Status
	wanted  bool          // to be connected
	leaving bool          // the scope is disposed
	offline bool          // there is no network, as far as the browser knows
	tries   int           // attempts since the last stable connection
	cur     *link         // the current connection
	read    chan struct{} // the done of the one that was made last
	dialing *attempt      // nil while there is none
	timer   *time.Timer   // of the next attempt; nil while none is planned
	due     time.Time     // when that is
	tick    int           // which timer is meant: of earlier ones events may still come
	loose   int           // what was begun, is nobody's any more, and has not ended: attempts and calls of Close
}

// receiver is where messages go.
type receiver interface {
	// epoch is what pump is to be given; another one after the messages that wait were dropped.
	epoch() int
	// pump takes what c receives, until that ends, and tells why it did. It begins by telling receivers that another
	// conversation has begun, the last one having ended with cause. When a session was replaced by another one it calls gap.
	pump(c conn, epoch, generation int, cause error, gap func(error) (generation int)) error
	// finish has receivers told that nothing more comes, after the messages that wait, or in place of them.
	finish(why error, drop bool)
	// again takes that back.
	again()
}

// view is what others see of the machine.
type view struct {
	c     conn  // to send on; nil while there is none
	id    int   // counts connections
	final bool  // there will be none, unless somebody changes something
	err   error // why
	asked bool  // because Close was called, or the scope is disposed
	gone  bool  // the latter
}

// link is a connection, from when it is made until it has ended.
type link struct {
	c      conn
	since  time.Time
	done   chan struct{} // closed when nobody reads any more
	ready  bool          // OnOpen's function has returned
	down   bool          // its session has no socket
	shut   bool          // Close was called
	hung   int           // how often, and has not returned
	ended  bool          // nothing more comes
	reason error         // why
	told   []func()      // those who have called Close get what it has returned, once it is gone
}

// attempt is a connection to be.
type attempt struct{ cancel context.CancelFunc }

// event is something that has happened.
type event struct {
	kind    kind
	c       conn
	err     error
	attempt *attempt
	link    *link
	tick    int
	code    tandem.Code
	reason  string
	info    tandem.SessionInfo
	done    chan<- error // gets what became of a closing
	answer  chan<- int
}

type kind int

const (
	begun         kind = iota
	paramsChanged      // to another value
	restart            // Restart was called
	set                // Set was, with c or err
	closeIt            // Close was, with code, reason and done
	disposed           // the scope is
	hooked             // OnOpen was called
	dialed             // attempt has come to c or err
	greeted            // OnOpen's function has returned for link
	ended              // nothing more comes from link, because of err
	closed             // Close of link has returned err
	timeIsUp           // of timer tick
	session            // of link is as info says
	gapped             // the session of link was replaced by another, err being the gap
	online             // there is a network again
	offline            // there is none
	visible            // somebody looks at the page again
)

func newMachine(s *signals.Scope, o *Options, in receiver) *machine {
	m := &machine{o: *o, in: in}
	if m.o.Settle == 0 {
		m.o.Settle = defaultSettle
	}
	m.life, m.end = context.WithCancel(context.Background())
	if m.now = (Status{State: Connecting, Attempt: 1}); o.Manual {
		m.now = Status{State: Closed}
		m.view = view{final: true, err: tandem.ErrClosed, asked: true}
		in.finish(tandem.ErrClosed, true)
	}
	m.status = signals.NewFunc(s.Graph(), m.now, sameStatus)
	return m
}

// sameStatus compares errors by identity, and not at all where they have none: == panics for some.
func sameStatus(a, b Status) bool {
	if a.Err != nil || b.Err != nil {
		return false
	}
	return a == b
}

func (m *machine) start() {
	if !m.o.Manual {
		m.post(event{kind: begun})
	}
	go m.run()
}

// post has something happen. It does not block.
func (m *machine) post(e event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		m.tooLate(e)
		return
	}
	m.events = append(m.events, e)
	if m.asleep != nil {
		close(m.asleep)
		m.asleep = nil
	}
}

// tooLate answers an event that comes after the end.
func (m *machine) tooLate(e event) {
	if e.done != nil {
		e.done <- nil
	}
	if e.answer != nil {
		e.answer <- m.now.Generation
	}
	if e.c != nil {
		go e.c.Close(tandem.CodeNormal, "")
	}
}

func (m *machine) next() event {
	for {
		m.mu.Lock()
		if len(m.events) > 0 {
			e := m.events[0]
			m.events[0] = event{}
			m.events = m.events[1:]
			m.mu.Unlock()
			return e
		}
		asleep := make(chan struct{})
		m.asleep = asleep
		m.mu.Unlock()
		<-asleep
	}
}

// run is the goroutine. It ends when the scope is disposed and nothing is left that it has begun.
func (m *machine) run() {
	stop := watchPage(func(k kind) { m.post(event{kind: k}) })
	defer stop()
	defer m.end()
	for !m.leaving || m.cur != nil || m.loose > 0 {
		m.happen(m.next())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	for _, e := range m.events {
		m.tooLate(e)
	}
	m.events = nil
}

func (m *machine) happen(e event) {
	switch e.kind {
	case begun:
		m.wanted = true
		m.begin()
	case paramsChanged:
		m.changed()
	case restart:
		if !m.leaving {
			m.want()
			m.begin()
		}
	case set:
		m.set(e.c, e.err)
	case closeIt:
		m.close(e.code, e.reason, e.done)
	case disposed:
		m.leaving = true
		m.close(tandem.CodeNormal, "", nil)
	case hooked:
		if l := m.cur; l != nil && l.ready && !l.shut {
			m.loose++
			l.hung++
			go func() {
				_ = m.greetWith(l.c)
				m.post(event{kind: closed, link: l})
			}()
		}
	case dialed:
		m.dialed(e.attempt, e.c, e.err)
	case greeted:
		m.greeted(e.link)
		e.answer <- m.now.Generation
	case ended:
		e.link.ended, e.link.reason = true, e.err
		m.gone(e.link)
	case closed:
		m.loose--
		e.link.hung--
		if e.done != nil {
			e.link.told = append(e.link.told, func() { e.done <- e.err })
		}
		m.gone(e.link)
	case timeIsUp:
		if e.tick == m.tick && m.timer != nil {
			m.begin()
		}
	case session:
		m.session(e.link, e.info)
	case gapped:
		if e.link == m.cur {
			m.now.Generation++
			m.now.Err = e.err
			m.show()
		}
		e.answer <- m.now.Generation
	case online:
		m.offline = false
		if m.now.Offline || m.waits() {
			m.begin()
		}
	case offline:
		m.offline = true
		if m.waits() { // an attempt would be in vain
			m.unplan()
			m.now.Offline = true
			m.show()
		}
	case visible:
		if m.waits() {
			m.begin()
		}
	}
}

// revive is called before an event that has it connect again: who waits from then on waits for that. What was closed by
// Close stays so, unless that was asked for too.
func (m *machine) revive(asked bool) {
	m.mu.Lock()
	v := &m.view
	revived := v.final && !v.gone && (asked || !v.asked)
	if revived {
		m.in.again() // before those who look find it so
		*v = view{id: v.id}
		m.wake()
	}
	m.mu.Unlock()
}

// waits reports whether there is nothing but an attempt to come.
func (m *machine) waits() bool { return m.timer != nil && m.cur == nil }

// want notes that it is to be connected, whatever was before.
func (m *machine) want() {
	m.wanted, m.tries = true, 0
	m.in.again()
	m.cancel()
}

// changed has the next conversation begin with other parameters.
func (m *machine) changed() {
	if m.leaving || !m.wanted && m.now.Err == nil { // closed on purpose
		return
	}
	m.want()
	if m.offline && m.cur == nil {
		m.now.Offline = true
		m.publish(view{})
		return
	}
	m.plan(m.o.Settle)
	if m.waits() {
		m.publish(view{})
	}
}

// begin begins an attempt.
func (m *machine) begin() {
	m.cancel()
	m.now.Resuming, m.now.Offline = false, false
	if m.cur != nil && (m.o.BreakFirst || m.cur.shut) {
		if m.now.State = Closing; !m.cur.shut {
			m.now.Err = ErrReplaced
		}
		m.drop()
		m.publish(view{})
		return // gone begins again
	}
	m.tries++
	m.now.State, m.now.Attempt, m.now.Previous = Connecting, m.tries, m.cur != nil
	a, n := &attempt{}, m.tries
	var ctx context.Context
	ctx, a.cancel = context.WithCancel(m.life)
	m.dialing = a
	m.publish(view{})
	m.loose++
	go func() {
		c, err := m.attempt(ctx, n)
		m.post(event{kind: dialed, attempt: a, c: c, err: err})
	}()
}

// attempt dials. A panic of the program's, in Prepare or in what gives the parameters, is a failed attempt.
func (m *machine) attempt(ctx context.Context, n int) (c conn, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = signals.Recovered(v)
		}
	}()
	return m.dial(ctx, n)
}

// cancel gives up the attempt under way, or the one that is planned.
func (m *machine) cancel() {
	if m.dialing != nil {
		m.dialing.cancel()
		m.dialing = nil
	}
	m.unplan()
}

// plan plans an attempt.
func (m *machine) plan(wait time.Duration) {
	m.unplan()
	if wait <= 0 {
		m.begin()
		return
	}
	m.tick++
	m.due = time.Now().Add(wait)
	tick := m.tick
	m.timer = time.AfterFunc(wait, func() { m.post(event{kind: timeIsUp, tick: tick}) })
}

func (m *machine) unplan() {
	if m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
}

// dialed is the end of an attempt.
func (m *machine) dialed(a *attempt, c conn, err error) {
	m.loose--
	a.cancel()
	switch {
	case a != m.dialing: // given up meanwhile
		if c != nil {
			m.hangUp(&link{c: c}, tandem.CodeNormal, "replaced", nil)
		}
	case err != nil:
		m.dialing = nil
		m.discard() // it has the old parameters
		m.lost(FailedToConnect, err)
	default:
		m.dialing = nil
		m.open(c)
	}
}

// open makes a connection the current one, in place of the one before.
func (m *machine) open(c conn) {
	l := &link{c: c, since: time.Now(), done: make(chan struct{})}
	cause := m.now.Err
	if m.cur != nil {
		cause = ErrReplaced
		m.drop()
	}
	m.cur = l
	before := m.read // also of one that was given up: in a session it may still deliver
	m.read = l.done
	epoch := m.in.epoch()
	ask := func(k kind, err error) (generation int) {
		answer := make(chan int, 1)
		m.post(event{kind: k, link: l, err: err, answer: answer})
		return <-answer
	}
	go func() {
		err := m.greetWith(c)
		if err == nil {
			generation := ask(greeted, nil)
			if before != nil {
				<-before // what comes from the old one comes first
			}
			err = m.in.pump(c, epoch, generation, cause, func(gap error) int { return ask(gapped, gap) })
		}
		close(l.done)
		m.post(event{kind: ended, link: l, err: err})
	}()
	if s := c.Session(); s != nil {
		go func() {
			for info := range s.Watch(m.life) {
				m.post(event{kind: session, link: l, info: info})
			}
		}()
	}
}

// greetWith calls OnOpen's function, if there is one. Where that fails the connection is of no use.
func (m *machine) greetWith(c conn) (err error) {
	m.mu.Lock()
	greet := m.greet
	m.mu.Unlock()
	if greet == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = signals.Recovered(v)
		}
		if err != nil {
			c.CloseNow()
		}
	}()
	return greet(m.life, c)
}

// greeted says that a connection may be used.
func (m *machine) greeted(l *link) {
	if l != m.cur || l.shut {
		return
	}
	l.ready = true
	m.now.Generation++
	m.now.State, m.now.Err, m.now.Previous = Open, nil, false
	if m.now.Resuming = l.down; l.down {
		m.now.State = Connecting
	}
	m.mu.Lock()
	id := m.view.id + 1
	m.mu.Unlock()
	m.publish(view{c: l.c, id: id})
}

// gone is called when a connection may have ended: that is when nothing more comes, and nobody closes it.
func (m *machine) gone(l *link) {
	if l == m.cur && !l.ended || l.hung > 0 {
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
	if l.ready && time.Since(l.since) >= stable(m.retry) {
		m.tries = 0
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
	case l.c.Session() != nil && l.ready: // it has come back as often as it was worth it
		m.giveUp(Closed, l.reason)
	default:
		m.lost(Closed, l.reason)
	}
}

// lost decides what becomes of it.
func (m *machine) lost(s State, err error) {
	wait, again := m.retry.Next(m.tries, err)
	if !again || m.o.NoReconnect {
		m.giveUp(s, err)
		return
	}
	m.now.State, m.now.Err, m.now.Previous, m.now.Resuming = s, err, false, false
	if m.now.Offline = m.offline; !m.offline {
		m.plan(max(wait, 1))
	}
	m.publish(view{})
}

// giveUp leaves it as it is.
func (m *machine) giveUp(s State, err error) {
	m.wanted = false
	m.now = Status{State: s, Generation: m.now.Generation, Attempt: m.now.Attempt, Err: err}
	m.publish(view{final: true, err: err})
	m.in.finish(err, false)
}

// shut is the end of what was closed on purpose.
func (m *machine) shut() {
	m.now = Status{State: Closed, Generation: m.now.Generation}
	m.publish(view{final: true, err: tandem.ErrClosed, asked: true, gone: m.leaving})
	m.in.finish(tandem.ErrClosed, true)
}

// set puts a connection in place of the current one, or an error.
func (m *machine) set(c conn, err error) {
	if m.leaving {
		if c != nil {
			m.hangUp(&link{c: c}, tandem.CodeNormal, "", nil)
		}
		return
	}
	m.want()
	if c == nil {
		m.discard()
		m.giveUp(FailedToConnect, err)
		return
	}
	m.now.State, m.now.Attempt, m.now.Previous = Connecting, 0, m.cur != nil
	m.publish(view{})
	m.open(c)
}

// close ends it for the program.
func (m *machine) close(code tandem.Code, reason string, done chan<- error) {
	m.wanted = false
	m.cancel()
	l := m.cur
	if l == nil {
		m.shut()
		if done != nil {
			done <- nil
		}
		return
	}
	m.now = Status{State: Closing, Generation: m.now.Generation}
	m.publish(view{final: true, err: tandem.ErrClosed, asked: true, gone: m.leaving})
	m.in.finish(tandem.ErrClosed, true)
	m.hangUp(l, code, reason, done)
}

// drop closes the current connection, so that another takes its place.
func (m *machine) drop() {
	if !m.cur.shut {
		m.hangUp(m.cur, tandem.CodeNormal, "replaced", nil)
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
	l.shut = true
	l.hung++
	m.loose++
	go func() {
		err := l.c.Close(code, reason)
		m.post(event{kind: closed, link: l, err: err, done: done})
	}()
}

// session follows a session: its socket is lost, or there again.
func (m *machine) session(l *link, info tandem.SessionInfo) {
	l.down = !info.Up
	if l != m.cur || !l.ready || l.shut || m.dialing != nil || info.Over != "" {
		return
	}
	m.now.Resuming, m.now.State = l.down, Open
	if l.down {
		m.now.State = Connecting
	}
	m.show()
}

// publish shows others how it is, and wakes those who wait after that.
func (m *machine) publish(v view) {
	m.show()
	m.mu.Lock()
	v.id = max(v.id, m.view.id)
	m.view = v
	m.wake()
	m.mu.Unlock()
}

// wake wakes those who wait for view to change. It is called with the lock held.
func (m *machine) wake() {
	if m.looked != nil {
		close(m.looked)
		m.looked = nil
	}
}

func (m *machine) show() {
	if m.now.RetryAt = (time.Time{}); m.waits() {
		m.now.RetryAt = m.due
	}
	m.status.Set(m.now)
}

// wait waits until there is a connection to send on that is newer than one, and gives it; or else why there will be none.
func (m *machine) wait(ctx context.Context, after int) (conn, int, error) {
	for {
		m.mu.Lock()
		v := m.view
		if v.c != nil && v.id > after {
			m.mu.Unlock()
			return v.c, v.id, nil
		}
		if v.final || m.over {
			m.mu.Unlock()
			return nil, 0, v.err
		}
		looked := m.look()
		m.mu.Unlock()
		select {
		case <-looked:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// again waits, where err is final, until it is not any more. It reports false when it remains so.
func (m *machine) again(ctx context.Context, err error) bool {
	if _, ok := errors.AsType[*Break](err); ok {
		return true
	}
	for {
		m.mu.Lock()
		v := m.view
		if v.gone || m.over {
			m.mu.Unlock()
			return false
		}
		if !v.final {
			m.mu.Unlock()
			return true
		}
		looked := m.look()
		m.mu.Unlock()
		select {
		case <-looked:
		case <-ctx.Done():
			return true // the next call tells
		}
	}
}

// look gives what is closed when view changes. It is called with the lock held.
func (m *machine) look() <-chan struct{} {
	if m.looked == nil {
		m.looked = make(chan struct{})
	}
	return m.looked
}

// stable is how long a connection must have lived for the attempts to be counted from the start again.
func stable(r *tandem.Reconnect) time.Duration {
	if r == nil || r.Stable == 0 {
		return 30 * time.Second
	}
	return r.Stable
}
