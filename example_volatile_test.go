package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// A position is stale when the next one is there, so it is not worth waiting for: where the network is away, or slower than
// the mouse, it is dropped.
func ExampleConn_SendVolatile() {
	type Position struct{ X, Y int }
	endpoint := &tandem.Endpoint[struct{}, Position, string]{Path: "/mouse", Codec: json.Codec, Session: &tandem.SessionPolicy{}}
	mux := http.NewServeMux()
	mux.Handle(endpoint.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[Position, string]) error {
		at, err := c.Recv(ctx)
		if err != nil {
			return err
		}
		return c.Send(ctx, fmt.Sprintf("the mouse is at %d, %d", at.X, at.Y))
	}, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := endpoint.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.SendVolatile(Position{3, 4}))
	fmt.Println(c.Recv(ctx))
	fmt.Println(c.Close(tandem.CodeNormal, ""))
	// Output:
	// true <nil>
	// the mouse is at 3, 4 <nil>
	// <nil>
}
