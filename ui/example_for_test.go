package ui_test

import (
	"fmt"
	"strconv"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// A row for each item. In a browser an item that changes or moves keeps its row.
func ExampleFor() {
	type player struct {
		id     int
		name   string
		points int
	}
	g := signals.NewGraph(nil)
	players := signals.NewFunc(g, []player{{1, "Ada", 3}, {2, "Grace", 5}}, nil)
	table := ui.Ol(ui.For(players, func(p player) int { return p.id },
		func(_ *signals.Scope, item signals.Readable[player]) ui.Node {
			return ui.Li(
				ui.TextOf(item, func(p player) string { return p.name }), ": ",
				ui.TextOf(item, func(p player) string { return strconv.Itoa(p.points) }),
			)
		}))
	players.Set([]player{{2, "Grace", 5}, {1, "Ada", 4}})
	fmt.Println(html.String(table))
	// Output: <ol><li>Grace: 5</li><li>Ada: 4</li></ol>
}
