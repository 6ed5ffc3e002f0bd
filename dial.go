//go:build !js

package tandem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	neturl "net/url"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
)

// DialOptions are a client's wishes about one connection. A nil *DialOptions means the defaults.
type DialOptions struct {
	// Transport opens the connection: see [HTTPClient]. Default: an HTTP/1.1 client of tandem's own, which takes
	// proxies from the environment and keeps no cookies.
	Transport Transport

	// Header is sent with the upgrade request, besides what the parameters say. Default none.
	Header map[string][]string

	// Codec is offered to the server, by its name as subprotocol, instead of the endpoint's own. A server that does
	// not take it answers with the endpoint's. Default: nothing is offered, and the endpoint's codec is used.
	Codec Codec

	// Subprotocols are offered to the server besides the codec, most wanted first. Default none.
	Subprotocols []string

	// Plain makes a connection of one socket to an endpoint that has sessions. Default off.
	Plain bool

	// Credential is shown to the server inside the session, each time a socket is opened: for what cannot be in a header,
	// or is not to be in a URL. See [ServeOptions].AuthorizeInBand. Default none.
	Credential string

	// Reconnect says how a session comes back after its socket is lost. Default: the defaults of its fields.
	Reconnect *Reconnect

	// Timeout bounds the handshake, as ctx does. Default 30 s; negative means no bound but ctx.
	Timeout time.Duration
}

// Transport opens connections. HTTPClient makes one.
type Transport interface{ httpClient() *http.Client }

type httpTransport struct{ client *http.Client }

func (t httpTransport) httpClient() *http.Client { return t.client }

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

const defaultDialTimeout = 30 * time.Second

// Dial connects to the endpoint below base, such as "https://example.com" or "ws://127.0.0.1:8080/prefix", with these
// parameters. ctx bounds the handshake only, not the life of the connection.
//
// A refused handshake is a *[HandshakeError], a parameter that cannot be sent a *[ParamError]. The connection must be
// closed with Close in the end; after an error of Recv that does no harm and waits for nothing.
func (e *Endpoint[Params, In, Out]) Dial(ctx context.Context, base string, p Params, o *DialOptions) (*Conn[Out, In], error) {
	if o == nil {
		o = &DialOptions{}
	}
	if err := e.Check(); err != nil {
		return nil, err
	}
	req, err := e.plan.Encode(&p)
	if err != nil {
		return nil, publicError(err, false)
	}
	url, err := joinURL(base, req)
	if err != nil {
		return nil, err
	}
	d := &dialer{plan: e.plan, url: url, req: req, codec: e.Codec, o: *o}
	if o.Codec != nil {
		if err := checkCodec(o.Codec, reflect.TypeFor[In](), reflect.TypeFor[Out]()); err != nil {
			return nil, err
		}
	}
	if e.Session != nil && !o.Plain {
		if o.Codec != nil {
			d.codec = o.Codec
		}
		core, err := dialSession(ctx, d, e.Limits, e.Session)
		if err != nil {
			return nil, publicError(err, false)
		}
		return &Conn[Out, In]{core: core, codec: d.codec, proto: sessionProtocol(d.codec)}, nil
	}
	offers := o.Subprotocols
	if o.Codec != nil {
		offers = append([]string{o.Codec.Name()}, offers...)
	}
	up, err := d.dial(ctx, offers)
	if err != nil {
		return nil, err
	}
	codec := e.Codec
	if o.Codec != nil && up.Subprotocol == o.Codec.Name() {
		codec = o.Codec
	}
	return &Conn[Out, In]{
		core:  engine.New(up.Conn, engineConfig(e.Limits, true), engine.Options{Buffered: up.Buffered}),
		codec: codec,
		proto: up.Subprotocol,
	}, nil
}

// dialer does the handshakes of one connection.
type dialer struct {
	plan  *bind.Plan
	url   string
	req   bind.Request
	codec Codec
	o     DialOptions
}

func (d *dialer) dial(ctx context.Context, offers []string) (*handshake.Dialed, error) {
	if t := orDefault(d.o.Timeout, defaultDialTimeout); t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	client := defaultClient()
	if d.o.Transport != nil {
		client = d.o.Transport.httpClient()
	}
	up, err := handshake.Dial(ctx, client, d.url, requestHeader(d.o.Header, d.req), offers)
	if err != nil {
		if answer, ok := errors.AsType[*handshake.Answer](err); ok {
			err = readAnswer(answer)
		}
		if ue, ok := errors.AsType[*neturl.Error](err); ok {
			err = ue.Err // without the URL, whose query may hold what no log should
		}
		return nil, fmt.Errorf("tandem: dial %s: %w", d.plan.Pattern(), err)
	}
	return up, nil
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
