//go:build !js

package tandem

import (
	"context"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

type requestKey struct{}

// Request gives the upgrade request of the connection whose handler got ctx; nil for any other context. Its body is
// empty, and its context is that of the handshake, which is over.
func Request(ctx context.Context) *http.Request {
	l, _ := ctx.Value(requestKey{}).(*live)
	if l == nil {
		return nil
	}
	return l.request.get(&l.server.requests)
}

// keptRequest is an upgrade request for as long as its connection lives. Most programs never ask for it, so what takes
// most of its room is folded up: the header of a small request takes 128 bytes instead of 600, a URL none instead of
// 144.
type keptRequest struct {
	r      http.Request // Header is nil while folded, and so may URL be
	folded string       // the header, see foldHeader
}

// keep copies a request without what net/http holds for reading its body.
func (k *keptRequest) keep(r *http.Request) {
	k.r, k.folded = *r, foldHeader(r.Header)
	if ctx, stripped := values(r.Context()); stripped {
		k.r = *r.WithContext(over{ctx})
	}
	k.r.Body = http.NoBody
	k.r.Header = nil
	if *r.URL == plainURL(r.RequestURI) {
		k.r.URL = nil
	}
}

// get gives the request as it was. It is unfolded once, and mu guards that.
func (k *keptRequest) get(mu *sync.Mutex) *http.Request {
	mu.Lock()
	defer mu.Unlock()
	if k.r.Header == nil {
		k.r.Header, k.folded = unfoldHeader(k.folded), ""
	}
	if k.r.URL == nil {
		u := plainURL(k.r.RequestURI)
		k.r.URL = &u
	}
	return &k.r
}

// plainURL is the URL of most requests: without a host, without escapes in the path, and as the client wrote it.
func plainURL(uri string) url.URL {
	path, query, _ := strings.Cut(uri, "?")
	return url.URL{Path: path, RawQuery: query}
}

// foldHeader writes a header into one string: each name, the number of its values, and these. In front of each string
// stands its length.
func foldHeader(h http.Header) string {
	b := wire.GetBlock(4 << 10)
	defer b.Free()
	for name, values := range h {
		b.B = append(binary.AppendUvarint(b.B, uint64(len(name))), name...)
		b.B = binary.AppendUvarint(b.B, uint64(len(values)))
		for _, v := range values {
			b.B = append(binary.AppendUvarint(b.B, uint64(len(v))), v...)
		}
	}
	return string(b.B)
}

func unfoldHeader(folded string) http.Header {
	h := http.Header{}
	for rest := folded; rest != ""; {
		name := cutText(&rest)
		var values []string
		for range cutNumber(&rest) {
			values = append(values, cutText(&rest))
		}
		h[name] = values
	}
	return h
}

func cutText(s *string) string {
	n := cutNumber(s)
	text := (*s)[:n]
	*s = (*s)[n:]
	return text
}

func cutNumber(s *string) uint64 {
	n, size := binary.Uvarint([]byte((*s)[:min(len(*s), binary.MaxVarintLen64)]))
	*s = (*s)[size:]
	return n
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
