package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A list loses nothing of what comes faster than it is looked at. By their numbers an effect recognizes what it has not seen.
func ExampleList() {
	g := signals.NewGraph(nil)
	messages := signals.NewList[string](g, 1000) // the last thousand
	next := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		first, items := messages.Numbered(r)
		for i := max(next-first, 0); i < len(items); i++ {
			fmt.Println(first+i, items[i])
		}
		next = first + len(items)
	})
	messages.Append("hello")
	g.Batch(func() {
		messages.Append("how", "are")
		messages.Append("you")
	})
	// Output:
	// 0 hello
	// 1 how
	// 2 are
	// 3 you
}
