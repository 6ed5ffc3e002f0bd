package signals_test

import (
	"context"
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A resource is fetched, and again whenever something has changed that fetching it has read. Meanwhile it has the old value.
func ExampleNewResource() {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	defer scope.Dispose()
	answers := map[int]chan string{1: make(chan string), 2: make(chan string), 3: make(chan string)} // of a server, say
	id := signals.New(g, 1)
	name := signals.NewResource(scope, func(ctx context.Context, r *signals.Reader) (string, error) {
		select {
		case answer := <-answers[id.Get(r)]:
			return answer, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	show := func() { fmt.Printf("%v %q\n", name.Peek().State, name.Peek().Value) }
	show()
	answers[1] <- "ada"
	fmt.Println(name.Wait(context.Background()))
	id.Set(2)
	show()
	id.Set(3) // the request for 2 is cancelled
	answers[3] <- "cy"
	fmt.Println(name.Wait(context.Background()))
	// Output:
	// Pending ""
	// ada <nil>
	// Pending "ada"
	// cy <nil>
}
