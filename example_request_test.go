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

var WhoAmI = &tandem.Endpoint[struct{}, string, string]{Path: "/whoami", Codec: json.Codec}

func serveWhoAmI(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	r := tandem.Request(ctx)
	return c.Send(ctx, fmt.Sprintf("%s %s as %s", r.Method, r.URL.Path, r.Header.Get("User-Agent")))
}

// Request gives the handler the request its connection began with: for what no parameter is declared for.
func ExampleRequest() {
	mux := http.NewServeMux()
	mux.Handle(WhoAmI.Handler(serveWhoAmI, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := WhoAmI.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
		Header: map[string][]string{"User-Agent": {"example"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	fmt.Println(c.Recv(ctx))
	// Output: GET /whoami as example <nil>
}
