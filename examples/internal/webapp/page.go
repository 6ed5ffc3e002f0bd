package webapp

import (
	"net/http"
	"strings"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// Page serves a component as it is in the beginning, in a document that starts the program, see [App.Handle]; the program
// takes over from there, in #app. Looks and icon are page.css and icon.svg beside the document.
func Page(title string, page ui.Component) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		scope := signals.NewScope(signals.NewGraph(nil))
		defer scope.Dispose()
		content := page(scope)
		h := w.Header()
		Headers(h)
		h.Set("Content-Type", "text/html; charset=utf-8")
		_ = html.Render(w, document(title, content)) // who has gone does not want it
	})
}

// Headers sets what the documents of an example, and the files beside them, are served with.
func Headers(h http.Header) {
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // another build may serve another page on this port
}

func document(title string, content ui.Node) ui.Node {
	return ui.HTML(ui.Attr("lang", "en"),
		ui.Head(
			ui.Meta(ui.Attr("charset", "utf-8")),
			ui.Meta(ui.Name("viewport"), ui.Attr("content", "width=device-width, initial-scale=1, interactive-widget=resizes-content")),
			ui.Meta(ui.Name("color-scheme"), ui.Attr("content", "light dark")),
			ui.El("title", title),
			ui.Link(ui.Attr("rel", "icon"), ui.Href("icon.svg")),
			ui.Link(ui.Attr("rel", "stylesheet"), ui.Href("page.css")),
			ui.Script(ui.Src("wasm_exec.js"), ui.Flag("defer")),
			ui.Script(ui.Src("boot.js"), ui.Flag("defer")),
		),
		ui.Body(
			ui.Div(ui.ID("app"), ui.RawHTML(hydratable(content))),
			ui.RawHTML("<noscript>This page needs JavaScript, to start a program in Go.</noscript>"),
		),
	)
}

// hydratable is the content as the program can go on with it.
func hydratable(content ui.Node) string {
	var b strings.Builder
	_ = html.Hydratable(&b, content) // a Builder takes everything
	return b.String()
}
