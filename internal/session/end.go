package session

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// ackDelay is how long an acknowledgement may wait for others to go along with it.
const ackDelay = 250 * time.Millisecond

// Verdict is what to do with a frame.
type Verdict uint8

const (
	// Nothing is to be done.
	Nothing Verdict = iota
	// Deliver says: hand the frame to the application, after what came before it. Ask [Client.Took] first, see there.
	Deliver
	// Room says that the frame made room in the window. Who waits to send may try again.
	Room
)

// Ref stands for a frame that is to be delivered.
type Ref struct {
	Seq  uint64 // 0 of a volatile message
	size int
	gen  uint32
}

// end is what both ends of a session have in common.
type end struct {
	out  outbox
	in   inbox
	life life
	sock Socket // the current one
	made Socket // the last one that got a number
	gen  uint32 // counts a client's sessions

	client  bool
	calls   bool // the application wants calls, replies and fails
	open    bool // messages flow on sock
	over    bool
	ack     bool // an ack goes next
	ackWait bool // an ack goes at ackAt, or as soon as Tick has told the time
	pong    bool // a pong goes next, with pongN

	ackAt  time.Time // zero until Tick has told the time
	pongN  uint64
	ponged uint64       // number of the ping that was answered last
	ctl    queue[Frame] // frames that go before all others
	events queue[Event]
}

// Send keeps a message and gives it its number. It goes out by Next, now or on a later socket. The error is ErrFull,
// ErrOver or ErrExhausted; then nothing is kept, and the message's owner is not told.
func (e *end) Send(m *Message) (seq uint64, err error) {
	if e.over {
		return 0, ErrOver
	}
	return e.out.push(m)
}

// NextSeq is the number that Send will give, so that a frame can be encoded before it is kept.
func (e *end) NextSeq() uint64 { return e.out.last + 1 }

// HasRoom tells whether Send would take a payload of that many bytes.
func (e *end) HasRoom(size int) bool { return e.out.room(size) }

// Drained tells that the peer has acknowledged everything.
func (e *end) Drained() bool { return e.out.acked == e.out.last }

// Settled tells that both sides have acknowledged everything.
func (e *end) Settled() bool { return e.out.acked == e.out.last && e.in.got == e.in.acked }

// Quiet tells that nothing is on its way to the peer, and lets go of what is needed only while something is.
func (e *end) Quiet() bool {
	if e.out.acked != e.out.last || e.ackWait || e.ack {
		return false
	}
	e.out.trim()
	e.ctl.trim()
	e.events.trim()
	return true
}

// Hurry asks the peer for its acknowledgements now: it sends them before it answers a ping.
func (e *end) Hurry() { e.Ping() }

// Ping asks the peer for a sign of life, and gives the number of that: see Ponged. It is 0 when no messages flow. A socket
// that is lost takes the answer with it.
func (e *end) Ping() uint64 {
	if !e.open {
		return 0
	}
	e.life.n++
	e.ctl.push(Frame{Kind: Ping, N: e.life.n})
	return e.life.n
}

// Ponged is the number of the last ping that the peer has answered. That answers all before it too.
func (e *end) Ponged() uint64 { return e.ponged }

// Flowing tells whether messages flow on the current socket, so that volatile ones may be written to it.
func (e *end) Flowing() bool { return e.open }

// IsOver tells whether the session has ended for good.
func (e *end) IsOver() bool { return e.over }

// Socket is the current socket, 0 when there is none.
func (e *end) Socket() Socket { return e.sock }

// Next gives the next frame for the current socket. Call it until it has none, after every call of another method; when
// the socket takes nothing more, later. Payload, Meta and Body are valid until the next call of any method.
func (e *end) Next() (f Frame, ok bool) {
	if f, ok = e.ctl.pop(); ok || !e.open {
		return f, ok
	}
	if e.ack {
		e.noAck()
		e.in.told()
		return Frame{Kind: Ack, N: e.in.acked}, true
	}
	if e.pong {
		e.pong = false
		return Frame{Kind: Pong, N: e.pongN}, true
	}
	seq, ok := e.out.next()
	if !ok {
		return Frame{}, false
	}
	m := e.out.at(seq)
	return Frame{Kind: m.Kind, Seq: seq, Payload: m.Payload, Meta: m.Meta}, true
}

// NextEvent gives the next event. Call it until it has none, after every call of another method and after Next.
func (e *end) NextEvent() (Event, bool) { return e.events.pop() }

// Took notes that the application takes a delivery, and is done with it.
func (e *end) Took(r Ref) bool {
	ok := e.Handed(r)
	e.Worked()
	return ok
}

// Worked notes that the application is done with all that it has taken. That is what acknowledgements tell: what a
// process had in hand when it died is the sender's to know of.
func (e *end) Worked() {
	if e.in.done != e.in.taken {
		e.in.finish()
		e.owe()
	}
}

// Handed notes that the application takes a delivery; call it right before handing the delivery over, in the order of
// the deliveries, once for each. When it returns false the message must not be handed over: the session is over, and
// the client has been told so.
func (e *end) Handed(r Ref) bool {
	if e.over || r.gen != e.gen {
		return e.client // what came before the end still counts for the application, but for nobody else
	}
	if r.Seq == 0 {
		return true
	}
	if r.Seq != e.in.taken+1 || r.Seq > e.in.got {
		panic("session: deliveries taken out of order")
	}
	e.in.take(r.size)
	return true
}

// owe sees to it that what has been taken is acknowledged.
func (e *end) owe() {
	switch {
	case !e.open || e.in.sure() == e.in.acked:
	case e.in.due():
		e.ack = true
	default:
		e.ackWait = true
	}
}

func (e *end) noAck() { e.ack, e.ackWait, e.ackAt = false, false, time.Time{} }

// due is when tick has something to do; the zero time is at once.
func (e *end) due() (at time.Time, ok bool) {
	if !e.open {
		return at, false
	}
	if at, ok = e.life.due(); e.ackWait && !e.ack && (!ok || e.ackAt.Before(at)) {
		return e.ackAt, true
	}
	return at, ok
}

// tick does what time asks for. It reports whether the peer has been silent for too long.
func (e *end) tick(now time.Time) (dead bool) {
	e.out.trim()
	if !e.open {
		return false
	}
	if e.ackWait {
		if e.ackAt.IsZero() {
			e.ackAt = now.Add(ackDelay)
		}
		e.ack = e.ack || !now.Before(e.ackAt)
	}
	ping, dead := e.life.tick(now)
	if ping {
		e.ctl.push(Frame{Kind: Ping, N: e.life.n})
	}
	return dead
}

// attach makes a new socket the current one.
func (e *end) attach() Socket {
	e.detach()
	e.out.rewind()
	e.made++
	e.sock = e.made
	return e.sock
}

// detach forgets the current socket and what was to be written on it.
func (e *end) detach() {
	e.sock, e.open, e.pong = 0, false, false
	e.noAck()
	e.ctl.clear()
}

// shut has the current socket closed. What Next has left still goes before.
func (e *end) shut(code int, reason string) {
	if e.sock != 0 {
		e.events.push(Event{Kind: Shut, Socket: e.sock, Code: code, Reason: reason})
	}
}

// finish ends the session for good.
func (e *end) finish(why string, code int) {
	e.sock, e.open, e.over = 0, false, true
	e.events.push(Event{Kind: Over, Why: why, Code: code, Unsent: e.out.undelivered(false)})
}

// violate ends the session because the peer broke a rule.
func (e *end) violate(code int, reason string) Verdict {
	e.shut(code, reason)
	e.detach()
	e.finish(WhyViolation, code)
	return Nothing
}

// endWith acknowledges what has been taken and closes.
func (e *end) endWith(code int, reason string) {
	if e.over {
		return
	}
	e.lastAck()
	e.shut(code, reason)
	e.finish(WhyEnded, code)
}

// lastAck acknowledges what has been taken, in front of a Close frame.
func (e *end) lastAck() {
	if e.open && e.in.sure() != e.in.acked {
		e.in.told()
		e.ctl.push(Frame{Kind: Ack, N: e.in.acked})
	}
}

// wrongSeq tells whether a known kind has a number and should not, or the other way round.
func wrongSeq(f *Frame) bool { return f.Kind != Unknown && f.Kind.Sequenced() != (f.Seq != 0) }

// receive acts on the frames that both ends treat alike. handled is false for the others.
func (e *end) receive(f *Frame) (v Verdict, r Ref, handled bool) {
	if f.Seq != 0 {
		v, r = e.sequenced(f)
		return v, r, true
	}
	switch f.Kind {
	case Volatile:
		return Deliver, Ref{size: len(f.Payload), gen: e.gen}, true
	case Ack:
		return e.acked(f.N), r, true
	case Ping:
		e.pong, e.pongN = true, f.N
		e.ack = e.ack || e.in.sure() != e.in.acked
	case Pong:
		e.ponged = max(e.ponged, min(f.N, e.life.n)) // the peer may make up numbers
	case Unknown:
	default:
		return Nothing, r, false
	}
	return Nothing, r, true
}

// sequenced counts a frame with a number.
func (e *end) sequenced(f *Frame) (Verdict, Ref) {
	if f.Seq > MaxSeq {
		return e.violate(wire.CodeSeqRange, "number above 2^53-1"), Ref{}
	}
	switch e.in.arrive(f.Seq, len(f.Payload)) {
	case repeated:
		return Nothing, Ref{}
	case hole:
		return e.violate(wire.CodeHole, "hole in the numbers"), Ref{}
	case overrun:
		return e.violate(wire.CodeWindow, "window exceeded"), Ref{}
	}
	if f.Kind == Msg || e.calls && f.Kind >= Call && f.Kind <= Fail {
		return Deliver, Ref{Seq: f.Seq, size: len(f.Payload), gen: e.gen}
	}
	e.in.skip(len(f.Payload))
	e.owe()
	return Nothing, Ref{}
}

// acked takes the peer's acknowledgement.
func (e *end) acked(n uint64) Verdict {
	switch {
	case n > e.out.high:
		return e.violate(wire.CodeFalseAck, "acknowledgement of what was never sent")
	case n < e.out.acked:
		return e.violate(wire.CodeFalseAck, "acknowledgement that goes back")
	case n == e.out.acked:
		return Nothing
	}
	e.out.ack(n)
	return Room
}
