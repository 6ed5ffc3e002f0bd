package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Tally = &tandem.Endpoint[struct{}, int, int]{Path: "/tally", Codec: json.Codec}

func serveTally(ctx context.Context, _ struct{}, c *tandem.Conn[int, int]) error {
	sum := 0
	for range 100 {
		n, err := c.Recv(ctx)
		if err != nil {
			return err
		}
		sum += n
	}
	return c.Send(ctx, sum)
}

// Any number of goroutines may send on one connection.
func ExampleConn_Send() {
	mux := http.NewServeMux()
	mux.Handle(Tally.Handler(serveTally, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Tally.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")

	var senders sync.WaitGroup
	for range 10 {
		senders.Go(func() {
			for n := range 10 {
				if err := c.Send(ctx, n); err != nil {
					log.Print(err)
				}
			}
		})
	}
	senders.Wait()
	fmt.Println(c.Recv(ctx))
	// Output: 450 <nil>
}
