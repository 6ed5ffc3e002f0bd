//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// Where the endpoint has sessions, a lost network is no end: the same conversation goes on. When the server has given the
// session up meanwhile, another one begins, and what it had not got is told.
func ExampleUse_session() {
	notes := &tandem.Endpoint[struct{}, string, int]{
		Path: "/notes", Codec: json.Codec, Session: &tandem.SessionPolicy{Keep: 200 * time.Millisecond},
	}
	count := func(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
		for n := 1; ; n++ { // its own count in each conversation
			if _, err := c.Recv(ctx); err != nil {
				return err
			}
			if err := c.Send(ctx, n); err != nil {
				return err
			}
		}
	}
	expired := make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.Handle(notes.Handler(count, &tandem.ServeOptions{OnExpired: func(context.Context, *tandem.Session) { expired <- struct{}{} }}))
	server := httptest.NewServer(mux)
	defer server.Close()
	network := fault.New(nil)
	defer network.Close()
	listener, err := network.ListenTCP("127.0.0.1:0", strings.TrimPrefix(server.URL, "http://"))
	must(err)

	ctx := context.Background()
	scope := signals.NewScope(signals.NewGraph(nil))
	defer scope.Dispose()
	ws := live.Use(scope, notes, nil, &live.Options{
		Base: "http://" + listener.Addr().String(),
		Dial: &tandem.DialOptions{Reconnect: &tandem.Reconnect{Min: time.Millisecond, Max: 5 * time.Millisecond}},
	})
	must(ws.Send(ctx, "a"))
	fmt.Println(ws.Recv(ctx))

	network.Kill()
	must(ws.Send(ctx, "b"))
	fmt.Println(ws.Recv(ctx))

	network.Down()
	for s := range signals.Changes(ctx, ws.Status()) {
		if s.Resuming {
			break
		}
	}
	must(ws.Send(ctx, "c")) // waits in the session
	<-expired
	network.Up()
	_, err = ws.Recv(ctx)
	if gap, ok := errors.AsType[*tandem.Gap[string]](err); ok {
		fmt.Println("not delivered:", gap.Unsent[0].Message)
	}
	must(ws.Send(ctx, "c"))
	fmt.Println(ws.Recv(ctx))
	fmt.Println("conversation", ws.Status().Peek().Generation)
	must(ws.Close(tandem.CodeNormal, ""))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// not delivered: c
	// 1 <nil>
	// conversation 2
}
