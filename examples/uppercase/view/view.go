// Package view is the page of the uppercase example in Go. The program in ../web shows it in a browser; the server renders
// the same component into the page that it serves, so that there is something to see while the program loads.
package view

import (
	"context"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/examples/internal/netstate"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

// kept is how many messages the page remembers.
const kept = 500

// message is a line of the page.
type message struct {
	text string
	at   time.Time
}

// Page is the page. o are the options of its socket; nil in a browser.
func Page(o *live.Options) ui.Component {
	return func(s *signals.Scope) ui.Node {
		g := s.Graph()
		name, age, input := signals.New(g, "Ada"), signals.New(g, "36"), signals.New(g, "")
		messages := signals.NewList[message](g, kept)

		// Another name or age is another conversation.
		ws := live.Use(s, api.Uppercase, func(r *signals.Reader) api.Person {
			years, _ := strconv.Atoi(age.Get(r))
			return api.Person{Name: name.Get(r), Age: years}
		}, o)
		signals.Go(s, func(ctx context.Context) error {
			return ws.Listen(ctx, func(msg api.ServerEvent) {
				if text, ok := msg.(api.Uppercased); ok {
					messages.Append(message{string(text), time.Now()})
				}
			})
		})
		send := func() {
			if text := input.Peek(); text != "" && ws.IsOpen().Peek() { // else it stays until it can be sent
				ws.Post(api.TextInput(text))
				input.Set("")
			}
		}
		empty := signals.NewMemo(g, func(r *signals.Reader) bool { return messages.Len(r) == 0 })

		return ui.Fragment(
			ui.Header(
				ui.P(ui.Class("label"), "tandem example"),
				ui.H1("Uppercase"),
				ui.P(ui.Class("lede"),
					"A line you type comes back in capitals, over a websocket to a Go server. This page is Go too, with the same declaration. ",
					ui.A(ui.Href("/plain"), "The one in plain JavaScript"), "."),
				ui.Form(ui.ID("person"), ui.Aria("label", "Who you are"), ui.OnSubmit(func() {}),
					ui.Label("Name ", ui.Input(ui.ID("name"), ui.TestID("name"), ui.BindValue(name), ui.Attr("maxlength", "200"), ui.Attr("autocomplete", "off"), ui.Attr("spellcheck", "false"))),
					ui.Label("Age ", ui.Input(ui.ID("age"), ui.TestID("age"), ui.Type("number"), ui.BindValue(age), ui.Attr("min", "0"), ui.Attr("max", "150"), ui.Attr("autocomplete", "off"))),
				),
				netstate.Show(s, ws),
			),
			ui.Main(
				ui.Div(ui.Class("bar"),
					ui.H2(ui.Class("label"), "Messages"),
					ui.Button(ui.ID("clear"), ui.TestID("clear"), ui.Type("button"), ui.Disabled().If(empty), ui.OnClick(messages.Clear), "Clear"),
				),
				ui.Div(ui.Class("log"),
					ui.Ol(ui.ID("messages"), ui.TestID("messages"), ui.Role("log"), ui.Aria("live", "polite"), ui.Aria("label", "Messages"), ui.Attr("tabindex", "0"),
						ui.Each(messages, func(_ *signals.Scope, m message) ui.Node {
							return ui.Li(ui.Span(m.text), ui.Time(m.at.Format(time.TimeOnly)))
						}),
					),
				),
				ui.Form(ui.ID("composer"), ui.OnSubmit(send),
					ui.Input(ui.ID("input"), ui.TestID("input"), ui.BindValue(input), ui.Aria("label", "Text to send"), ui.Placeholder("type something"),
						ui.Attr("maxlength", "16000"), ui.Attr("autocomplete", "off"), ui.Attr("autocapitalize", "none"), ui.Attr("enterkeyhint", "send"), ui.Flag("autofocus")),
					ui.Button(ui.ID("send"), ui.TestID("send"), ui.Disabled().If(signals.Not(ws.IsOpen())), "Send"),
				),
			),
		)
	}
}
