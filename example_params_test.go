package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// JoinRoom is what the upgrade request of Room carries. A pointer is optional, everything else is required.
type JoinRoom struct {
	Room  string        `path:"room"`
	Since time.Duration `query:"since"`
	Tags  []string      `query:"tags"`
	Trace *string       `header:"X-Trace"`
	Theme *string       `cookie:"theme"`
}

var Room = &tandem.Endpoint[JoinRoom, string, string]{Path: "/rooms/{room}?since&tags", Codec: json.Codec}

func serveRoom(ctx context.Context, p JoinRoom, c *tandem.Conn[string, string]) error {
	return c.Send(ctx, fmt.Sprintf("%s since %v, %q, trace %s, theme %s", p.Room, p.Since, p.Tags, *p.Trace, *p.Theme))
}

// Parameters travel in the path, the query, headers and cookies of the upgrade request, and are there when the handler
// begins. A client that leaves out a required one is refused with 400.
func ExampleEndpoint_Handler() {
	mux := http.NewServeMux()
	mux.Handle(Room.Handler(serveRoom, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Room.Dial(ctx, server.URL, JoinRoom{
		Room:  "tea & biscuits",
		Since: 90 * time.Minute,
		Tags:  []string{"new", "loud"},
		Trace: new("t1"),
		Theme: new("dark"),
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	fmt.Println(c.Recv(ctx))
	// Output: tea & biscuits since 1h30m0s, ["new" "loud"], trace t1, theme dark <nil>
}
