package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A signal is written, a memo worked out of it, and an effect does something with both.
func Example() {
	g := signals.NewGraph(nil)
	price, count := signals.New(g, 3), signals.New(g, 2)
	total := signals.NewMemo(g, func(r *signals.Reader) int { return price.Get(r) * count.Get(r) })
	scope := signals.NewScope(g)
	signals.Effect(scope, func(r *signals.Reader) {
		fmt.Printf("%d of them cost %d\n", count.Get(r), total.Get(r))
	})
	count.Set(5)
	price.Update(func(v int) int { return v + 1 })
	price.Set(4) // no change
	scope.Dispose()
	price.Set(100)
	fmt.Println("without an effect:", total.Peek())
	// Output:
	// 2 of them cost 6
	// 5 of them cost 15
	// 5 of them cost 20
	// without an effect: 500
}
