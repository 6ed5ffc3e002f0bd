package tandem

import (
	"context"
	"reflect"
	"time"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/say"
)

// DialOptions are a client's wishes about one connection. A nil *DialOptions means the defaults.
type DialOptions struct {
	// Transport opens the connection: see [HTTPClient]. A browser opens its connections itself, so there is no HTTPClient
	// there, and a Transport is an error. Default: an HTTP/1.1 client of tandem's own, which takes proxies from the
	// environment and keeps no cookies.
	Transport Transport

	// Header is sent with the upgrade request, besides what the parameters say. A browser cannot: there it is an error if
	// it holds anything. Default none.
	Header map[string][]string

	// Codec is offered to the server, by its name as subprotocol, instead of the endpoint's own. A server that does
	// not take it answers with the endpoint's. Default: nothing is offered, and the endpoint's codec is used.
	Codec Codec

	// Subprotocols are offered to the server besides the codec, most wanted first. When the server takes none of what is
	// offered a browser gives the connection up. Default none.
	Subprotocols []string

	// Plain makes a connection of one socket to an endpoint that has sessions. Default off.
	Plain bool

	// Credential is shown to the server inside the session, each time a socket is opened: for what cannot be in a header,
	// or is not to be in a URL. See [ServeOptions].AuthorizeInBand. Default none.
	Credential string

	// Reconnect says how a session, or a socket of package live, comes back after its socket is lost. A plain connection does
	// not. Default: the defaults of its fields.
	Reconnect *Reconnect

	// Timeout bounds the handshake, as ctx does. Default 30 s; negative means no bound but ctx.
	Timeout time.Duration
}

// Transport opens connections. HTTPClient makes one, but not in a browser.
type Transport interface{ transport() }

const defaultDialTimeout = 30 * time.Second

// Dial connects to the endpoint below base, such as "https://example.com" or "ws://127.0.0.1:8080/prefix", with these
// parameters. ctx bounds the handshake only, not the life of the connection.
//
// In a browser a base that is empty, or begins with a slash, is below the origin of the page.
//
// A refused handshake is a *[HandshakeError], a parameter that cannot be sent a *[ParamError]. A browser does not tell why
// it could not connect, so there the error of a refused handshake matches [ErrLost] and no more: see
// ServeOptions.RefuseInBand. The connection must be
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
		core, err := e.Session.dial(ctx, d, e.Limits)
		if err != nil {
			return nil, publicError(err, false)
		}
		return &Conn[Out, In]{end: end{core: core}, codec: d.codec, proto: sessionProtocol(d.codec)}, nil
	}
	offers := o.Subprotocols
	if o.Codec != nil {
		offers = append([]string{o.Codec.Name()}, offers...)
	}
	core, proto, err := d.dial(ctx, offers, clientConfig(e.Limits), nil)
	if err != nil {
		return nil, err
	}
	codec := e.Codec
	if o.Codec != nil && proto == o.Codec.Name() {
		codec = o.Codec
	}
	return &Conn[Out, In]{end: end{core: core}, codec: codec, proto: proto}, nil
}

// socket is a connection that is used as it is, or to carry a session.
type socket interface {
	core
	link.Socket
}

// socketOwner tells a session of the end of its socket.
type socketOwner struct {
	ended   func(s link.Socket, why error)
	pending func()
}

// Pending tells that a message lies ready.
func (o *socketOwner) Pending() { o.pending() }

// dialer does the handshakes of one connection.
type dialer struct {
	plan  *bind.Plan
	url   string
	req   bind.Request
	codec Codec
	o     DialOptions
}

// dial opens a socket, by the platform's open, and gives the subprotocol.
func (d *dialer) dial(ctx context.Context, offers []string, cfg *socketConfig, own *socketOwner) (socket, string, error) {
	if t := orDefault(d.o.Timeout, defaultDialTimeout); t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	s, proto, err := d.open(ctx, offers, cfg, own)
	if err != nil {
		return nil, "", say.Errorf("tandem: dial %s: %w", d.plan.Pattern(), err)
	}
	return s, proto, nil
}
