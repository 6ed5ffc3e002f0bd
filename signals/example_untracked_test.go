package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// What is read untracked does not have the effect run again.
func ExampleReader_Untracked() {
	g := signals.NewGraph(nil)
	message, author := signals.New(g, "hi"), signals.New(g, "ada")
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		fmt.Println(author.Get(r.Untracked()), "says", message.Get(r))
	})
	author.Set("bob")
	message.Set("bye")
	// Output:
	// ada says hi
	// bob says bye
}
