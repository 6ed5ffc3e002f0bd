package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
)

// Telemetry is spoken in CBOR between services.
var Telemetry = &tandem.Endpoint[struct{}, string, map[string]int]{Path: "/telemetry", Codec: cbor.Codec}

func serveTelemetry(ctx context.Context, _ struct{}, c *tandem.Conn[string, map[string]int]) error {
	return c.Send(ctx, map[string]int{"rpm": 90})
}

// The endpoint declares one codec; a server may accept more of them, and a client asks for the one it likes. A page
// does the same with new WebSocket(url, ["json"]).
func ExampleDialOptions_codec() {
	mux := http.NewServeMux()
	mux.Handle(Telemetry.Handler(serveTelemetry, &tandem.ServeOptions{Codecs: []tandem.Codec{json.Codec}}))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	for _, codec := range []tandem.Codec{nil, json.Codec} {
		c, err := Telemetry.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{Codec: codec})
		if err != nil {
			log.Fatal(err)
		}
		f, err := c.Raw().Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("subprotocol %q: %s in a %v frame, %q\n", c.Subprotocol(), c.Codec().Name(), f.Kind, f.Data)
		c.Close(tandem.CodeNormal, "")
	}
	// Output:
	// subprotocol "": cbor in a binary frame, "\xa1crpm\x18Z"
	// subprotocol "json": json in a text frame, "{\"rpm\":90}"
}
