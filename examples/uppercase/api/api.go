// Package api is what the two ends of the uppercase example share: one endpoint and the messages that travel over it.
// The server, the terminal client and, compiled for js, a browser program import it.
package api

import (
	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
)

// Uppercase is the endpoint. The server greets the person with their name in upper case, then answers every
// [TextInput] with its text in upper case.
var Uppercase = &tandem.Endpoint[Person, ClientEvent, ServerEvent]{
	Path:  "/api/uppercase_ws?name&age",
	Codec: cbor.Codec,
}

// Person is who connects, as told in the query: ?name=Ada&age=36. Both must be there.
type Person struct {
	Name string
	Age  int
}

// ClientEvent is what a client sends: a [TextInput].
type ClientEvent interface{ clientEvent() }

// TextInput is a text to be put in upper case.
type TextInput string

func (TextInput) clientEvent() {}

// ServerEvent is what the server sends: an [Uppercased].
type ServerEvent interface{ serverEvent() }

// Uppercased is a text in upper case.
type Uppercased string

func (Uppercased) serverEvent() {}

// The names that the messages have on the wire, {"TextInput":"hi"} and {"Uppercase":"HI"} in JSON.
var (
	_ = tandem.Union[ClientEvent](map[string]ClientEvent{"TextInput": TextInput("")})
	_ = tandem.Union[ServerEvent](map[string]ServerEvent{"Uppercase": Uppercased("")})
)
