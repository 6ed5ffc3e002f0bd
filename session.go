package tandem

import (
	"errors"
	"fmt"
	"time"

	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
	"github.com/tandem-ws/tandem/internal/wire"
)

// SessionPolicy makes the connections of an endpoint sessions, which outlive their sockets. When the network is lost the
// client opens another socket and both go on where they were: the same handler, the same Conn, every message once and in
// order. What was lost meanwhile is sent again. When that cannot be done both sides are told, with a [*Gap].
//
// The protocol is spec/session.md; clients that do not speak it are served as plain connections. A zero field means its
// default.
type SessionPolicy struct {
	// Messages and Bytes bound what one side has sent and the other has not acknowledged; it is kept to be sent again.
	// A message that is longer than Bytes can be sent when nothing else waits. What Send does when there is no room is
	// up to [Limits].Overflow. Defaults 256 and 1 MiB.
	Messages int
	Bytes    int

	// Keep is how long the server keeps a session without a socket. Default 2 min.
	Keep time.Duration

	// Heartbeat is how long a client hears nothing before it asks for a sign of life. Default 25 s; negative is off.
	Heartbeat time.Duration
}

func (p *SessionPolicy) check(overflow Overflow) error {
	switch {
	case p.Messages < 0 || p.Bytes < 0:
		return errors.New("session: a window cannot be negative")
	case p.Keep < 0:
		return errors.New("session: Keep cannot be negative")
	case overflow == OverflowDropOldest:
		return errors.New("session: OverflowDropOldest would break the promise that nothing is lost in silence")
	}
	return nil
}

func (p *SessionPolicy) window() session.Window {
	return session.Window{N: uint64(p.Messages), Bytes: uint64(p.Bytes), MS: uint64(p.Keep / time.Millisecond)}
}

func (p *SessionPolicy) beat() time.Duration {
	return max(0, orDefault(p.Heartbeat, 25*time.Second))
}

// sessionProtocol is the subprotocol of sessions with a codec.
func sessionProtocol(c Codec) string { return sessionPrefix + c.Name() }

const sessionPrefix = "tandem.v1."

// envelopeOf makes the envelope around a codec's messages.
func envelopeOf(c Codec) (*envelope.Codec, error) {
	type coded interface{ Coder() *serde.Coder }
	if c, ok := c.(coded); ok {
		return envelope.New(c.Coder()), nil
	}
	if by, ok := c.(interface{ Envelope() Codec }); ok {
		if c, ok := by.Envelope().(coded); ok && c.Coder().Name() == "cbor" {
			return envelope.Opaque(c.Coder()), nil
		}
	}
	return nil, fmt.Errorf("codec %s cannot carry sessions: it needs a method Envelope() tandem.Codec that returns cbor.Codec", c.Name())
}

// Gap says that a session could not be resumed, and what of the messages sent was not acknowledged. On a client whose
// server has opened a new session in place of the lost one, the next call goes on with that; else the connection is
// over.
type Gap[Send any] struct {
	// Reason is a word of spec/session.md, section 5, such as "expired" or "unknown".
	Reason string
	// Code is that of the Close frame that ended the session; 0 if there was none.
	Code Code
	// Unsent are the messages that Send took and the peer has not acknowledged, in order.
	Unsent []Unsent[Send]
}

// Unsent is a message that was sent, and not acknowledged.
type Unsent[Send any] struct {
	Number  uint64 // of the message in its session
	Message Send
	Maybe   bool // the peer may have got it; else it certainly has not
}

// Error tells the reason and how many messages are missing.
func (g *Gap[Send]) Error() string {
	maybe := 0
	for _, u := range g.Unsent {
		if u.Maybe {
			maybe++
		}
	}
	text := "tandem: session over: " + g.Reason
	if n := len(g.Unsent); n > 0 {
		text += fmt.Sprintf("; %d messages not acknowledged, of which the peer may have got %d", n, maybe)
	}
	return text
}

// Is makes a gap match ErrLost, which it is the end of.
func (g *Gap[Send]) Is(target error) bool { return target == ErrLost }

// public turns an error of the core into what the caller gets.
func (c *Conn[Recv, Send]) public(err error) error {
	se, ok := err.(*wire.SessionError)
	if !ok {
		return publicError(err, c.server)
	}
	if len(se.Unsent) == 0 && se.Close != nil {
		return publicError(se.Close, c.server)
	}
	g := &Gap[Send]{Reason: se.Why}
	if se.Close != nil {
		g.Code = Code(se.Close.Code)
	}
	for _, u := range se.Unsent {
		var msg Send
		_ = c.codec.Decode(u.Payload, &msg) // it has written that itself
		g.Unsent = append(g.Unsent, Unsent[Send]{Number: u.Seq, Message: msg, Maybe: u.Maybe})
	}
	return g
}
