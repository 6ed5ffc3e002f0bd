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

// What a session held is given free when nobody comes back to it.
func ExampleServeOptions_onExpired() {
	endpoint := &tandem.Endpoint[struct{}, string, string]{
		Path: "/seats", Codec: json.Codec, Session: &tandem.SessionPolicy{Keep: 50 * time.Millisecond},
	}
	freed := make(chan string)
	options := &tandem.ServeOptions{
		OnExpired: func(_ context.Context, s *tandem.Session) {
			seat, _, err := tandem.StateOf[string](s).Load()
			if err != nil {
				log.Print(err)
			}
			freed <- seat
		},
	}
	mux := http.NewServeMux()
	mux.Handle(endpoint.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
		for seat, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := tandem.StateOf[string](c.Session()).Save(ctx, seat); err != nil {
				return err
			}
			if err := c.Send(ctx, "reserved: "+seat); err != nil {
				return err
			}
		}
		return nil
	}, options))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := endpoint.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Send(ctx, "row 4, seat 2"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Recv(ctx))
	c.CloseNow() // the train has gone into a tunnel
	fmt.Println("free again:", <-freed)
	// Output:
	// reserved: row 4, seat 2 <nil>
	// free again: row 4, seat 2
}
