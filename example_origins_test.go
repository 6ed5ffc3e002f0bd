package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Prices = &tandem.Endpoint[struct{}, string, float64]{Path: "/prices", Codec: json.Codec}

func servePrices(ctx context.Context, _ struct{}, c *tandem.Conn[string, float64]) error {
	return c.Send(ctx, 9.99)
}

// Pages of the server's own host may connect, and those that are listed. Programs send no Origin and always may.
func ExampleServeOptions_origins() {
	mux := http.NewServeMux()
	mux.Handle(Prices.Handler(servePrices, &tandem.ServeOptions{Origins: []string{"https://shop.example.com"}}))
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, origin := range []string{"https://shop.example.com", "https://evil.example.net"} {
		c, err := Prices.Dial(context.Background(), server.URL, struct{}{}, &tandem.DialOptions{
			Header: map[string][]string{"Origin": {origin}},
		})
		if refused, ok := errors.AsType[*tandem.HandshakeError](err); ok {
			fmt.Println(origin, refused.Status)
			continue
		}
		fmt.Println(origin, err)
		c.Close(tandem.CodeNormal, "")
	}
	// Output:
	// https://shop.example.com <nil>
	// https://evil.example.net 403
}
