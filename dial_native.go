//go:build !js

package tandem

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	neturl "net/url"
	"strings"
	"sync"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
)

type httpTransport struct{ client *http.Client }

func (httpTransport) transport() {}

// HTTPClient makes a Transport of an http.Client, with its proxy, TLS configuration, cookie jar, dialer and timeout
// (which bounds the handshake alone). Redirects are followed only if the client has a CheckRedirect. A transport that
// is not an *http.Transport must report its connection through net/http/httptrace, as that one does. Of nil it makes
// the default Transport.
func HTTPClient(c *http.Client) Transport {
	if c == nil {
		c = defaultClient()
	}
	return httpTransport{c}
}

var defaultClient = sync.OnceValue(func() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.MaxResponseHeaderBytes = 256 << 10
	return &http.Client{Transport: t}
})

// open does the handshake and starts the protocol.
func (d *dialer) open(ctx context.Context, offers []string, cfg *engine.Config, own *socketOwner) (socket, string, error) {
	client := defaultClient()
	if t, ok := d.o.Transport.(httpTransport); ok {
		client = t.client
	}
	up, err := handshake.Dial(ctx, client, d.url, requestHeader(d.o.Header, d.req), offers)
	if err != nil {
		if answer, ok := errors.AsType[*handshake.Answer](err); ok {
			err = readAnswer(answer)
		}
		if ue, ok := errors.AsType[*neturl.Error](err); ok {
			err = ue.Err // without the URL, whose query may hold what no log should
		}
		return nil, "", err
	}
	o := engine.Options{Buffered: up.Buffered}
	if own != nil {
		o.Owner = own
	}
	return engine.New(up.Conn, cfg, o), up.Subprotocol, nil
}

// requestHeader is the caller's header, which is left as it is, with what the parameters add. Cookies stand in one
// line (RFC 6265, section 5.4), to which the client's jar adds its own.
func requestHeader(given map[string][]string, req bind.Request) http.Header {
	header := http.Header{}
	for name, values := range given {
		name = http.CanonicalHeaderKey(name)
		header[name] = append(header[name], values...)
	}
	for _, h := range req.Header {
		header.Add(h[0], h[1])
	}
	cookies := header["Cookie"]
	for _, c := range req.Cookies {
		cookies = append(cookies, c[0]+"="+c[1])
	}
	if len(cookies) > 0 {
		header["Cookie"] = []string{strings.Join(cookies, "; ")}
	}
	return header
}

// readAnswer reads a refusal. Bodies come in two shapes, that of tandem and Dioxus handlers and that of Dioxus
// extractors; anything else is text for people.
func readAnswer(a *handshake.Answer) *HandshakeError {
	he := &HandshakeError{Status: a.Status, Header: a.Header}
	var body struct {
		Message *string         `json:"message"`
		Code    json.RawMessage `json:"code"` // a number, from those who have numbers
		Data    json.RawMessage `json:"data"`
		Error   *string         `json:"error"`
		Details json.RawMessage `json:"details"`
	}
	isJSON := strings.HasPrefix(a.Header.Get("Content-Type"), "application/json")
	switch err := json.Unmarshal(a.Body, &body); {
	case isJSON && err == nil && body.Message != nil:
		he.Message, he.Data = *body.Message, body.Data
		_ = json.Unmarshal(body.Code, &he.Code)
	case isJSON && err == nil && body.Error != nil:
		he.Message, he.Data = *body.Error, body.Details
	case len(a.Body) <= maxTextBody && strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain"):
		he.Message = strings.TrimSpace(string(a.Body))
	}
	return he
}

// maxTextBody is how long a text body may be to pass as a message.
const maxTextBody = 512
