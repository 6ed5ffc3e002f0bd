package tandem

// FrameKind is the kind of a websocket frame. The values are the opcodes of RFC 6455, section 5.2.
type FrameKind uint8

// The kinds of frames. A [Codec] names FrameText or FrameBinary; [RawConn] shows all five.
const (
	FrameText   FrameKind = 0x1
	FrameBinary FrameKind = 0x2
	FrameClose  FrameKind = 0x8
	FramePing   FrameKind = 0x9
	FramePong   FrameKind = 0xA
)

// String gives the kind's name in lower case, such as "text".
func (k FrameKind) String() string {
	switch k {
	case FrameText:
		return "text"
	case FrameBinary:
		return "binary"
	case FrameClose:
		return "close"
	case FramePing:
		return "ping"
	case FramePong:
		return "pong"
	}
	return "unknown"
}

// Codec turns messages into the payload of one websocket frame and back. The codecs of this module are
// [github.com/tandem-ws/tandem/codec/json], [github.com/tandem-ws/tandem/codec/cbor] and
// [github.com/tandem-ws/tandem/codec/msgpack]; anything that fulfils the interface works as well, and
// [github.com/tandem-ws/tandem/tandemtest/codectest] checks that it does.
//
// A codec is used by many connections at once, so its methods must be safe for concurrent use.
//
// A codec of your own carries sessions (see [SessionPolicy]) if it has a method Envelope() Codec that returns
// cbor.Codec: its messages then travel as bytes in CBOR frames.
//
// A codec may have a method CheckType(reflect.Type) error, which is asked once for each message type of an endpoint; what
// it refuses, [Endpoint.Check] reports before the first connection.
type Codec interface {
	// Name is the codec's name on the wire: the bare subprotocol a peer offers to ask for it, such as "json".
	// It must be a token of RFC 9110 and should be lower case.
	Name() string

	// FrameKind is the kind of frame messages go out in: FrameText for codecs whose output is always valid
	// UTF-8, else FrameBinary. Both kinds are accepted when receiving.
	FrameKind() FrameKind

	// Append appends the encoding of the message v points to and returns the extended buffer.
	// v is a non-nil pointer to the message type. What dst holds already must stay: a codec that encodes into a
	// buffer of its own appends that to dst. On error the returned buffer is ignored, so what was appended by then
	// does no harm. Append must not keep dst or v, and must not wait for others: nothing else is written on the
	// connection meanwhile.
	Append(dst []byte, v any) ([]byte, error)

	// Decode decodes the one message in src into what v points to, which is the zero value of its type.
	// v is a non-nil pointer. src is valid during the call only: strings and byte slices must be copied.
	// Bytes left over behind the message are an error.
	//
	// src comes from a stranger: the cost must be bounded by its length, whatever lengths it declares.
	// An error that has a method Offset() int tells where in src the fault lies, see [DecodeError].
	Decode(src []byte, v any) error
}
