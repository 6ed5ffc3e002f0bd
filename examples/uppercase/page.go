package main

import (
	"embed"
	"net/http"
)

// The page is plain HTML, CSS and JavaScript, served as it stands.
//
//go:embed page
var files embed.FS

// page serves one of the files. The policy lets the page load these files, connect to this server, and nothing else.
func page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // another build may serve another page on this port
		http.ServeFileFS(w, r, files, "page/"+name)
	})
}
