//go:build !js

package live_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// Listen is for what lives as long as a page: it goes on after the end of a conversation, and after Close, when there is
// another one.
func ExampleSocket_Listen() {
	scope, options, end := begin()
	defer end()
	ctx, cancel := context.WithCancel(context.Background())

	ws := live.Use(scope, Shout, ada, options)
	heard := make(chan string)
	var listening sync.WaitGroup
	listening.Go(func() {
		fmt.Println(ws.Listen(ctx, func(msg string) { heard <- msg }))
	})
	fmt.Println(<-heard)
	must(ws.Close(tandem.CodeNormal, ""))
	ws.Restart()
	fmt.Println(<-heard)
	cancel()
	listening.Wait()
	// Output:
	// hello ada
	// hello ada
	// context canceled
}
