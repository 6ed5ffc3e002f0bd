package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Board = &tandem.Endpoint[struct{}, string, string]{Path: "/board", Codec: json.Codec}

func serveBoard(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	return c.Send(ctx, "welcome")
}

// A page cannot read why its handshake was refused. With RefuseInBand it is let in and told with a close code: 4400
// plus the status, less 400. A browser is known by its Origin header, which this client sends to pass for one.
func ExampleServeOptions_refuseInBand() {
	mux := http.NewServeMux()
	mux.Handle(Board.Handler(serveBoard, &tandem.ServeOptions{
		RefuseInBand: true,
		Authorize: func(*http.Request) (context.Context, error) {
			return nil, &tandem.HandshakeError{Status: http.StatusUnauthorized, Message: "sign in first"}
		},
	}))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Board.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
		Header: map[string][]string{"Origin": {server.URL}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	_, err = c.Recv(ctx)
	if closed, ok := errors.AsType[*tandem.CloseError](err); ok {
		fmt.Println(closed.Code, closed.Reason)
		fmt.Println("come back:", closed.Code.Reconnect())
	}
	// Output:
	// 4401 sign in first
	// come back: false
}
