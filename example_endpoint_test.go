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

// Shout is declared once, in a package that the server and its clients import.
var Shout = &tandem.Endpoint[struct{}, string, string]{Path: "/shout", Codec: json.Codec}

func serveShout(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, msg+"!"); err != nil {
			return err
		}
	}
	return nil
}

// The smallest endpoint: no parameters, text in and text out.
func ExampleEndpoint() {
	mux := http.NewServeMux()
	mux.Handle(Shout.Handler(serveShout, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Shout.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	if err := c.Send(ctx, "two riders, one frame"); err != nil {
		log.Fatal(err)
	}
	answer, err := c.Recv(ctx)
	fmt.Println(answer, err)
	// Output: two riders, one frame! <nil>
}
