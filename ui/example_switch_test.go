package ui_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// One view for each value. In a browser the scope of the last one ends when the next is built.
func ExampleSwitch() {
	g := signals.NewGraph(nil)
	view := signals.New(g, "list")
	page := ui.Main(ui.Switch(view, func(s *signals.Scope, view string) ui.Node {
		switch view {
		case "list":
			return ui.P("All of them")
		default:
			return ui.P("There is no ", ui.Code(view))
		}
	}))
	fmt.Println(html.String(page))
	view.Set("lsit")
	fmt.Println(html.String(page))
	// Output:
	// <main><p>All of them</p></main>
	// <main><p>There is no <code>lsit</code></p></main>
}
