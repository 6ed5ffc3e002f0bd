package tandem_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// A handler that writes orders into a database in batches acknowledges a batch when it is written. Key names a message for
// good, so an order that comes twice is seen.
func ExampleSession_Commit() {
	endpoint := &tandem.Endpoint[struct{}, string, string]{
		Path: "/orders", Codec: json.Codec, Session: &tandem.SessionPolicy{ServerCommits: true},
	}
	written := map[string]string{} // the database
	orders := func(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
		batch := map[string]string{}
		for order, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			batch[c.Session().Key()] = order
			if len(batch) < 3 {
				continue
			}
			maps.Copy(written, batch)
			clear(batch)
			c.Session().Commit()
			if err := c.Send(ctx, fmt.Sprintf("%d orders are safe", c.Session().Number())); err != nil {
				return err
			}
		}
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle(endpoint.Handler(orders, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := endpoint.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, order := range []string{"tea", "cups", "a kettle"} {
		if err := c.Send(ctx, order); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(c.Recv(ctx))
	fmt.Println(written[c.Session().ID()+"/2"])
	fmt.Println(c.Close(tandem.CodeNormal, ""))
	// Output:
	// 3 orders are safe <nil>
	// cups
	// <nil>
}
