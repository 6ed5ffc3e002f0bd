package ui_test

import (
	"fmt"
	"strconv"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// A component is a function that runs once. What it binds to signals follows them.
func Example() {
	counter := func(s *signals.Scope) (page ui.Node, press func()) {
		count := signals.New(s.Graph(), 0)
		press = func() { count.Update(func(n int) int { return n + 1 }) }
		return ui.P(
			ui.ClassIf("used", signals.Map(count, func(n int) bool { return n > 0 })),
			"Pressed ", ui.TextOf(count, strconv.Itoa), " times. ",
			ui.Button(ui.OnClick(press), "Press"),
		), press
	}
	page, press := counter(signals.NewScope(signals.NewGraph(nil)))
	fmt.Println(html.String(page))
	press()
	fmt.Println(html.String(page))
	// Output:
	// <p>Pressed 0 times. <button>Press</button></p>
	// <p class="used">Pressed 1 times. <button>Press</button></p>
}
