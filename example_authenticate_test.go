package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// A token that runs out after a minute is replaced in time, without another socket. The session belongs to the user: a
// token of somebody else is refused.
func ExampleSession_Authenticate() {
	type userKey struct{}
	options := &tandem.ServeOptions{
		AuthorizeInBand: func(ctx context.Context, token string) (context.Context, error) {
			user, ok := strings.CutPrefix(token, "token of ")
			if !ok {
				return nil, &tandem.HandshakeError{Status: http.StatusUnauthorized, Message: "no such token"}
			}
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, userKey{}, user), time.Minute)
			context.AfterFunc(ctx, cancel)
			return ctx, nil
		},
		Principal: func(ctx context.Context) string {
			user, _ := ctx.Value(userKey{}).(string)
			return user
		},
	}
	endpoint := &tandem.Endpoint[struct{}, string, string]{Path: "/private", Codec: json.Codec, Session: &tandem.SessionPolicy{}}
	mux := http.NewServeMux()
	mux.Handle(endpoint.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
		if err := c.Send(ctx, "hello "+c.Session().Principal()); err != nil {
			return err
		}
		_, err := c.Recv(ctx)
		return err
	}, options))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := endpoint.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{Credential: "token of ada"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Recv(ctx))
	for _, token := range []string{"token of ada", "token of bob", "what?"} {
		fmt.Println(c.Session().Authenticate(ctx, token))
	}
	fmt.Println(c.Close(tandem.CodeNormal, ""))
	// Output:
	// hello ada <nil>
	// <nil>
	// tandem: credential refused: "denied"
	// tandem: credential refused: "no such token"
	// <nil>
}
