package wasm

import (
	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
)

// ServerVar is the environment variable with the base URL of the server. In a browser it is empty: the page's origin.
const ServerVar = "TANDEM_SERVER"

// Leaving is the test of a page that is left, which only a driver can do, and LeavingID the ID of its connection.
const (
	Leaving   = "^TestPage_left$"
	LeavingID = "leaving"
)

// Note is a message.
type Note struct {
	N    int
	Text string
	Data []byte
}

// Ask says what the server is to do.
type Ask struct {
	ID     string // of the client, for Verdict and Cut
	Code   int
	Reason string
	N      int
	Size   int
}

// Seen is how a connection has ended, as its handler saw it.
type Seen struct {
	Code     int
	Reason   string
	Normal   bool // as io.EOF
	Lost     bool
	Received int // messages
}

// Wide takes messages that Narrow does not, at the same path.
var Wide = &tandem.Endpoint[Ask, Note, Note]{
	Path: "/size", Codec: cbor.Codec, Limits: tandem.Limits{MaxClientMessage: 1 << 20, MaxServerMessage: 1 << 20},
}

// Narrow is what clients take Wide for.
var Narrow = &tandem.Endpoint[Ask, Note, Note]{
	Path: "/size", Codec: cbor.Codec, Limits: tandem.Limits{MaxClientMessage: 100, MaxServerMessage: 100},
}

// The endpoints.
var (
	EchoJSON    = &tandem.Endpoint[Ask, Note, Note]{Path: "/echo/json", Codec: json.Codec}
	EchoCBOR    = &tandem.Endpoint[Ask, Note, Note]{Path: "/echo/cbor", Codec: cbor.Codec}
	EchoMsgPack = &tandem.Endpoint[Ask, Note, Note]{Path: "/echo/msgpack", Codec: msgpack.Codec}

	// Frames sends every frame back.
	Frames = &tandem.Endpoint[Ask, string, string]{Path: "/frames", Codec: json.Codec}
	// Closes sends N notes, and ends with the code and reason; 0 is a normal end, and 1006 drops the connection.
	Closes = &tandem.Endpoint[Ask, Note, Note]{Path: "/closes", Codec: json.Codec}
	// Listens receives until the connection ends, which a Verdict tells of. With N it does not begin before Release is
	// dialed with the same ID.
	Listens = &tandem.Endpoint[Ask, Note, Note]{Path: "/listens", Codec: cbor.Codec, Limits: tandem.Limits{QueueBytes: 256 << 10}}
	// Release has Listens begin.
	Release = &tandem.Endpoint[Ask, Note, Note]{Path: "/release", Codec: cbor.Codec}
	// Verdict tells how the connection with the ID has ended, once it has.
	Verdict = &tandem.Endpoint[Ask, Note, Seen]{Path: "/verdict", Codec: cbor.Codec}
	// Burst sends N notes, numbered from 1, of Size bytes, and waits for the client to leave.
	Burst = &tandem.Endpoint[Ask, Note, Note]{Path: "/burst", Codec: json.Codec}
	// Refuses refuses with 403, and tells a page so.
	Refuses = &tandem.Endpoint[Ask, Note, Note]{Path: "/refuses", Codec: json.Codec}
	// Hangs is where no handshake is answered.
	Hangs = &tandem.Endpoint[Ask, Note, Note]{Path: "/hangs", Codec: json.Codec}

	// Session sends every note back; that with the text "end" ends it, behind 100 more.
	Session = &tandem.Endpoint[Ask, Note, Note]{Path: "/session", Codec: json.Codec, Session: &tandem.SessionPolicy{}}
	// Cut cuts the TCP connection of the session's socket with the ID, and says so.
	Cut = &tandem.Endpoint[Ask, Note, Note]{Path: "/cut", Codec: json.Codec}
	// Private greets who shows a credential.
	Private = &tandem.Endpoint[Ask, Note, string]{Path: "/private", Codec: msgpack.Codec, Session: &tandem.SessionPolicy{}}

	// Odd has parameters that a page cannot set, or leaves to the browser.
	Odd = &tandem.Endpoint[OddParams, Note, Note]{Path: "/odd", Codec: json.Codec}
)

// OddParams are those of Odd.
type OddParams struct {
	Token  *string `header:"X-Token"`
	Cookie string  `cookie:"sid"`
}
