// Package site serves the page of the cursors example.
package site

import (
	"embed"
	"net/http"

	"github.com/tandem-ws/tandem/examples/cursors/view"
	"github.com/tandem-ws/tandem/examples/internal/webapp"
	"github.com/tandem-ws/tandem/live"
)

//go:embed page.css icon.svg
var files embed.FS

// program is the page, for browsers.
var program = webapp.New("github.com/tandem-ws/tandem/examples/cursors/web")

// Handle adds the page and what it needs.
func Handle(mux *http.ServeMux) {
	mux.Handle("GET /{$}", webapp.Page("Cursors", view.Page(&view.Options{Socket: &live.Options{Manual: true}}))) // nothing is to be connected here
	program.Handle(mux, "/")
	for _, name := range []string{"page.css", "icon.svg"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			webapp.Headers(w.Header())
			http.ServeFileFS(w, r, files, name)
		})
	}
}
