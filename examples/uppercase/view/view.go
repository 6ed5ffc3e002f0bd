// Package view is the page of the uppercase example in Go. The program in ../web shows it in a browser; the server renders
// the same component into the page that it serves, so that there is something to see while the program loads.
package view

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem"
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
				status(s, ws),
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

// status is how the connection is, with what can be done about it.
func status(s *signals.Scope, ws *live.Socket[api.ServerEvent, api.ClientEvent]) ui.Node {
	g := s.Graph()
	dot := signals.Map(ws.Status(), func(st live.Status) string {
		switch {
		case st.State == live.Open:
			return "open"
		case st.Final() && st.Err != nil:
			return "closed"
		}
		return "waiting"
	})
	away := signals.NewMemo(g, func(r *signals.Reader) bool {
		st := ws.Status().Get(r)
		return st.Err != nil && st.State != live.Open && st.State != live.Connecting
	})
	return ui.Div(ui.Class("state"), ui.BindAttr[string]("data-state", dot),
		ui.P(ui.ID("status"), ui.TestID("status"), ui.Role("status"), ui.TextOf(ws.Status(), describe)),
		ui.Show(away, func(s *signals.Scope) ui.Node {
			return ui.Fragment(
				ui.Span(ui.ID("countdown"), countdown(s, ws.Status())),
				ui.Button(ui.ID("connect"), ui.TestID("connect"), ui.Type("button"), ui.OnClick(ws.Restart), "Connect now"),
			)
		}),
	)
}

// describe says in words how the connection is.
func describe(st live.Status) string {
	switch {
	case st.State == live.Open:
		return "open"
	case st.State == live.Closing:
		return "closing"
	case st.Err == nil:
		return "connecting"
	case st.Offline:
		return why(st) + ", waiting for a network"
	case st.Final():
		return why(st)
	}
	return why(st) + ", reconnecting"
}

// why says how the last connection ended.
func why(st live.Status) string {
	if code, reason := st.Code(); code != 0 {
		text := "closed " + strconv.Itoa(int(code))
		if reason != "" {
			text += " “" + reason + "”"
		}
		return text
	}
	switch {
	case errors.Is(st.Err, live.ErrReplaced):
		return "replaced"
	case st.State == live.FailedToConnect && errors.Is(st.Err, tandem.ErrLost):
		return "failed to connect"
	case errors.Is(st.Err, tandem.ErrLost):
		return "connection lost"
	}
	return st.Err.Error()
}

// countdown is how long it is until the next attempt.
func countdown(s *signals.Scope, status signals.Readable[live.Status]) signals.Readable[string] {
	left := signals.New(s.Graph(), "")
	signals.Effect(s, func(r *signals.Reader) {
		at := status.Get(r).RetryAt
		if at.IsZero() {
			left.Set("")
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		r.OnCleanup(cancel)
		left.Set(until(at))
		go func() {
			tick := time.NewTicker(250 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					left.Set(until(at))
				case <-ctx.Done():
					return
				}
			}
		}()
	})
	return left
}

func until(at time.Time) string {
	if d := time.Until(at); d > 0 {
		return "in " + strconv.Itoa(int((d+time.Second-1)/time.Second)) + " s"
	}
	return "now …"
}
