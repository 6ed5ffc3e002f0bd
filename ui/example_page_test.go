package ui_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// What a page needs to know of a connection.
type connection struct {
	status   *signals.Signal[string]
	messages *signals.List[string]
	send     func(text string)
}

// A page for messages: a status, a field to type into, a log, and a way to connect again.
func Page(s *signals.Scope, c connection) ui.Node {
	input := signals.New(s.Graph(), "")
	send := func() {
		c.send(input.Peek())
		input.Set("")
	}
	open := signals.Map(c.status, func(status string) bool { return status == "open" })
	closed := signals.Not(open)
	return ui.Main(
		ui.H1("Typed websockets"),
		ui.P(ui.Class("status"), ui.ClassIf("alert", closed), "Status: ", c.status),
		ui.Input(ui.Placeholder("Type a message"), ui.BindValue(input), ui.OnEnter(send)),
		ui.Button(ui.Disabled().If(closed), ui.OnClick(send), "Send"),
		ui.Ul(ui.Each(c.messages, func(_ *signals.Scope, text string) ui.Node { return ui.Li(text) })),
		ui.Show(closed, func(*signals.Scope) ui.Node {
			return ui.Button(ui.OnClick(func() { c.status.Set("open") }), "Connect again")
		}),
	)
}

func Example_page() {
	g := signals.NewGraph(nil)
	c := connection{status: signals.New(g, "open"), messages: signals.NewList[string](g, 500)}
	c.messages.Append("HELLO", "<B>WORLD</B>")
	page := Page(signals.NewScope(g), c)
	fmt.Println(html.String(page))
	c.status.Set("closed")
	c.messages.Clear()
	fmt.Println(html.String(page))
	// Output:
	// <main><h1>Typed websockets</h1><p class="status">Status: open</p><input placeholder="Type a message" value=""><button>Send</button><ul><li>HELLO</li><li>&lt;B&gt;WORLD&lt;/B&gt;</li></ul></main>
	// <main><h1>Typed websockets</h1><p class="status alert">Status: closed</p><input placeholder="Type a message" value=""><button disabled>Send</button><ul></ul><button>Connect again</button></main>
}
