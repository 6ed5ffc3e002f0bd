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

var Alive = &tandem.Endpoint[struct{}, string, string]{Path: "/alive", Codec: json.Codec}

func serveAlive(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	_, err := c.Recv(ctx)
	return err
}

// Both sides ping by themselves: see Limits.PingInterval. Ping is for programs that want to know now.
func ExampleConn_Ping() {
	mux := http.NewServeMux()
	mux.Handle(Alive.Handler(serveAlive, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	c, err := Alive.Dial(context.Background(), server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	took, err := c.Ping(ctx)
	fmt.Println(took > 0, err)
	// Output: true <nil>
}
