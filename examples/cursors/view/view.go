// Package view is the page of the cursors example. The program in ../web shows it in a browser; the server renders the same
// component into the page that it serves.
//
// What comes is not drawn when it comes: each frame of the screen shows the newest there is, in one batch.
package view

import (
	"context"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/examples/internal/netstate"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

// Screen is where the page is shown.
type Screen interface {
	// Frames calls f before each frame that is drawn, with the time since some moment in the past.
	Frames(f func(now time.Duration)) (stop func())
	// Size is how large it is.
	Size() (width, height float64)
	// Calm tells whether somebody prefers reduced motion, at once and when that changes.
	Calm(tell func(bool)) (stop func())
}

// Options are the page's.
type Options struct {
	// Socket are the options of its socket. Default: those of a browser.
	Socket *live.Options
	// Screen is where it is shown. Default: nowhere, so nothing moves.
	Screen Screen
}

// crowded is from how many cursors on bots have no names to be read.
const crowded = 40

// Page is the page.
func Page(o *Options) ui.Component {
	return func(s *signals.Scope) ui.Node {
		g := s.Graph()
		name, calm := signals.New(g, ""), signals.New(g, false)
		all, own, meter := newCrowd(g), newPointer(g), newMeter(g)
		ws := connect(s, o.Socket, name, all, own)
		size := func() (float64, float64) { return 1, 1 }
		if o.Screen != nil {
			size = o.Screen.Size
			s.OnCleanup(o.Screen.Calm(calm.Set))
			s.OnCleanup(o.Screen.Frames(func(now time.Duration) {
				all.draw(calm.Peek())
				own.send(now, ws)
				meter.frame(now, all.heard)
			}))
		}
		many := signals.Map(all.list, func(list []*cursor) bool { return len(list) > crowded })
		hint := signals.Map(all.you, func(c api.Cursor) string { return c.Name })

		at := func(e ui.Event) {
			w, h := size()
			x, y := e.Position()
			own.move(x/w, y/h, false)
		}
		return ui.Div(ui.ID("page"), ui.On("pointermove", at), ui.On("pointerdown", at),
			stage(all, own, many),
			ui.Aside(ui.ID("panel"),
				ui.Header(
					ui.P(ui.Class("label"), "tandem example"),
					ui.H1("Cursors"),
					ui.P(ui.Class("lede"), "Everybody who has this page open is on it. Move, and open it twice."),
				),
				numbers(all, meter),
				ui.Form(ui.ID("settings"), ui.OnSubmit(func() {}),
					ui.Label(ui.Class("field"), ui.Span("Your name"),
						ui.Input(ui.ID("name"), ui.TestID("name"), ui.BindValue(name), ui.BindAttr[string]("placeholder", hint),
							ui.Attr("maxlength", "24"), ui.Attr("autocomplete", "off"), ui.Attr("spellcheck", "false"), ui.Attr("enterkeyhint", "done"))),
					slider(s, all.bots, own.want, ws.IsOpen()),
				),
				ui.Div(ui.Class("foot"),
					netstate.Show(s, ws),
					ui.Button(ui.ID("pause"), ui.TestID("pause"), ui.Type("button"), ui.BindAttr[string]("aria-pressed", signals.Map(own.paused, strconv.FormatBool)),
						ui.OnClick(func() {
							pause := !own.paused.Peek()
							own.paused.Set(pause)
							if ws.IsOpen().Peek() { // else it is said when there is a conversation
								ws.Post(api.Watch(!pause))
							}
						}),
						ui.TextOf(own.paused, func(on bool) string {
							if on {
								return "Go on"
							}
							return "Pause"
						})),
				),
				ui.Show(calm, func(*signals.Scope) ui.Node {
					return ui.P(ui.Class("note"), ui.TestID("calm"), "The bots stand still, because you prefer reduced motion.")
				}),
			),
		)
	}
}

// slider is how many bots there are, for all to change. While somebody drags it, it does not follow the number, which comes
// behind and would pull it back.
func slider(s *signals.Scope, bots signals.Readable[int], want func(int), open signals.Readable[bool]) ui.Node {
	value, held := signals.New(s.Graph(), ""), signals.New(s.Graph(), false)
	signals.Effect(s, func(r *signals.Reader) {
		if n := bots.Get(r); !held.Peek() {
			value.Set(strconv.Itoa(n))
		}
	})
	drag := func(on bool) func(string) {
		return func(text string) {
			held.Set(on)
			if n, err := strconv.Atoi(text); err == nil {
				want(n)
			}
		}
	}
	return ui.Label(ui.Class("field"), ui.Span("Bots for all"), ui.El("output", ui.TestID("bots"), ui.TextOf(bots, strconv.Itoa)),
		ui.Input(ui.ID("bots"), ui.TestID("slider"), ui.Type("range"), ui.Attr("min", "0"), ui.Attr("max", strconv.Itoa(api.MaxBots)), ui.Attr("step", "10"),
			ui.BindValue(value), ui.OnInput(drag(true)), ui.OnChange(drag(false)), ui.Disabled().If(signals.Not(open))))
}

// connect has the conversation with the server.
func connect(s *signals.Scope, o *live.Options, name *signals.Signal[string], all *crowd, own *pointer) *live.Socket[api.ServerEvent, api.ClientEvent] {
	with := live.Options{Settle: 400 * time.Millisecond} // a name that is being typed is not worth a conversation for each letter
	if o != nil {
		with = *o
	}
	start := !with.Manual
	with.Manual = true // until OnOpen is set
	ws := live.Use(s, api.Cursors, func(r *signals.Reader) api.Person { return api.Person{Name: name.Get(r)} }, &with)
	ws.OnOpen(own.begin)
	signals.Go(s, func(ctx context.Context) error { return ws.Listen(ctx, all.hear) })
	if start {
		ws.Restart()
	}
	return ws
}

// stage is where the cursors are.
func stage(all *crowd, own *pointer, many signals.Readable[bool]) ui.Node {
	const step = 0.02
	return ui.Main(ui.ID("stage"), ui.TestID("stage"), ui.ClassIf("crowded", many), ui.Attr("tabindex", "0"),
		ui.Aria("label", "Everybody's cursors. The arrow keys move yours."),
		ui.OnKey("ArrowLeft", func() { own.step(-step, 0) }),
		ui.OnKey("ArrowRight", func() { own.step(step, 0) }),
		ui.OnKey("ArrowUp", func() { own.step(0, -step) }),
		ui.OnKey("ArrowDown", func() { own.step(0, step) }),
		ui.Div(ui.ID("cursors"), ui.TestID("cursors"), ui.Aria("hidden", "true"),
			ui.For(all.list, func(c *cursor) *cursor { return c }, func(_ *signals.Scope, item signals.Readable[*cursor]) ui.Node {
				c := item.Peek()
				return arrow(c.Cursor, spot{c.x, c.y})
			}),
		),
		ui.Div(ui.ID("own"), ui.TestID("own"), ui.Aria("hidden", "true"), ui.ClassIf("keys", own.keys),
			ui.Switch(all.you, func(_ *signals.Scope, you api.Cursor) ui.Node { return arrow(you, spot{own.x, own.y}) }),
		),
	)
}

// arrow is a cursor.
func arrow(c api.Cursor, at spot) ui.Node {
	kind := "cursor person"
	if c.Bot {
		kind = "cursor bot"
	}
	return ui.Div(ui.Class(kind), ui.Class("c"+strconv.Itoa(int(c.Color%api.Colors))), ui.Data("name", c.Name), ui.BindStyle("translate", at),
		ui.RawHTML(`<svg viewBox="0 0 16 16"><path d="M1.5 1.2 14.2 6.4 8.6 8.6 6.4 14.2Z"/></svg>`),
		ui.Span(c.Name),
	)
}

// numbers is what is measured.
func numbers(all *crowd, m *meter) ui.Node {
	number := func(id, what, unit string, value ui.Part) ui.Node {
		return ui.Div(ui.Dt(what), ui.Dd(ui.Span(ui.TestID(id), value), ui.Span(ui.Class("unit"), unit)))
	}
	return ui.Dl(ui.ID("numbers"),
		number("fps", "drawn", " fps", m.drawn),
		number("updates", "received", " /s", m.come),
		number("longest", "longest frame", " ms", m.longest),
		number("count", "cursors", "", ui.TextOf(all.list, func(list []*cursor) string { return strconv.Itoa(len(list)) })),
	)
}
