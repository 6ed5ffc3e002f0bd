//go:build !js

package live_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// A socket is connected by itself. Send waits until it is.
func ExampleUse() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	ws := live.Use(scope, Shout, ada, options)
	must(ws.Send(ctx, "one"))
	must(ws.Send(ctx, "two"))
	must(ws.Send(ctx, "bye"))
	for msg, err := range ws.Messages(ctx) {
		must(err)
		fmt.Println(msg)
	}
	code, _ := ws.Status().Peek().Code()
	fmt.Println(ws.State().Peek(), code == tandem.CodeNormal)
	// Output:
	// hello ada
	// ONE
	// TWO
	// Closed true
}
