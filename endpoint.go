package tandem

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Endpoint declares a websocket endpoint: the one value that the server, the clients and the generators share. In
// travels from client to server, Out from server to client. Params is a struct of what the upgrade request carries;
// struct{} if nothing.
//
// Declare it as a package variable, with a pointer, in a package that server and clients import:
//
//	var Echo = &tandem.Endpoint[struct{}, string, string]{Path: "/echo", Codec: json.Codec}
//
// The fields must not change after the first use. All methods may be called from any goroutine.
type Endpoint[Params, In, Out any] struct {
	// Path is the pattern of the URL's path, as in net/http.ServeMux without method and host: "/rooms/{room}" or
	// "/files/{rest...}". A tail of names, "/search?q&page", lists the query parameters; it may be left out, but what
	// it lists must agree with Params.
	//
	// The fields of Params say where they stand with a tag: path:"id", query:"q", header:"X-Token" or cookie:"sid".
	// A field without one takes the path's wildcard or the query parameter of its name in lower case. Fields may be
	// strings, bools, numbers, time.Duration, anything that implements encoding.TextUnmarshaler and
	// encoding.TextMarshaler, and pointers to these, which are nil when the parameter is absent; in the query also
	// slices, structs and maps, written with brackets as serde_qs does: v[0]=1, q[name]=x.
	Path string

	// Codec encodes the messages. It has no default, because a default would link its package into every program.
	Codec Codec

	// Limits bound what a connection may cost. The zero value holds the defaults.
	Limits Limits

	// Session makes connections outlive their sockets: a *[SessionPolicy]. Default nil: each connection is one socket.
	Session Sessions

	// NativeOnly says that no browser will connect, so that header parameters may be required: browsers cannot set
	// headers.
	NativeOnly bool

	once     sync.Once
	plan     *bind.Plan
	checkErr error
}

// Check validates the declaration: path, parameters, codec, message types and limits. It does so once; later calls
// return the same answer. Handler panics with the error, Dial returns it.
func (e *Endpoint[Params, In, Out]) Check() error {
	e.once.Do(func() {
		if err := e.check(); err != nil {
			e.checkErr = say.Errorf("tandem: endpoint %q: %w", e.Path, err)
		}
	})
	return e.checkErr
}

func (e *Endpoint[Params, In, Out]) check() error {
	plan, err := bind.Compile(reflect.TypeFor[Params](), e.Path)
	if err != nil {
		return err
	}
	e.plan = plan
	if required := plan.RequiredHeaders(); len(required) > 0 && !e.NativeOnly {
		return say.Errorf("header parameter %q is required, but browsers cannot set headers: make the field a pointer or set NativeOnly", required[0])
	}
	if err := e.Limits.check(); err != nil {
		return err
	}
	if err := checkCodec(e.Codec, reflect.TypeFor[In](), reflect.TypeFor[Out]()); err != nil || e.Session == nil {
		return err
	}
	return e.Session.check(e.Codec, e.Limits)
}

// checkCodec validates a codec for the message types.
func checkCodec(c Codec, types ...reflect.Type) error {
	if c == nil || reflect.ValueOf(c).Kind() == reflect.Pointer && reflect.ValueOf(c).IsNil() {
		return errors.New("Codec is nil: name one, for instance json.Codec of package codec/json")
	}
	if !wire.IsToken(c.Name()) {
		return say.Errorf("codec name %q is not a token of RFC 9110, so it cannot be a subprotocol", c.Name())
	}
	if k := c.FrameKind(); k != FrameText && k != FrameBinary {
		return say.Errorf("codec %s sends %v frames: FrameText or FrameBinary it must be", c.Name(), k)
	}
	checker, ok := c.(interface{ CheckType(reflect.Type) error })
	if !ok {
		return nil
	}
	for _, t := range types {
		if err := checker.CheckType(t); err != nil {
			return err
		}
	}
	return nil
}

// URL gives the address of the endpoint with these parameters below base, such as "https://example.com/app". A base of
// ws or wss is as good as http or https. An empty base gives path and query alone, which is what a browser wants.
// Header and cookie parameters are no part of it.
func (e *Endpoint[Params, In, Out]) URL(base string, p Params) (string, error) {
	if err := e.Check(); err != nil {
		return "", err
	}
	req, err := e.plan.Encode(&p)
	if err != nil {
		return "", publicError(err, false)
	}
	return joinURL(base, req)
}

// Same reports whether a and b make the same request: path, query, headers and cookies. Parameters that cannot be sent are
// never the same.
func (e *Endpoint[Params, In, Out]) Same(a, b Params) bool {
	if e.Check() != nil {
		return false
	}
	one, err := e.plan.Encode(&a)
	if err != nil {
		return false
	}
	two, err := e.plan.Encode(&b)
	return err == nil && one.Path == two.Path && one.RawQuery == two.RawQuery &&
		slices.Equal(one.Header, two.Header) && slices.Equal(one.Cookies, two.Cookies)
}

// joinURL puts the request's path and query behind the base.
func joinURL(base string, req bind.Request) (string, error) {
	if strings.ContainsAny(base, "?#") {
		return "", say.Errorf("tandem: base URL %q must end with the path", base)
	}
	url := strings.TrimSuffix(base, "/") + req.Path
	if req.RawQuery != "" {
		url += "?" + req.RawQuery
	}
	return url, nil
}
