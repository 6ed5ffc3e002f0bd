package signals_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
)

// A user interface has effects run on its own thread, whichever goroutine writes: its loop takes them as it takes events.
func ExampleScheduler() {
	events := make(chan func(), 1) // the scheduler is asked again only when it has answered, so there is always room
	g := signals.NewGraph(&signals.Options{Scheduler: func(run func()) { events <- run }})
	temperature := signals.New(g, 20)
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { fmt.Println("show", temperature.Get(r)) })

	written := make(chan struct{})
	go func() {
		temperature.Set(21)
		temperature.Set(22)
		close(written)
	}()
	<-written
	fmt.Println("nothing is shown yet")
	(<-events)()
	// Output:
	// show 20
	// nothing is shown yet
	// show 22
}
