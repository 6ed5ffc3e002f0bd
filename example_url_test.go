package tandem_test

import (
	"fmt"
	"log"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

type Lookup struct {
	Shelf string `path:"shelf"`
	Query string `query:"q"`
}

var Library = &tandem.Endpoint[Lookup, string, string]{Path: "/shelves/{shelf}?q", Codec: json.Codec}

// URL is for clients that are not tandem's: a page, a command line tool, a link in a mail.
func ExampleEndpoint_URL() {
	for _, base := range []string{"wss://example.com/app", ""} {
		url, err := Library.URL(base, Lookup{Shelf: "a/b", Query: "two riders"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(url)
	}
	// Output:
	// wss://example.com/app/shelves/a%2Fb?q=two+riders
	// /shelves/a%2Fb?q=two+riders
}
