package tandem

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
)

// Sessions is what [Endpoint].Session may be: a *[SessionPolicy]. It is an interface so that a program which makes none
// does not link what sessions need, 59 kB (brotli) of what a browser downloads: a method that names the type would undo that.
type Sessions interface {
	check(Codec, Limits) error
	dial(ctx context.Context, d *dialer, l Limits) (core, error)
}

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

	// ServerCommits says that the handler acknowledges messages with [Session.Commit], and asking for the next does not.
	// ClientCommits says the same of the client. A server that restarts in order hands out again what was not committed.
	// Default false.
	ServerCommits, ClientCommits bool

	// Durable has the server store a session before anything of it leaves, so that it survives the death of its process:
	// the messages that the dead process was at are handed out again, to a handler started afresh. It needs
	// [ServeOptions].Store, and costs a write to that for each message or batch of messages; see docs/stores.md. A
	// handler that sends more than a window of messages before it asks for the next, or commits, waits for itself.
	// Default false.
	Durable bool
}

func (p *SessionPolicy) check(codec Codec, l Limits) error {
	switch {
	case p == nil:
		return errors.New("session: the policy is a nil pointer; leave the field empty for no sessions")
	case p.Messages < 0 || p.Bytes < 0:
		return errors.New("session: a window cannot be negative")
	case p.Keep < 0:
		return errors.New("session: Keep cannot be negative")
	case l.Overflow == OverflowDropOldest:
		return errors.New("session: OverflowDropOldest would break the promise that nothing is lost in silence")
	}
	_, err := envelopeOf(codec)
	return err
}

func (p *SessionPolicy) window() session.Window {
	return session.Window{N: uint64(p.Messages), Bytes: uint64(p.Bytes), MS: uint64(p.Keep / time.Millisecond)}
}

// keep is how long the server keeps a session without a socket.
func (p *SessionPolicy) keep() time.Duration { return orDefault(p.Keep, 2*time.Minute) }

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
	return nil, say.Errorf("codec %s cannot carry sessions: it needs a method Envelope() tandem.Codec that returns cbor.Codec", c.Name())
}
