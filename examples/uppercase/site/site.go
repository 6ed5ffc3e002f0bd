// Package site serves the pages of the uppercase example: in Go at /, in plain JavaScript at /plain.
package site

import (
	"embed"
	"net/http"

	"github.com/tandem-ws/tandem/examples/internal/webapp"
	"github.com/tandem-ws/tandem/examples/uppercase/view"
	"github.com/tandem-ws/tandem/live"
)

// The page in plain HTML, CSS and JavaScript, served as it stands. The page in Go has the same looks.
//
//go:embed plain
var files embed.FS

// program is the page in Go, for browsers.
var program = webapp.New("github.com/tandem-ws/tandem/examples/uppercase/web")

// Handle adds the pages and what they need.
func Handle(mux *http.ServeMux) {
	mux.Handle("GET /{$}", webapp.Page("Uppercase", view.Page(&live.Options{Manual: true}))) // nothing is to be connected here
	program.Handle(mux, "/")
	mux.Handle("GET /plain", file("index.html"))
	for _, name := range []string{"page.css", "page.js", "icon.svg"} {
		mux.Handle("GET /"+name, file(name))
	}
}

// file serves one of the files.
func file(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		webapp.Headers(w.Header())
		http.ServeFileFS(w, r, files, "plain/"+name)
	})
}
