package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Jobs = &tandem.Endpoint[struct{}, string, string]{Path: "/jobs", Codec: json.Codec}

func serveJobs(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for job, err := range c.Messages(ctx) { // ends with the context's error when the hub shuts down
		if err != nil {
			return err
		}
		if err := c.Send(ctx, "done: "+job); err != nil {
			return err
		}
	}
	return nil
}

// A hub knows the live connections of a server. http.Server.Shutdown does not: it neither ends nor waits for them, so
// the hub is shut down first.
func ExampleHub() {
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(Jobs.Handler(serveJobs, &tandem.ServeOptions{Hub: hub}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := tandem.NewServer("", mux)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	c, err := Jobs.Dial(context.Background(), "http://"+listener.Addr().String(), struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	if err := c.Send(context.Background(), "index"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Recv(context.Background()))
	for info := range hub.Conns() {
		fmt.Println("live:", info.Path, info.Codec)
	}

	// On SIGTERM, say:
	client := make(chan error, 1)
	go func() {
		_, err := c.Recv(context.Background())
		client <- err
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	fmt.Println("hub:", hub.Shutdown(ctx))
	fmt.Println("server:", server.Shutdown(ctx), <-served)

	if closed, ok := errors.AsType[*tandem.CloseError](<-client); ok {
		fmt.Println("client:", closed.Code, closed.Reason, "- come back?", closed.Code.Reconnect())
	}
	// Output:
	// done: index <nil>
	// live: /jobs json
	// hub: <nil>
	// server: <nil> http: Server closed
	// client: 1012 server shutting down - come back? true
}
