//go:build !js

package live_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

// Status is a signal: an effect, a page or a test sees how the socket is, and when it will be tried again.
func ExampleSocket_Status() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	ws := live.Use(scope, Shout, ada, options)
	must(ws.Connect(ctx))
	must(ws.Send(ctx, "back soon"))
	for s := range signals.Changes(ctx, ws.Status()) {
		if s.State == live.Closed {
			code, reason := s.Code()
			fmt.Println(code == tandem.CodeRestart, reason, s.Final(), s.RetryAt.IsZero())
			break
		}
	}
	must(ws.Connect(ctx)) // by itself
	s := ws.Status().Peek()
	fmt.Println(s.State, s.Generation, s.Err)
	// Output:
	// true back soon false false
	// Open 2 <nil>
}
