package tandem_test

import (
	"fmt"
	"log"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Position is (i32, i32, Option<String>) in Rust, and an array on the wire.
type Position struct {
	tandem.Tuple
	X, Y  int32
	Label *string
}

// A struct that embeds Tuple is written as an array of its fields.
func ExampleTuple() {
	text, err := json.Codec.Append(nil, &Position{X: 3, Y: -4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)

	var p Position
	if err := json.Codec.Decode([]byte(`[1,2,"home"]`), &p); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.X, p.Y, *p.Label)
	// Output:
	// [3,-4,null]
	// 1 2 home
}
