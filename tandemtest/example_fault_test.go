package tandemtest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

var Ticker = &tandem.Endpoint[struct{}, string, int]{Path: "/ticker", Codec: json.Codec}

func tick(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
	if err := c.Send(ctx, 1); err != nil {
		return err
	}
	_, err := c.Recv(ctx)
	return err
}

// With a fault proxy in between, a test shows what a program does when the network fails.
func ExampleOptions_fault() {
	t := newExampleTB()
	defer t.end()
	proxy := fault.New(nil)
	defer proxy.Close()

	c := tandemtest.Connect(t, Ticker, tick, struct{}{}, &tandemtest.Options{Fault: proxy})
	fmt.Println(c.Recv(t.Context()))

	proxy.Kill() // a reset, as when a router restarts
	_, err := c.Recv(t.Context())
	fmt.Println("lost:", errors.Is(err, tandem.ErrLost))
	// Output:
	// 1 <nil>
	// lost: true
}
