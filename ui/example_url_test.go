package ui_test

import (
	"fmt"

	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// Texts are shown as they are, and addresses that would run code are refused, wherever they come from.
func ExampleHref() {
	link := func(name, url string) ui.Node { return ui.A(ui.Href(url), name) }
	fmt.Println(html.String(link("<Ada>", "https://example.com/?q=a&b")))
	fmt.Println(html.String(link("Mallory", "javascript:alert(1)")))
	fmt.Println(html.String(ui.A(ui.Href(ui.TrustedURL("data:text/plain,made here")), "notes")))
	// Output:
	// <a href="https://example.com/?q=a&amp;b">&lt;Ada&gt;</a>
	// <a href="about:invalid">Mallory</a>
	// <a href="data:text/plain,made here">notes</a>
}
