package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// machine is what a Socket does, without its types: which connection is the current one, and when there is another. One
// goroutine runs it, to which everything that happens is an event, one after the other.
type machine struct {
	o     Options
	retry *tandem.Reconnect
	dial  func(ctx context.Context, failed int) (c conn, params any, err error)
	same  func(a, b any) bool // whether two parameters make the same request
	in    receiver
	watch func(tell func(kind)) (stop func()) // watchPage

	status *signals.Signal[Status]
	life   context.Context // until the end of the goroutine
	end    context.CancelFunc

	mu     sync.Mutex // guards the following
	events []event
	asleep chan struct{} // closed when an event comes; nil while the goroutine is awake
	over   bool          // nobody takes events any more
	hook   hook
	hooks  int // how often OnOpen was called
	view   view
	looked chan struct{} // closed when view changes; nil while nobody waits for that

	// These belong to the goroutine.
	now     Status
	wanted  bool        // to be connected
	renew   bool        // Restart was called, and no connection was made since
	leaving bool        // the scope is disposed
	offline bool        // there is no network, as far as the browser knows
	tries   int         // attempts since the last stable connection
	cause   error       // why the last conversation has ended
	cur     *link       // the current connection
	last    *link       // the last one that was open: what comes from it comes first
	dialing *attempt    // nil while there is none
	timer   *time.Timer // of the next attempt; nil while none is planned
	due     time.Time   // when that is
	tick    int         // which timer is meant: of earlier ones events may still come
	loose   int         // what was begun and has not ended: attempts, calls of Close and of OnOpen's function
}

// attempt is a connection to be.
type attempt struct{ cancel context.CancelFunc }

// event is something that has happened.
type event struct {
	kind    kind
	c       conn
	err     error
	params  any
	attempt *attempt
	link    *link
	number  int // of a timer, or of a call of OnOpen
	fresh   *fresh
	code    tandem.Code
	reason  string
	info    tandem.SessionInfo
	done    chan<- error // gets what became of a closing
	answer  chan<- beginning
}

type kind int

const (
	begun         kind = iota
	paramsChanged      // to params, which is nil if they cannot be had
	restart            // Restart was called
	set                // Set was, with c or err
	closeIt            // Close was, with code, reason and done
	disposed           // the scope is
	hooked             // OnOpen was called
	dialed             // attempt has come to c, with params, or to err
	greeted            // OnOpen's function has returned for link; it was that of call number
	greetedAgain       // OnOpen's function, called for an open link, has returned err
	greetedFresh       // OnOpen's function, called after a gap, has returned err; it was that of call number
	ended              // nothing more comes from link, because of err
	failed             // Send on link has, with err, because it has ended
	stuck              // its reader had time to find that, and has not
	closed             // Close of link has returned err
	timeIsUp           // of timer number
	session            // of link is as info says
	gapped             // the session of link was replaced by another: fresh
	online             // there is a network again
	offline            // there is none
	visible            // somebody looks at the page again
)

func newMachine(s *signals.Scope, o *Options, in receiver) *machine {
	m := &machine{o: *o, in: in, watch: watchPage}
	if m.o.Settle == 0 {
		m.o.Settle = defaultSettle
	}
	m.life, m.end = context.WithCancel(context.Background())
	if m.now = (Status{State: Connecting, Attempt: 1}); o.Manual {
		m.now = Status{State: Closed}
		m.view = view{final: true, err: tandem.ErrClosed, asked: true}
		in.finish(tandem.ErrClosed, true, nil)
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
		tooLate(e)
		return
	}
	m.events = append(m.events, e)
	if m.asleep != nil {
		close(m.asleep)
		m.asleep = nil
	}
}

// tooLate answers an event that comes after the end.
func tooLate(e event) {
	if e.done != nil {
		e.done <- nil
	}
	if e.answer != nil {
		e.answer <- beginning{}
	}
	if e.fresh != nil {
		close(e.fresh.told)
	}
	if e.c != nil {
		go func() { _ = e.c.Close(tandem.CodeNormal, "") }()
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
	stop := m.watch(func(k kind) { m.post(event{kind: k}) })
	defer stop()
	defer m.end()
	for !m.leaving || m.cur != nil || m.loose > 0 {
		m.happen(m.next())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	for _, e := range m.events {
		tooLate(e)
	}
	m.events = nil
}

func (m *machine) happen(e event) {
	switch e.kind {
	case begun:
		m.wanted = true
		m.begin()
	case paramsChanged:
		m.changed(e.params)
	case restart:
		if !m.leaving {
			m.want()
			m.renew = true
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
		m.greetAgain()
	case dialed:
		m.dialed(e)
	case greeted:
		e.answer <- m.greeted(e.link, e.number)
		m.greetAgain()
	case greetedAgain:
		m.loose--
		m.refused(e.link, e.err)
	case greetedFresh:
		m.loose--
		m.greetedFresh(e.link, e.number, e.err)
	case ended:
		m.ended(e.link, e.err)
	case failed:
		m.failed(e.link, e.err)
	case stuck:
		if e.link == m.cur {
			m.ended(e.link, e.err)
		}
	case closed:
		m.closed(e.link, e.err, e.done)
	case timeIsUp:
		if e.number == m.tick && m.timer != nil {
			m.begin()
		}
	case session:
		m.session(e.link, e.info)
	case gapped:
		m.gapped(e.link, e.fresh)
	case online:
		m.offline = false
		if m.now.Offline || m.waits() {
			m.begin()
		}
		m.resume()
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
		m.resume()
	}
}

// resume has a session that waits for its next socket try at once.
func (m *machine) resume() {
	if m.cur != nil && m.cur.down {
		m.cur.c.Session().Retry()
	}
}

// waits reports whether there is nothing but an attempt to come.
func (m *machine) waits() bool { return m.timer != nil && m.cur == nil }

// want notes that it is to be connected, whatever was before.
func (m *machine) want() {
	m.wanted, m.tries = true, 0
	m.cancel()
}

// changed has the next conversation begin with other parameters.
func (m *machine) changed(params any) {
	if m.leaving || !m.wanted && m.now.Err == nil { // closed on purpose
		return
	}
	if l := m.cur; l != nil && l.ready && !l.shut && !m.renew && m.same(l.params, params) {
		m.cancel() // they have changed back, or it was dialed with them before this was told
		m.opened(l)
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
		if m.now.State, m.now.Previous = Closing, false; !m.cur.shut {
			m.now.Err = ErrReplaced
		}
		m.drop()
		m.publish(view{})
		return // gone begins again
	}
	m.tries++
	m.now.State, m.now.Attempt, m.now.Previous = Connecting, m.tries, m.cur != nil && m.cur.ready
	a, n := &attempt{}, m.tries
	var ctx context.Context
	ctx, a.cancel = context.WithCancel(m.life)
	m.dialing = a
	m.publish(view{})
	m.loose++
	go func() {
		e := event{kind: dialed, attempt: a, err: errGoexit}
		defer func() { m.post(e) }()
		e.err = guard(func() (err error) {
			e.c, e.params, err = m.dial(ctx, n-1)
			return err
		})
	}()
}

// errGoexit is the error of a function of the program's that has ended its goroutine instead of returning.
var errGoexit = errors.New("live: the function has called runtime.Goexit")

// guard calls a function of the program's. A panic is an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = signals.Recovered(v)
		}
	}()
	return f()
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
	m.timer = time.AfterFunc(wait, func() { m.post(event{kind: timeIsUp, number: tick}) })
}

func (m *machine) unplan() {
	if m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
}

// dialed is the end of an attempt.
func (m *machine) dialed(e event) {
	m.loose--
	e.attempt.cancel()
	switch {
	case e.attempt != m.dialing: // given up meanwhile
		if e.c != nil {
			m.hangUp(&link{c: e.c}, tandem.CodeNormal, "replaced", nil)
		}
	case e.err != nil:
		m.dialing = nil
		m.discard() // it has the old parameters
		m.lost(FailedToConnect, e.err)
	default:
		m.dialing = nil
		m.open(e.c, e.params)
	}
}

// lost decides what becomes of it.
func (m *machine) lost(s State, err error) {
	if p, ok := err.(*paramsError); ok { // they are what they are, until they change
		m.giveUp(s, p.PanicError)
		return
	}
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
}

// shut is the end of what was closed on purpose.
func (m *machine) shut() {
	m.now = Status{State: Closed, Generation: m.now.Generation}
	m.publish(view{final: true, err: tandem.ErrClosed, asked: true, gone: m.leaving})
}

// errSet is why there is no connection after Set(nil, nil).
var errSet = errors.New("live: Set was called without a connection")

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
		if err == nil {
			err = errSet
		}
		m.discard()
		m.giveUp(FailedToConnect, err)
		return
	}
	m.now.State, m.now.Attempt = Connecting, 0
	m.now.Previous, m.now.Resuming, m.now.Offline = false, false, false
	m.publish(view{})
	m.open(c, nil)
}

// close ends it for the program.
func (m *machine) close(code tandem.Code, reason string, done chan<- error) {
	m.wanted, m.renew, m.cause = false, false, nil
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
	m.hangUp(l, code, reason, done)
}

func (m *machine) show() {
	if m.now.RetryAt = (time.Time{}); m.waits() {
		m.now.RetryAt = m.due
	}
	m.status.Set(m.now)
}
