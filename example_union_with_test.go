package tandem_test

import (
	"fmt"
	"log"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// ChatEvent is one of the variants below, or an OtherEvent: one that a newer server knows and this program does not.
type ChatEvent interface{ chatEvent() }

type Said string

type Left struct{}

type OtherEvent struct{ tandem.Unknown }

func (Said) chatEvent()       {}
func (Left) chatEvent()       {}
func (OtherEvent) chatEvent() {}

var _ = tandem.UnionWith(
	map[string]ChatEvent{"said": Said(""), "left": Left{}},
	&tandem.UnionOptions{Adjacent: true, TypeKey: "kind", Unknown: OtherEvent{}},
)

// Adjacent tagging is what a TypeScript front end narrows with a switch over event.kind. With Unknown, a variant that
// the table does not have is a value like any other.
func ExampleUnionWith() {
	for _, event := range []ChatEvent{Said("hi"), Left{}} {
		text, err := json.Codec.Append(nil, &event)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", text)
	}

	var event ChatEvent
	if err := json.Codec.Decode([]byte(`{"kind":"waved","data":{"hands":2}}`), &event); err != nil {
		log.Fatal(err)
	}
	if other, ok := event.(OtherEvent); ok {
		fmt.Printf("unknown %s: %s\n", other.Tag, other.Data)
	}
	// Output:
	// {"kind":"said","data":"hi"}
	// {"kind":"left"}
	// unknown waved: {"hands":2}
}
