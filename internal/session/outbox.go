package session

import "errors"

var (
	// ErrFull is returned by Send when the window has no room. An acknowledgement makes some.
	ErrFull = errors.New("session: window is full")
	// ErrOver is returned by Send after the session is over.
	ErrOver = errors.New("session: over")
	// ErrExhausted is returned by Send after message 2^53-1.
	ErrExhausted = errors.New("session: out of numbers")
)

// Message is what an application sends. The session keeps Payload, Meta and Owner until the peer has acknowledged the
// message, and does not change them; nor may anybody else. They may be shared with other sessions.
type Message struct {
	Kind    Kind // Msg, Call, Reply, Fail or Cancel
	Payload []byte
	Meta    []byte
	Owner   Owner
}

// Owner is told when a message is acknowledged, and its bytes are needed no more. A *wire.Block is one. What is handed
// out as Unsent is not freed.
type Owner interface{ Free() }

// Unsent is a message whose delivery nobody has acknowledged when a session is over.
type Unsent struct {
	Seq uint64
	Message
	// Maybe tells that it left on some socket and nobody can tell whether it was taken. Else it was certainly not.
	Maybe bool
}

// outbox numbers messages, keeps them until they are acknowledged, and tells which is to be sent next.
type outbox struct {
	ring   []Message // message s lies at s & (len-1); the length is a power of two
	limit  Window
	last   uint64 // the number given last
	acked  uint64 // the peer has taken all up to here; acked < s <= last are in the ring
	sent   uint64 // the last one put on the current socket
	high   uint64 // the highest one ever put on a socket
	bytes  uint64 // of the payloads in the ring
	flight uint64 // of those up to sent

	double  bool   // twice the window may wait: see Server.Stopping
	durable bool   // only what is stored goes out
	firm    uint64 // and this much of last is
}

func (o *outbox) at(s uint64) *Message { return &o.ring[s&uint64(len(o.ring)-1)] }

// room tells whether a payload of that many bytes fits.
func (o *outbox) room(size int) bool {
	n, most, bytes := o.last-o.acked, o.limit.N, o.limit.Bytes
	if o.double {
		most, bytes = 2*most, 2*bytes
	}
	return n < most && (n == 0 || o.bytes+uint64(size) <= bytes)
}

// push gives the message a number.
func (o *outbox) push(m *Message) (uint64, error) {
	if o.last >= MaxSeq {
		return 0, ErrExhausted
	}
	if !o.room(len(m.Payload)) {
		return 0, ErrFull
	}
	if o.last-o.acked == uint64(len(o.ring)) {
		o.grow()
	}
	o.last++
	*o.at(o.last) = *m
	o.bytes += uint64(len(m.Payload))
	return o.last, nil
}

func (o *outbox) grow() {
	old := *o
	o.ring = make([]Message, max(8, 2*len(old.ring)))
	for s := old.acked + 1; s <= old.last; s++ {
		*o.at(s) = *old.at(s)
	}
}

// next moves on to the next message for the socket. The window is asked again: a client may have filled a larger one
// before it heard of the server's.
func (o *outbox) next() (s uint64, ok bool) {
	top := o.last
	if o.durable {
		top = o.firm
	}
	if o.sent >= top {
		return 0, false
	}
	size := uint64(len(o.at(o.sent + 1).Payload))
	if n := o.sent - o.acked; n >= o.limit.N || n > 0 && o.flight+size > o.limit.Bytes {
		return 0, false
	}
	o.sent++
	o.high = max(o.high, o.sent)
	o.flight += size
	return o.sent, true
}

// ack forgets all up to n, which is not above high. It may be above sent: after a resume the peer acknowledges what it
// got on the socket before.
func (o *outbox) ack(n uint64) {
	for s := o.acked + 1; s <= n; s++ {
		m := o.at(s)
		o.bytes -= uint64(len(m.Payload))
		if s <= o.sent {
			o.flight -= uint64(len(m.Payload))
		}
		if m.Owner != nil {
			m.Owner.Free()
		}
		*m = Message{}
	}
	o.acked = n
	o.sent = max(o.sent, n)
}

// rewind starts over for another socket.
func (o *outbox) rewind() { o.sent, o.flight = o.acked, 0 }

// trim lets go of a ring that is empty.
func (o *outbox) trim() {
	if o.acked == o.last {
		o.ring = nil
	}
}

// undelivered empties the outbox. final tells that the peer has taken nothing above acked, and never will.
func (o *outbox) undelivered(final bool) []Unsent {
	var list []Unsent
	if n := o.last - o.acked; n > 0 {
		list = make([]Unsent, 0, n)
	}
	for s := o.acked + 1; s <= o.last; s++ {
		list = append(list, Unsent{Seq: s, Message: *o.at(s), Maybe: !final && s <= o.high})
	}
	*o = outbox{limit: o.limit}
	return list
}
