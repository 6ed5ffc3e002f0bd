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

var Diary = &tandem.Endpoint[struct{}, string, int]{
	Path:    "/diary",
	Codec:   json.Codec,
	Session: &tandem.SessionPolicy{Keep: 10 * time.Minute},
}

// diary has one variable for one conversation, whatever happens to the network.
func diary(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
	entries := 0
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		entries++
		if err := c.Send(ctx, entries); err != nil {
			return err
		}
	}
	return nil
}

// A session goes on over another socket when one is lost: neither the handler nor the client notices.
func ExampleSessionPolicy() {
	mux := http.NewServeMux()
	mux.Handle(Diary.Handler(diary, nil))
	server := httptest.NewUnstartedServer(mux)
	network := &cutter{Listener: server.Listener}
	server.Listener = network
	server.Start()
	defer server.Close()

	ctx := context.Background()
	c, err := Diary.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
		Reconnect: &tandem.Reconnect{Min: 10 * time.Millisecond},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range []string{"monday", "tuesday", "wednesday"} {
		if err := c.Send(ctx, entry); err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Recv(ctx))
		network.cut()
	}
	fmt.Println(c.Close(tandem.CodeNormal, ""))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
	// <nil>
}
