//go:build !js

package live_test

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

// Person is who connects.
type Person struct{ Name string }

// Shout is what server and client share.
var Shout = &tandem.Endpoint[Person, string, string]{Path: "/shout?name", Codec: json.Codec}

// shout answers in upper case. "back soon" it answers by going away for a moment, "bye" by the end.
func shout(ctx context.Context, p Person, c *tandem.Conn[string, string]) error {
	if err := c.Send(ctx, "hello "+p.Name); err != nil {
		return err
	}
	for msg, err := range c.Messages(ctx) {
		switch {
		case err != nil:
			return err
		case msg == "back soon":
			return &tandem.CloseError{Code: tandem.CodeRestart, Reason: msg}
		case msg == "bye":
			return nil
		}
		if err := c.Send(ctx, strings.ToUpper(msg)); err != nil {
			return err
		}
	}
	return nil
}

// begin begins an example: with a server for Shout, options to reach it, and a scope.
func begin() (scope *signals.Scope, o *live.Options, end func()) {
	mux := http.NewServeMux()
	mux.Handle(Shout.Handler(shout, nil))
	server := httptest.NewServer(mux)
	scope = signals.NewScope(signals.NewGraph(nil))
	return scope, &live.Options{Base: server.URL, Settle: -1}, func() {
		scope.Dispose()
		server.Close()
	}
}

// ada is who connects, where that does not change.
func ada(*signals.Reader) Person { return Person{Name: "ada"} }

// must is for what does not fail here.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
