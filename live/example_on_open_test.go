//go:build !js

package live_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// OnOpen is where a program says what each conversation begins with: here, after the server was away.
func ExampleSocket_OnOpen() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	options.Manual = true
	ws := live.Use(scope, Shout, ada, options)
	ws.OnOpen(func(ctx context.Context, c *tandem.Conn[string, string]) error {
		return c.Send(ctx, "subscribe")
	})
	ws.Restart()
	must(ws.Send(ctx, "back soon"))
	must(ws.Send(ctx, "hi")) // to whichever conversation there is by then
	subscribed := 0
	for msg, err := range ws.Messages(ctx) {
		must(err)
		if fmt.Println(msg); msg == "SUBSCRIBE" {
			subscribed++
		}
		if subscribed == 2 {
			break
		}
	}
	// Output:
	// hello ada
	// SUBSCRIBE
	// hello ada
	// SUBSCRIBE
}
