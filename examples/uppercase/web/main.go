//go:build js

// Command web is the page of the uppercase example, for browsers.
package main

import (
	"github.com/tandem-ws/tandem/examples/uppercase/view"
	"github.com/tandem-ws/tandem/ui/dom"
)

func main() {
	if _, err := dom.Hydrate("#app", view.Page(nil), nil); err != nil {
		panic(err)
	}
	select {} // the page lives as long as the program does
}
