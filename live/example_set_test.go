//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tandem-ws/tandem/live"
)

// Set puts a connection in place that the program has made itself, or an error.
func ExampleSocket_Set() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	options.Manual = true
	ws := live.Use(scope, Shout, ada, options)
	c, err := Shout.Dial(ctx, options.Base, Person{Name: "somebody else"}, nil)
	must(err)
	ws.Set(c, nil)
	fmt.Println(ws.Recv(ctx))
	ws.Set(nil, errors.New("signed out"))
	_, err = ws.Recv(ctx)
	fmt.Println(err, ws.State().Peek())
	// Output:
	// hello somebody else <nil>
	// signed out FailedToConnect
}
