// Package site serves the pages of the uppercase example: in Go at /, in plain JavaScript at /plain.
package site

import (
	"embed"
	"net/http"
	"strings"

	"github.com/tandem-ws/tandem/examples/internal/webapp"
	"github.com/tandem-ws/tandem/examples/uppercase/view"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// The page in plain HTML, CSS and JavaScript, served as it stands. The page in Go has the same looks.
//
//go:embed plain
var files embed.FS

// program is the page in Go, for browsers.
var program = webapp.New("github.com/tandem-ws/tandem/examples/uppercase/web")

// Handle adds the pages and what they need.
func Handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", page)
	program.Handle(mux, "/")
	mux.Handle("GET /plain", file("index.html"))
	for _, name := range []string{"page.css", "page.js", "icon.svg"} {
		mux.Handle("GET /"+name, file(name))
	}
}

// page serves the page in Go as it is in the beginning. The program takes over from there.
func page(w http.ResponseWriter, _ *http.Request) {
	scope := signals.NewScope(signals.NewGraph(nil))
	defer scope.Dispose()
	content := view.Page(&live.Options{Manual: true})(scope) // nothing is to be connected here
	h := w.Header()
	headers(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	_ = html.Render(w, document(content)) // who has gone does not want it
}

func document(content ui.Node) ui.Node {
	return ui.HTML(ui.Attr("lang", "en"),
		ui.Head(
			ui.Meta(ui.Attr("charset", "utf-8")),
			ui.Meta(ui.Name("viewport"), ui.Attr("content", "width=device-width, initial-scale=1, interactive-widget=resizes-content")),
			ui.Meta(ui.Name("color-scheme"), ui.Attr("content", "light dark")),
			ui.El("title", "Uppercase"),
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

// file serves one of the files.
func file(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers(w.Header())
		http.ServeFileFS(w, r, files, "plain/"+name)
	})
}

func headers(h http.Header) {
	h.Set("Content-Security-Policy", webapp.Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // another build may serve another page on this port
}
