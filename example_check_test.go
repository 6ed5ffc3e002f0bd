package tandem_test

import (
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var (
	NoCodec  = &tandem.Endpoint[struct{}, string, string]{Path: "/a"}
	NoField  = &tandem.Endpoint[struct{}, string, string]{Path: "/a/{id}", Codec: json.Codec}
	FineHere = &tandem.Endpoint[struct{}, string, string]{Path: "/a", Codec: json.Codec}
)

// Check finds what is wrong with a declaration, for a test in the package that declares. Handler panics with the
// same error when the server starts, and Dial returns it.
func ExampleEndpoint_Check() {
	fmt.Println(NoCodec.Check())
	fmt.Println(NoField.Check())
	fmt.Println(FineHere.Check())
	// Output:
	// tandem: endpoint "/a": Codec is nil: name one, for instance json.Codec of package codec/json
	// tandem: endpoint "/a/{id}": path "/a/{id}": no field in struct {} for the wildcard {id}; add one with the tag path:"id"
	// <nil>
}
