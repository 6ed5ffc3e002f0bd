// Package api is what the tests of the TypeScript client connect to: an endpoint for each thing that can happen.
package api

import (
	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
)

//go:generate go run github.com/tandem-ws/tandem/cmd/tandem gen ts -o ../../../clients/typescript/test/api.gen.ts .

// The same echo in each codec: what is sent comes back, twice if it is Double.
var (
	EchoJSON    = &tandem.Endpoint[Person, Echoed, Echoed]{Path: "/echo/json/{name}?greet", Codec: json.Codec}
	EchoCBOR    = &tandem.Endpoint[Person, Echoed, Echoed]{Path: "/echo/cbor/{name}?greet", Codec: cbor.Codec}
	EchoMsgPack = &tandem.Endpoint[Person, Echoed, Echoed]{Path: "/echo/msgpack/{name}?greet", Codec: msgpack.Codec}
)

// Person is who connects.
type Person struct {
	// Name goes into the path.
	Name string
	// Greet asks for a greeting: a text with the name.
	Greet *bool
}

// Echoed is a message of the echo.
type Echoed interface{ echoed() }

type Text string

// Numbers are integers of all sizes.
type Numbers struct {
	Small int8     `json:"small"`
	Big   int64    `json:"big" ts:"bigint"`
	Safe  int64    `json:"safe"`
	Real  float64  `json:"real"`
	Data  []byte   `json:"data"`
	Words []string `json:"words"`
	Next  *Numbers `json:"next"`
}

// Double is echoed twice.
type Double struct{}

func (Text) echoed()    {}
func (Numbers) echoed() {}
func (Double) echoed()  {}

var _ = tandem.Union[Echoed](map[string]Echoed{"Text": Text(""), "Numbers": Numbers{}, "Double": Double{}})

// Burst sends the numbers from 1 to n at once, and then echoes.
var Burst = &tandem.Endpoint[Count, int64, int64]{Path: "/burst?n", Codec: json.Codec}

// Count is how many.
type Count struct{ N int }

// Ends closes in the way that is asked for.
var Ends = &tandem.Endpoint[Way, string, string]{Path: "/ends?code&status&lie&token", Codec: json.Codec}

// Way is how a connection ends.
type Way struct {
	// Code closes with it; 1000 is a handler that returns.
	Code *int
	// Status refuses the handshake with it.
	Status *int
	// Lie sends what is no text.
	Lie *bool
	// Token must be "good", or the handshake is refused with 401. Left out, nothing is asked for.
	Token *string
}

// Kept has sessions: what comes is echoed, in order and once.
var (
	KeptJSON    = &tandem.Endpoint[struct{}, string, string]{Path: "/kept/json", Codec: json.Codec, Session: &tandem.SessionPolicy{}}
	KeptCBOR    = &tandem.Endpoint[struct{}, string, string]{Path: "/kept/cbor", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}}
	KeptMsgPack = &tandem.Endpoint[struct{}, string, string]{Path: "/kept/msgpack", Codec: msgpack.Codec, Session: &tandem.SessionPolicy{}}
)
