package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tandem-ws/tandem"
)

// A status line: the session says when its socket is lost, and when it has another one.
func ExampleSession_Watch() {
	mux := http.NewServeMux()
	mux.Handle(Diary.Handler(diary, nil))
	server := httptest.NewUnstartedServer(mux)
	network := &cutter{Listener: server.Listener}
	server.Listener = network
	server.Start()
	defer server.Close()

	ctx := context.Background()
	c, err := Diary.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
		Reconnect: &tandem.Reconnect{Min: 100 * time.Millisecond},
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = c.Recv(ctx) // somebody who receives notices at once that the network is lost
	}()
	for info := range c.Session().Watch(ctx) {
		fmt.Printf("up: %v, resumed: %d, over: %q\n", info.Up, info.Resumes, info.Over)
		switch {
		case info.Up && info.Resumes == 0:
			network.cut()
		case info.Up:
			go c.Close(tandem.CodeNormal, "")
		}
	}
	// Output:
	// up: true, resumed: 0, over: ""
	// up: false, resumed: 0, over: ""
	// up: true, resumed: 1, over: ""
	// up: false, resumed: 1, over: "closed"
}
