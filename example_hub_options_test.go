package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Stream = &tandem.Endpoint[struct{}, string, string]{Path: "/stream", Codec: json.Codec}

func serveStream(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	_, err := c.Recv(ctx)
	return err
}

// A hub limits how many connections there are, in all and for each key. What is too much is refused with 503.
func ExampleHubOptions() {
	hub := tandem.NewHub(&tandem.HubOptions{
		MaxConns:   10_000,
		MaxPerKey:  1,
		Key:        func(r *http.Request) string { return r.Header.Get("X-User") },
		RetryAfter: 30 * time.Second,
	})
	mux := http.NewServeMux()
	mux.Handle(Stream.Handler(serveStream, &tandem.ServeOptions{Hub: hub}))
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, user := range []string{"ada", "bob", "ada"} {
		c, err := Stream.Dial(context.Background(), server.URL, struct{}{}, &tandem.DialOptions{
			Header: map[string][]string{"X-User": {user}},
		})
		if refused, ok := errors.AsType[*tandem.HandshakeError](err); ok {
			fmt.Println(user, refused.Status, refused.Message, refused.Header["Retry-After"])
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		defer c.Close(tandem.CodeNormal, "")
		fmt.Println(user, "connected")
	}
	// Output:
	// ada connected
	// bob connected
	// ada 503 too many connections of yours [30]
}
