//go:build js

// Command web is the page of the cursors example, for browsers.
package main

import (
	"github.com/tandem-ws/tandem/examples/cursors/view"
	"github.com/tandem-ws/tandem/ui/dom"
)

func main() {
	if _, err := dom.Hydrate("#app", view.Page(&view.Options{Screen: screen{}}), nil); err != nil {
		panic(err)
	}
	select {} // the page lives as long as the program does
}
