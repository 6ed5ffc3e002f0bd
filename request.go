//go:build !js

package tandem

import (
	"context"
	"net/http"
	"time"
)

type requestKey struct{}

// Request gives the upgrade request of the connection whose handler got ctx; nil for any other context. Its body is
// empty, and its context is that of the handshake, which is over.
func Request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// detach keeps the request without what net/http holds for reading its body.
func detach(r *http.Request) *http.Request {
	kept := *r
	kept.Body = http.NoBody
	return &kept
}

// requestSource shows a request to the parameters.
type requestSource struct{ r *http.Request }

func (s requestSource) PathValue(name string) string { return s.r.PathValue(name) }
func (s requestSource) RawQuery() string             { return s.r.URL.RawQuery }
func (s requestSource) Header(name string) []string  { return s.r.Header[http.CanonicalHeaderKey(name)] }

func (s requestSource) Cookie(name string) (string, bool) {
	c, err := s.r.Cookie(name)
	if err != nil {
		return "", false
	}
	return c.Value, true
}

// NewServer makes an http.Server with the limits that net/http leaves open by default, against peers who connect and
// dawdle: 5 s for the headers of a request, 16 KiB for their size, 60 s for an idle connection that is not a
// websocket. Limits of websockets are the endpoints' own.
func NewServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    16 << 10,
		IdleTimeout:       60 * time.Second,
	}
}
