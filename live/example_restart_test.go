//go:build !js

package live_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// Restart begins another conversation, whatever the state: also where the socket would stay closed.
func ExampleSocket_Restart() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	ws := live.Use(scope, Shout, ada, options)
	must(ws.Connect(ctx))
	must(ws.Close(tandem.CodeNormal, "enough"))
	fmt.Println(ws.Send(ctx, "hi"))
	ws.Restart()
	fmt.Println(ws.Send(ctx, "hi"), ws.Status().Peek().Generation)
	// Output:
	// tandem: connection closed
	// <nil> 2
}
