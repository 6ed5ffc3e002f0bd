package signals_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A goroutine that has nothing to do with a graph ranges over the changes of a value.
func ExampleChanges() {
	g := signals.NewGraph(nil)
	level := signals.New(g, 1)
	for v := range signals.Changes(context.Background(), level) {
		fmt.Println("level", v)
		if v == 3 {
			break
		}
		level.Set(v + 1) // most often somebody else does
	}
	// Output:
	// level 1
	// level 2
	// level 3
}
