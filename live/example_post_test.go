//go:build !js

package live_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// Post is for the handlers of events, which must not wait: what is posted is sent in order.
func ExampleSocket_Post() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	ws := live.Use(scope, Shout, ada, options)
	ws.Post("one")
	sent := ws.Post("two")
	fmt.Println(<-sent)
	for range 3 {
		fmt.Println(ws.Recv(ctx))
	}
	must(ws.Close(tandem.CodeNormal, ""))
	fmt.Println(<-ws.Post("too late"))
	// Output:
	// <nil>
	// hello ada <nil>
	// ONE <nil>
	// TWO <nil>
	// tandem: connection closed
}
