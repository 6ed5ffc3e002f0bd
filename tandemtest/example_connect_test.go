package tandemtest_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/tandemtest"
)

var Greeter = &tandem.Endpoint[struct{}, string, string]{Path: "/greeter", Codec: json.Codec}

func greet(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for name, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, "hello, "+name); err != nil {
			return err
		}
	}
	return nil
}

// Connect is all it takes to test a handler: a typed client, connected to it in memory. In a test, t is the test's
// *testing.T, and nothing needs to be ended; inside synctest.Test time is fake as well.
func ExampleConnect() {
	t := newExampleTB()
	defer t.end()

	c := tandemtest.Connect(t, Greeter, greet, struct{}{}, nil)
	if err := c.Send(t.Context(), "Ada"); err != nil {
		t.Fatal(err)
	}
	fmt.Println(c.Recv(t.Context()))
	// Output: hello, Ada <nil>
}
