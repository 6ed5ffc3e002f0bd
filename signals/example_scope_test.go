package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A scope owns what is to end together, and each run of an effect has one: what is made in it ends before the next.
func ExampleScope() {
	g := signals.NewGraph(nil)
	room := signals.New(g, "lobby")
	page := signals.NewScope(g)
	page.OnCleanup(func() { fmt.Println("the page is left") })
	signals.Effect(page, func(r *signals.Reader) {
		name := room.Get(r)
		fmt.Println("enter", name)
		r.OnCleanup(func() { fmt.Println("leave", name) })
	})
	room.Set("kitchen")
	page.Dispose()
	// Output:
	// enter lobby
	// leave lobby
	// enter kitchen
	// leave kitchen
	// the page is left
}
