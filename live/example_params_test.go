//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

// Parameters that change are another conversation. Recv tells where it begins; a loop over Messages just goes on.
func ExampleUse_changedParameters() {
	scope, options, end := begin()
	defer end()
	ctx := context.Background()

	name := signals.New(scope.Graph(), "ada")
	ws := live.Use(scope, Shout, func(r *signals.Reader) Person { return Person{Name: name.Get(r)} }, options)
	fmt.Println(ws.Recv(ctx))
	name.Set("grace")
	_, err := ws.Recv(ctx)
	if b, ok := errors.AsType[*live.Break](err); ok {
		fmt.Println("conversation", b.Generation, errors.Is(b, live.ErrReplaced))
	}
	fmt.Println(ws.Recv(ctx))
	// Output:
	// hello ada <nil>
	// conversation 2 true
	// hello grace <nil>
}
