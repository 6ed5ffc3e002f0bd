package tandem

import (
	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// reasonOf is the word for why a session is over.
func reasonOf(err error) string {
	if se, ok := err.(*wire.SessionError); ok {
		return se.Why
	}
	return session.WhyClosed
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

// GapOf tells what a server had sent in a session that is over and nobody acknowledged, where no Recv or Send can tell: for
// [ServeOptions].OnExpired. It is nil while the session is not over, and after its end was told there. Send is the type of
// the server's messages.
func GapOf[Send any](s *Session) *Gap[Send] {
	if s == nil {
		return nil
	}
	var end *wire.SessionError
	if s.ended != nil {
		end = s.ended.end
	} else if core, ok := s.core.(interface{ Unsent() *wire.SessionError }); ok {
		end = core.Unsent()
	}
	if end == nil {
		return nil
	}
	return gapOf[Send](end, s.codec)
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
		text += say.Sprintf("; %d messages not acknowledged, of which the peer may have got %d", n, maybe)
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
	return gapOf[Send](se, c.codec)
}

func gapOf[Send any](se *wire.SessionError, codec Codec) *Gap[Send] {
	g := &Gap[Send]{Reason: se.Why}
	if se.Close != nil {
		g.Code = Code(wire.MeantCode(se.Close.Code))
	}
	for _, u := range se.Unsent {
		var msg Send
		_ = codec.Decode(u.Payload, &msg) // it has written that itself
		g.Unsent = append(g.Unsent, Unsent[Send]{Number: u.Seq, Message: msg, Maybe: u.Maybe})
	}
	return g
}
