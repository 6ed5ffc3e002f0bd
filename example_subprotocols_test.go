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

var Feed = &tandem.Endpoint[struct{}, string, string]{Path: "/feed", Codec: json.Codec}

func serveFeed(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	if c.Subprotocol() == "feed.v2" {
		return c.Send(ctx, "news in the new format")
	}
	return c.Send(ctx, "news as ever")
}

// Subprotocols of the application's own let server and client agree on a version. The client's order decides.
func ExampleServeOptions_subprotocols() {
	mux := http.NewServeMux()
	mux.Handle(Feed.Handler(serveFeed, &tandem.ServeOptions{Subprotocols: []string{"feed.v1", "feed.v2"}}))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Feed.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{Subprotocols: []string{"feed.v3", "feed.v2"}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	msg, err := c.Recv(ctx)
	fmt.Println(c.Subprotocol(), "-", msg, err)
	// Output: feed.v2 - news in the new format <nil>
}
