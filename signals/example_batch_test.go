package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// Several writes are one change.
func ExampleGraph_Batch() {
	g := signals.NewGraph(nil)
	x, y := signals.New(g, 0), signals.New(g, 0)
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { fmt.Println("at", x.Get(r), y.Get(r)) })
	g.Batch(func() {
		x.Set(3)
		y.Set(4)
		fmt.Println("in the batch x is", x.Peek())
	})
	g.Batch(func() {
		x.Set(9)
		x.Set(3) // as before: nothing has changed
	})
	// Output:
	// at 0 0
	// in the batch x is 3
	// at 3 4
}
