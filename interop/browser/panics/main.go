//go:build js

// Command panics is the page of the uppercase example with two buttons that make it panic, for TestGoPage_panics.
package main

import (
	"github.com/tandem-ws/tandem/examples/uppercase/view"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/dom"
)

func main() {
	page := func(s *signals.Scope) ui.Node {
		times := signals.New(s.Graph(), 0)
		signals.Effect(s, func(r *signals.Reader) {
			if times.Get(r) > 0 {
				panic("in an effect")
			}
		})
		return ui.Fragment(
			view.Page(nil)(s),
			ui.Button(ui.TestID("effect"), ui.OnClick(func() { times.Set(times.Peek() + 1) }), "effect"),
			ui.Button(ui.TestID("handler"), ui.OnClick(func() { panic("in a handler") }), "handler"),
		)
	}
	if _, err := dom.Mount("#app", page, nil); err != nil {
		panic(err)
	}
	select {}
}
