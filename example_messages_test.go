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

var Countdown = &tandem.Endpoint[struct{}, string, int]{Path: "/countdown", Codec: json.Codec}

func serveCountdown(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
	for n := 3; n > 0; n-- {
		if err := c.Send(ctx, n); err != nil {
			return err
		}
	}
	return nil // closes with 1000
}

// The loop ends by itself when the other side has said all it wanted to; every other end comes as an error.
func ExampleConn_Messages() {
	mux := http.NewServeMux()
	mux.Handle(Countdown.Handler(serveCountdown, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Countdown.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	for n, err := range c.Messages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n)
	}
	fmt.Println("lift-off")
	// Output:
	// 3
	// 2
	// 1
	// lift-off
}
