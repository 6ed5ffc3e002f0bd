// Package web is the page of the chat example, in React: its sources are in src, of which api.gen.ts is made from package api,
// and what is served of them is in dist. To build it again takes Node:
//
//	npm ci
//	npm run build
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/tandem-ws/tandem/examples/internal/content"
)

//go:embed all:dist
var dist embed.FS

// Policy is the content security policy of the page: it may load its own files, connect to its own server, and nothing else.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// types are the files' types. What mime.TypeByExtension says of them depends on the system.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// Handle serves the page, in each room at an address of its own, and what it loads.
func Handle(mux *http.ServeMux) {
	page := serve("dist/index.html", "no-cache") // the next build is another page, with other assets
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /rooms/{room}", page)
	mux.Handle("GET /icon.svg", serve("dist/icon.svg", "no-cache"))
	assets, err := fs.Glob(dist, "dist/assets/*")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for _, name := range assets {
		// Their names have a hash of what is in them.
		mux.Handle("GET "+strings.TrimPrefix(name, "dist"), serve(name, "public, max-age=31536000, immutable"))
	}
}

// serve serves a file, compressed for whom that suits.
func serve(name, cache string) http.Handler {
	plain, err := dist.ReadFile(name)
	if err != nil {
		panic(err) // there is no such file
	}
	packed := content.Gzip(plain)
	kind, ok := types[path.Ext(name)]
	if !ok {
		panic("web: what is " + name + "?")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", cache)
		h.Set("Content-Type", kind)
		h.Set("Vary", "Accept-Encoding")
		body := plain
		if content.Accepts(r, "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
		_, _ = w.Write(body) // who has gone does not want it
	})
}
