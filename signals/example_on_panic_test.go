package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// An effect that panics does not keep others from running, and runs again with the next change.
func ExampleOptions_onPanic() {
	g := signals.NewGraph(&signals.Options{
		OnPanic: func(p *signals.PanicError) { fmt.Println("told:", p.Value) },
	})
	n := signals.New(g, 2)
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) { fmt.Println("12 /", n.Get(r), "is", 12/n.Get(r)) })
	signals.Effect(scope, func(r *signals.Reader) { fmt.Println("n is", n.Get(r)) })
	n.Set(0)
	n.Set(3)
	// Output:
	// 12 / 2 is 6
	// n is 2
	// told: runtime error: integer divide by zero
	// n is 0
	// 12 / 3 is 4
	// n is 3
}
