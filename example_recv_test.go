package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Auction = &tandem.Endpoint[struct{}, int, string]{Path: "/auction", Codec: json.Codec}

func serveAuction(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
	if err := c.Send(ctx, "sold"); err != nil {
		return err
	}
	return nil
}

// Recv tells the ends of a conversation apart.
func ExampleConn_Recv() {
	mux := http.NewServeMux()
	mux.Handle(Auction.Handler(serveAuction, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Auction.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	for {
		msg, err := c.Recv(ctx)
		closed, isClose := errors.AsType[*tandem.CloseError](err)
		switch {
		case err == nil:
			fmt.Println("got", msg)
			continue
		case errors.Is(err, io.EOF):
			fmt.Println("the conversation is over")
		case isClose:
			fmt.Println("closed with", closed.Code, closed.Reason, "- come back?", closed.Code.Reconnect())
		case errors.Is(err, tandem.ErrLost):
			fmt.Println("the network failed:", err)
		default:
			fmt.Println(err) // the context's error, or a *tandem.DecodeError
		}
		return
	}
	// Output:
	// got sold
	// the conversation is over
}
