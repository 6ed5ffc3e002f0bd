package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Notes takes short notes, and few of them. What is left out keeps its default.
var Notes = &tandem.Endpoint[struct{}, string, string]{
	Path:  "/notes",
	Codec: json.Codec,
	Limits: tandem.Limits{
		MaxClientMessage:    1 << 10,
		MessageRate:         tandem.Rate{PerSecond: 5, Burst: 20},
		FirstMessageTimeout: time.Minute,
	},
}

func serveNotes(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

// Both sides know the limits: a client's own Send refuses what the server would close the connection for.
func ExampleLimits() {
	mux := http.NewServeMux()
	mux.Handle(Notes.Handler(serveNotes, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Notes.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	err = c.Send(ctx, strings.Repeat("long ", 1000))
	fmt.Println("too big:", errors.Is(err, tandem.ErrTooBig))
	fmt.Println("still open:", c.Send(ctx, "short"))
	// Output:
	// too big: true
	// still open: <nil>
}
