// Package wire holds what both ends of a connection must agree on, whatever carries it: the kinds of frames.
// It imports nothing of tandem, so that every layer may use it.
package wire

// Kind is what a websocket frame carries. The values are the opcodes of RFC 6455, section 5.2.
type Kind uint8

// The kinds of frames a program can see. Continuation frames are joined before anyone looks.
const (
	Text   Kind = 0x1
	Binary Kind = 0x2
	Close  Kind = 0x8
	Ping   Kind = 0x9
	Pong   Kind = 0xA
)

// String gives the kind's name in lower case, or "unknown".
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return "unknown"
}

// Frame is a whole message or a control frame.
type Frame struct {
	Kind    Kind
	Code    int32  // of a Close frame; CodeNoStatus when it carries none
	Payload []byte // the reason, in a Close frame
}
