package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Till = &tandem.Endpoint[struct{}, int, string]{Path: "/till", Codec: json.Codec, Session: &tandem.SessionPolicy{}}

// till adds up prices. What it knows of the conversation it keeps in the session's state, so that a till which is started
// afresh goes on where the last one stopped.
func till(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
	sum := tandem.StateOf[int](c.Session())
	total, _, err := sum.Load() // 0 in a new session
	if err != nil {
		return err
	}
	for price, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		total += price
		if err := sum.Save(ctx, total); err != nil {
			return err
		}
		if err := c.Send(ctx, fmt.Sprintf("%d euros so far", total)); err != nil {
			return err
		}
	}
	return nil
}

// With a Store, sessions go on when the server is restarted. MemoryStore stands here for one that outlives the process,
// such as store/bolt.
func ExampleStateOf() {
	store := &tandem.MemoryStore{}
	var serving atomic.Pointer[http.ServeMux]
	start := func() *tandem.Hub {
		hub := tandem.NewHub(&tandem.HubOptions{Spread: 10 * time.Millisecond})
		mux := http.NewServeMux()
		mux.Handle(Till.Handler(till, &tandem.ServeOptions{Hub: hub, Store: store}))
		serving.Store(mux)
		return hub
	}
	hub := start()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serving.Load().ServeHTTP(w, r) }))
	defer server.Close()

	ctx := context.Background()
	c, err := Till.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{Reconnect: &tandem.Reconnect{Min: 10 * time.Millisecond}})
	if err != nil {
		log.Fatal(err)
	}
	for _, price := range []int{3, 4} {
		if err := c.Send(ctx, price); err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Recv(ctx))
		if err := hub.Shutdown(ctx); err != nil { // on SIGTERM
			log.Fatal(err)
		}
		hub = start() // the next version
	}
	fmt.Println(c.Session().Info().Resumes > 0, c.Close(tandem.CodeNormal, ""))
	// Output:
	// 3 euros so far <nil>
	// 7 euros so far <nil>
	// true <nil>
}
