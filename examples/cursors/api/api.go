// Package api is what the two ends of the cursors example share: one endpoint and the messages that travel over it.
package api

import (
	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
)

// Cursors is the endpoint. The server says who is there, with a [Change] whenever that changes, and sixty times a second
// where everybody is, with a [Frame] that is lost rather than late.
var Cursors = &tandem.Endpoint[Person, ClientEvent, ServerEvent]{
	Path:  "/api/cursors_ws?name",
	Codec: cbor.Codec,
	Limits: tandem.Limits{
		MaxClientMessage: 1 << 10,
		// Who cannot take a frame at once is not to get it late: of the frames that wait behind what the network has taken,
		// there are four at most, the sixteenth part of a second.
		QueueMessages: 4,
		// A client moves once in a frame, and seldom says anything else.
		MessageRate: tandem.Rate{PerSecond: 200},
	},
}

// MaxBots is how many bots there can be.
const MaxBots = 500

// Colors is how many colours there are. Which they are is up to the page.
const Colors = 12

// Person is who connects. An empty name gets another from the server.
type Person struct{ Name string }

// ClientEvent is what a client sends: a [Move], [Bots] or [Watch].
type ClientEvent interface{ clientEvent() }

// Move says where the client's own pointer is, from the left and from the top of the page: 65535 is all of it.
type Move struct {
	tandem.Tuple
	X, Y uint16
}

func (Move) clientEvent() {}

// Bots is how many bots somebody wants there to be, for all.
type Bots int

func (Bots) clientEvent() {}

// Watch is whether the client wants frames. It does in the beginning.
type Watch bool

func (Watch) clientEvent() {}

// ServerEvent is what the server sends: a [Welcome], [Change] or [Frame].
type ServerEvent interface{ serverEvent() }

// Welcome is the first message: which of the cursors is the client's own.
type Welcome struct{ You Cursor }

func (Welcome) serverEvent() {}

// Change says who has come and who has gone since the last, or since the beginning, in which nobody is there.
type Change struct {
	Joined []Cursor
	Left   []uint16
	Bots   int // how many of those who are there now are bots
}

func (Change) serverEvent() {}

// Cursor is somebody's cursor. Its ID may be another's when it has gone.
type Cursor struct {
	ID    uint16
	Name  string
	Color uint8 // less than [Colors]
	Bot   bool
}

// Frame is where everybody is at a time. Who has not been anywhere is missing.
type Frame struct {
	Tick   uint32 // counts frames, also those that this client has not got
	Places []Place
}

func (Frame) serverEvent() {}

// Place is where a cursor is: an array of three numbers on the wire, at most 10 bytes, where an object with the names of the
// fields has 17.
type Place struct {
	tandem.Tuple
	ID, X, Y uint16
}

var (
	_ = tandem.Union[ClientEvent](map[string]ClientEvent{"Move": Move{}, "Bots": Bots(0), "Watch": Watch(false)})
	_ = tandem.Union[ServerEvent](map[string]ServerEvent{"Welcome": Welcome{}, "Change": Change{}, "Frame": Frame{}})
)
