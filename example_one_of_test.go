package tandem_test

import (
	"fmt"
	"log"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

type Shape interface{ shape() }

type Circle struct {
	R float64 `json:"r"`
}

type Square struct {
	Side float64 `json:"side"`
}

func (Circle) shape() {}
func (Square) shape() {}

var _ = tandem.Union[Shape](map[string]Shape{"circle": Circle{}, "square": Square{}})

// Drawing has one shape that is always there, some more, and one that may be missing.
type Drawing struct {
	Frame Shape                `json:"frame"`
	Parts []Shape              `json:"parts"`
	Badge *tandem.OneOf[Shape] `json:"badge"`
}

// A union can be a field or an element as it stands. OneOf is for the place of a pointer: a Shape that may be absent.
func ExampleOneOf() {
	for _, d := range []Drawing{
		{Frame: Square{4}, Parts: []Shape{Circle{1}}},
		{Frame: Square{4}, Badge: &tandem.OneOf[Shape]{Value: Circle{0.5}}},
	} {
		text, err := json.Codec.Append(nil, &d)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", text)
	}
	// Output:
	// {"frame":{"square":{"side":4}},"parts":[{"circle":{"r":1}}],"badge":null}
	// {"frame":{"square":{"side":4}},"parts":[],"badge":{"circle":{"r":0.5}}}
}
