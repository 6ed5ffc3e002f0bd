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

var Vote = &tandem.Endpoint[struct{}, string, string]{Path: "/vote", Codec: json.Codec}

// errPollClosed is told to the client. Any other error would be logged, and the client told 1011 and nothing else.
var errPollClosed = &tandem.CloseError{Code: tandem.CodeAppStop + 1, Reason: "the poll is closed"}

func serveVote(context.Context, struct{}, *tandem.Conn[string, string]) error {
	return fmt.Errorf("vote: %w", errPollClosed)
}

// A handler that returns a CloseError, wrapped or not, chooses the code its client sees.
func ExampleCloseError() {
	mux := http.NewServeMux()
	mux.Handle(Vote.Handler(serveVote, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Vote.Dial(ctx, server.URL, struct{}{}, nil)
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
	// 4501 the poll is closed
	// come back: false
}
