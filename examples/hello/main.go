// Command hello is the example of the README: a server and a client in one program.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Both sides import this.
type Person struct{ Name string }

var Hello = &tandem.Endpoint[Person, string, string]{Path: "/hello?name", Codec: json.Codec}

// The server's side: one function, called for each connection.
func hello(ctx context.Context, p Person, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, p.Name+" says "+msg); err != nil {
			return err
		}
	}
	return nil // the client is told 1000
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Hello.Handler(hello, nil))
	go tandem.NewServer("", mux).Serve(l)

	// The client's side.
	ctx := context.Background()
	c, err := Hello.Dial(ctx, "http://"+l.Addr().String(), Person{Name: "Ada"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	if err := c.Send(ctx, "hi"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Recv(ctx)) // Ada says hi <nil>
}
