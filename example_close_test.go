package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Upload = &tandem.Endpoint[struct{}, []byte, string]{Path: "/upload", Codec: json.Codec}

// Close says why: codes from 4000 on are the application's own. It returns when the other side has answered.
func ExampleConn_Close() {
	reasons := make(chan error, 1)
	upload := func(ctx context.Context, _ struct{}, c *tandem.Conn[[]byte, string]) error {
		_, err := c.Recv(ctx)
		reasons <- err
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(Upload.Handler(upload, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	c, err := Upload.Dial(context.Background(), server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("client:", c.Close(4500, "disk removed"))

	closed, _ := errors.AsType[*tandem.CloseError](<-reasons)
	fmt.Println("server:", closed.Code, closed.Reason)
	// Output:
	// client: <nil>
	// server: 4500 disk removed
}
