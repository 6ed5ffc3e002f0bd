package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Report = &tandem.Endpoint[struct{}, string, string]{Path: "/report", Codec: json.Codec}

type requestID struct{}

// withRequestID is an ordinary net/http middleware. It has returned while the connection lives, but what it has put
// into the context stays.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "req-1"
		w.Header().Set("X-Request-ID", id) // goes out with the 101
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestID{}, id)))
	})
}

func serveReport(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	return c.Send(ctx, fmt.Sprint("this is ", ctx.Value(requestID{})))
}

// Middlewares stand around the handshake.
func ExampleServeOptions_use() {
	mux := http.NewServeMux()
	mux.Handle(Report.Handler(serveReport, &tandem.ServeOptions{
		Use: []func(http.Handler) http.Handler{withRequestID},
	}))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Report.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	fmt.Println(c.Recv(ctx))
	// Output: this is req-1 <nil>
}
