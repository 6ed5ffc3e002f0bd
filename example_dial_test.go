package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Clock = &tandem.Endpoint[struct{}, string, string]{Path: "/clock", Codec: json.Codec}

// Dial waits for the handshake. What the server answers instead of granting it is a HandshakeError, and every other
// failure says what the network said.
func ExampleEndpoint_Dial() {
	server := httptest.NewServer(nil) // an empty mux: there is no clock here
	defer server.Close()

	// The context bounds the handshake only; a connection lives until it is closed.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := Clock.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
		Header: map[string][]string{"Authorization": {"Bearer secret"}},
	})
	if refused, ok := errors.AsType[*tandem.HandshakeError](err); ok {
		fmt.Println("refused:", refused.Status, refused.Message)
		return
	}
	if err != nil {
		fmt.Println("no connection:", err)
		return
	}
	defer c.Close(tandem.CodeNormal, "")
	// Output: refused: 404 404 page not found
}
