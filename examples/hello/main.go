// Command hello is the example of the README: a server and a client in one program.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// Person and Hello are what both sides share.
type Person struct{ Name string }

var Hello = &tandem.Endpoint[Person, string, string]{Path: "/hello?name", Codec: json.Codec}

// The server calls this for each connection. When it returns nil, the client is told 1000.
func hello(ctx context.Context, p Person, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, p.Name+" says "+msg); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	mux := http.NewServeMux()
	mux.Handle(Hello.Handler(hello, nil))
	server := httptest.NewServer(mux)
	ctx := context.Background()
	c, err := Hello.Dial(ctx, server.URL, Person{Name: "Ada"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Send(ctx, "hi"))              // <nil>
	fmt.Println(c.Recv(ctx))                    // Ada says hi <nil>
	fmt.Println(c.Close(tandem.CodeNormal, "")) // <nil>
}
