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

var Scores = &tandem.Endpoint[struct{}, string, int]{Path: "/scores", Codec: json.Codec}

func serveScores(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
	return c.Send(ctx, 42)
}

// Generated clients say what they were made with. A page that was loaded before the last change of the endpoint learns that
// it is stale, and is to be loaded again; the one before that change is still understood. The Origin makes this client pass
// for a page, and so does what a page adds to the query.
func ExampleServeOptions_refuseStale() {
	mux := http.NewServeMux()
	mux.Handle(Scores.Handler(serveScores, &tandem.ServeOptions{
		RefuseStale: true,
		Schemas:     []string{"0f343b0931126a20f133d67c2b018a3b"}, // from the generated file of the last release
	}))
	server := httptest.NewServer(mux)
	defer server.Close()

	type made struct {
		With string `query:"tandem.schema"`
	}
	page := &tandem.Endpoint[made, string, int]{Path: "/scores", Codec: json.Codec}
	ctx := context.Background()
	for _, hash := range []string{"0f343b0931126a20f133d67c2b018a3b", "9bb58f26192e4ba00f01e2e7b136bbd8"} {
		c, err := page.Dial(ctx, server.URL, made{hash}, &tandem.DialOptions{
			Header: map[string][]string{"Origin": {server.URL}},
		})
		if err != nil {
			log.Fatal(err)
		}
		score, err := c.Recv(ctx)
		if closed, ok := errors.AsType[*tandem.CloseError](err); ok {
			fmt.Println(closed.Code == tandem.CodeStale, closed.Reason)
		} else {
			fmt.Println(score)
		}
		c.Close(tandem.CodeNormal, "")
	}
	// Output:
	// 42
	// true client is stale: it was made with another schema
}
