// Package api is what the two ends of the chat example share: one endpoint, and the messages that travel over it. The page
// has it as web/src/api.gen.ts.
package api

//go:generate go run github.com/tandem-ws/tandem/cmd/tandem gen ts -o ../web/src/api.gen.ts .

import (
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Chat is the endpoint: a room, which is there from when the first enters it until it has been empty for a while.
//
// The first message is a [Welcome] with all there is to know of the room. Whatever changes in it comes after that, to everybody
// in the same order. Each [Say] and each [Rename] gets one answer, in their order: a [Said] or [Renamed] of one's own, which
// everybody gets, or a [Refused].
//
// Connections are sessions, so a lost network loses no message. Meanwhile who has lost it stays in the room, and is said to
// be away. A session that cannot be resumed is over for good, be it because its client was away for more than two minutes, fell
// behind by more than the server keeps for it, or because the server was restarted: then the client comes back as somebody new, and the
// Welcome that it gets replaces what it knew. What it had said and the server had not confirmed, its Gap tells.
//
// A client that is too slow is closed with 1013 and comes back. One that cannot enter is closed with [CodeRoom], [CodeName] or
// [CodeFull], and a reason for people to read.
var Chat = &tandem.Endpoint[Params, ClientEvent, ServerEvent]{
	Path: "/api/chat/{room}?name",
	// What is sent is text that people have written, of which CBOR would save a few bytes. JSON can be read where browsers show
	// what is sent, any websocket client can take part, and the page needs no code for it.
	Codec: json.Codec,
	// Of what is said while somebody is away, the server keeps so much for them, and no more because there may be many.
	Session: &tandem.SessionPolicy{Messages: 256, Bytes: 256 << 10},
	Limits: tandem.Limits{
		// Enough for MaxText characters however they are escaped, and for some that are too many: those are refused, not closed.
		MaxClientMessage: 32 << 10,
		// Far above what the server answers; it is for clients that do not listen to that. The burst is for what was said
		// while the network was away.
		MessageRate: tandem.Rate{PerSecond: 20, Burst: 400},
		// Nobody waits for a slow client.
		Overflow: tandem.OverflowClose,
	},
}

// What may be sent. A character is a code point of Unicode.
const (
	MaxRoom = 32   // characters of a room's name
	MaxName = 32   // characters of a person's name
	MaxText = 2000 // characters of what is said
)

// The codes that close a conversation which cannot begin. What is next is up to the person, so clients do not come back by
// themselves.
const (
	CodeRoom = tandem.CodeAppStop + iota // 4500: a room cannot have this name
	CodeName                             // 4501: a person cannot have this name
	CodeFull                             // 4502: there is no place in the room, or none for another room
)

// Params is who enters which room.
type Params struct {
	// Room is 1 to 32 characters out of a-z, 0-9 and -.
	Room string
	// Name is what the others see: 1 to 32 characters, none of them for control. Space around it does not count. Others may
	// have the same one.
	Name string
}

// ClientEvent is what a client sends: a [Say], [Rename] or [Typing].
type ClientEvent interface{ clientEvent() }

// Say says something to everybody in the room. It is answered with a [Said] of one's own, or [Refused].
type Say struct {
	// Text is 1 to 2000 characters, in lines. Space around it does not count.
	Text string `json:"text"`
}

func (Say) clientEvent() {}

// Rename asks for another name. It is answered with a [Renamed] of one's own, or [Refused].
type Rename struct {
	Name string `json:"name"`
}

func (Rename) clientEvent() {}

// Typing says that something is being written. It is to be sent every few seconds while that is so, and is lost rather than
// late.
type Typing struct{}

func (Typing) clientEvent() {}

// ServerEvent is what the server sends: first a [Welcome], then a [Joined], [Left], [Presence], [Renamed], [Said], [Writes] or
// [Refused].
type ServerEvent interface{ serverEvent() }

// Welcome is the first message: how things are.
type Welcome struct {
	// You is who of the members the client is.
	You MemberID `json:"you"`
	// Members are all who are in the room, who has been there for longest first.
	Members []Member `json:"members"`
	// History is what was said last, the oldest first. There may have been more before.
	History []Said `json:"history"`
}

func (Welcome) serverEvent() {}

// MemberID is somebody in a room. Nobody else in that room ever has the same.
type MemberID uint32

// Member is somebody in the room.
type Member struct {
	ID   MemberID `json:"id"`
	Name string   `json:"name"`
	// Away is whether their network is lost: they read later what is said meanwhile, or never.
	Away bool `json:"away"`
}

// Joined says that somebody has come in.
type Joined struct {
	Member Member `json:"member"`
}

func (Joined) serverEvent() {}

// Left says that somebody has gone.
type Left struct {
	ID MemberID `json:"id"`
}

func (Left) serverEvent() {}

// Presence says that somebody is away now, or is back.
type Presence struct {
	ID   MemberID `json:"id"`
	Away bool     `json:"away"`
}

func (Presence) serverEvent() {}

// Renamed says that somebody goes by another name now. What they have said before keeps the old one.
type Renamed struct {
	ID   MemberID `json:"id"`
	Name string   `json:"name"`
}

func (Renamed) serverEvent() {}

// Said is what somebody has said.
type Said struct {
	ID MessageID `json:"id"`
	// At is when, by the server's clock, in milliseconds.
	At time.Time `json:"at"`
	// By is who, and Name how they were called then: they may have gone.
	By   MemberID `json:"by"`
	Name string   `json:"name"`
	Text string   `json:"text"`
}

func (Said) serverEvent() {}

// MessageID is something that was said in a room: 1, 2, 3 and so on.
type MessageID uint32

// Writes says that somebody is writing, or was a second ago. It may come earlier than what was sent before it.
type Writes struct {
	ID MemberID `json:"id"`
}

func (Writes) serverEvent() {}

// Refused answers a [Say] or [Rename], of which nobody else knows: the first that has had no answer yet.
type Refused struct {
	Why Refusal `json:"why"`
}

func (Refused) serverEvent() {}

// Refusal is why something was refused.
type Refusal string

// What can be wrong.
const (
	RefusalEmpty   Refusal = "empty"    // nothing that can be seen
	RefusalTooLong Refusal = "too-long" // more characters than there may be
	RefusalControl Refusal = "control"  // a character that is not for people
	RefusalTooFast Refusal = "too-fast" // more in a short time than anybody can read; it would pass a moment later
)

var (
	_ = tandem.Union[ClientEvent](map[string]ClientEvent{"Say": Say{}, "Rename": Rename{}, "Typing": Typing{}})
	_ = tandem.Union[ServerEvent](map[string]ServerEvent{
		"Welcome": Welcome{}, "Joined": Joined{}, "Left": Left{}, "Presence": Presence{}, "Renamed": Renamed{}, "Said": Said{},
		"Writes": Writes{}, "Refused": Refused{},
	})
)
