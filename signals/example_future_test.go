package signals_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A future is work in a goroutine of its own. It can be cancelled and begun anew, and ends with its scope.
func ExampleGo() {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	defer scope.Dispose()
	failures := 1
	saved := signals.Go(scope, func(context.Context) error {
		if failures > 0 {
			failures--
			return errors.New("disk full")
		}
		return nil
	})
	fmt.Println(saved.Wait(context.Background()), saved.State(nil))
	saved.Restart()
	fmt.Println(saved.Wait(context.Background()), saved.State(nil))
	// Output:
	// disk full Ready
	// <nil> Ready
}
