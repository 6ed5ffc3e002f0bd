package tandem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	tjson "github.com/tandem-ws/tandem/codec/json"
)

var Inbox = &tandem.Endpoint[struct{}, string, string]{Path: "/inbox", Codec: tjson.Codec}

// Quota is what a client is told when it is refused, beside status and message.
type Quota struct {
	Used, Limit int
}

type userKey struct{}

func authorizeInbox(r *http.Request) (context.Context, error) {
	switch token := r.Header.Get("Authorization"); token {
	case "Bearer ada":
		return context.WithValue(r.Context(), userKey{}, "Ada"), nil
	case "Bearer bob":
		data, err := json.Marshal(Quota{Used: 10, Limit: 10})
		if err != nil {
			return nil, err
		}
		return nil, &tandem.HandshakeError{Status: http.StatusForbidden, Message: "quota used up", Code: 7, Data: data}
	}
	return nil, &tandem.HandshakeError{Status: http.StatusUnauthorized, Message: "who are you?"}
}

func serveInbox(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	return c.Send(ctx, fmt.Sprint("no mail, ", ctx.Value(userKey{})))
}

// Authorize decides before the upgrade. What it puts into the context reaches the handler; the error it refuses with
// reaches the client.
func ExampleServeOptions_authorize() {
	mux := http.NewServeMux()
	mux.Handle(Inbox.Handler(serveInbox, &tandem.ServeOptions{Authorize: authorizeInbox}))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	for _, token := range []string{"", "Bearer bob", "Bearer ada"} {
		c, err := Inbox.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{
			Header: map[string][]string{"Authorization": {token}},
		})
		if refused, ok := errors.AsType[*tandem.HandshakeError](err); ok {
			var quota Quota
			if refused.Data != nil {
				if err := json.Unmarshal(refused.Data, &quota); err != nil {
					log.Fatal(err)
				}
			}
			fmt.Println(refused.Status, refused.Message, refused.Code, quota)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Recv(ctx))
		c.Close(tandem.CodeNormal, "")
	}
	// Output:
	// 401 who are you? 401 {0 0}
	// 403 quota used up 7 {10 10}
	// no mail, Ada <nil>
}
