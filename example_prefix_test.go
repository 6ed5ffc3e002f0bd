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

type Ticket struct{ ID int }

var Support = &tandem.Endpoint[Ticket, string, string]{Path: "/tickets/{id}", Codec: json.Codec}

func serveSupport(ctx context.Context, p Ticket, c *tandem.Conn[string, string]) error {
	return c.Send(ctx, fmt.Sprint("ticket ", p.ID))
}

// The declaration does not know where it is mounted. The server strips the prefix, or a proxy in front of it does; the
// client has it in its base URL.
func ExampleEndpoint_Handler_prefix() {
	api := http.NewServeMux()
	api.Handle(Support.Handler(serveSupport, nil))
	root := http.NewServeMux()
	root.Handle("/api/v1/", http.StripPrefix("/api/v1", api))
	server := httptest.NewServer(root)
	defer server.Close()

	ctx := context.Background()
	c, err := Support.Dial(ctx, server.URL+"/api/v1", Ticket{ID: 7}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	fmt.Println(c.Recv(ctx))
	// Output: ticket 7 <nil>
}
