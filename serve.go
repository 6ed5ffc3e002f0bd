//go:build !js

package tandem

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
	"github.com/tandem-ws/tandem/internal/schema"
	"github.com/tandem-ws/tandem/internal/wire"
)

// ServeOptions say how a server serves an endpoint. A nil *ServeOptions means the defaults.
type ServeOptions struct {
	// Hub owns the connections. Share one among the endpoints of a server to shut them down together. Default: a hub
	// of the handler's own, without limits.
	Hub *Hub

	// Codecs are accepted besides the endpoint's own, when a client offers their name as subprotocol. Default none.
	Codecs []Codec

	// Subprotocols are the application's own, accepted when a client offers them; messages are in the endpoint's codec
	// then. The client's order decides. Default none.
	Subprotocols []string

	// Use are middlewares around the handshake, the first outermost. They see the upgrade request and the refusal or
	// the 101, and have returned while the connection lives. Response headers they set go out with the answer. Default
	// none.
	Use []func(http.Handler) http.Handler

	// Authorize decides about a request before the upgrade, and before the parameters are looked at. The context it
	// returns, nil for the request's, carries its values to the handler. If it has a deadline, the handler's context is
	// cancelled then, and the connection closed with 3000: credentials that expire end the connection they opened. An error refuses: one with a method HTTPStatus() int, such as *HandshakeError, with that
	// status, any other with 500, which is logged and not told. The body is JSON: message, code, data. Default: all
	// are let in.
	Authorize func(*http.Request) (context.Context, error)

	// Principal says to whom a connection belongs, from the context of its handler (see Authorize and [Request]): the
	// id of a user, for instance. A session is resumed by the principal that opened it, and by nobody else. Default:
	// the secret of the session alone decides.
	Principal func(context.Context) string

	// AuthorizeInBand decides about a credential that a client shows inside a session: with [DialOptions].Credential when
	// it opens a socket, or with [Session.Authenticate] before the one it came with runs out. ctx has the values of the
	// handler's. The context that AuthorizeInBand returns, nil for ctx, says until when the credential is good, by its
	// deadline, and whose it is: Principal gets it. An error refuses: with the message of one that has a method HTTPStatus
	// (see Authorize), any other is logged and not told; a socket that was opened with the credential is closed with 3000,
	// or 3003 after status 403. A client that shows none is not asked about: where one is needed, Authorize gives a context
	// whose deadline is soon, by which one has to have come. ctx ends after 10 s, and when the hub is shut down. Default:
	// no credential is taken in band.
	AuthorizeInBand func(ctx context.Context, credential string) (context.Context, error)

	// Store keeps the sessions of the endpoint outside of the process, so that they go on when the server is restarted,
	// with the state that [StateOf] has saved. See docs/stores.md for what is stored when. Its type must be comparable, as
	// a pointer is. Default: sessions are in memory, and end with the process.
	Store Store

	// OnExpired is told of each session that nobody came back to in time, after its handler has returned, and of those that
	// a store still had and that could not go on when somebody did, so that what it
	// held can be given free; s has its ID, its Principal and its state, and [GapOf] tells what nobody acknowledged. With a Store this includes sessions whose process
	// has died: whichever process serves the endpoint then is told, at least once. A panic is logged, and the session is
	// told again later if it is in a store. Default none.
	OnExpired func(ctx context.Context, s *Session)

	// Origins are pages that may connect besides those of the server's own host and port: scheme, host and port, as in
	// "https://app.example.com". "*" lets in every page, which is safe only for endpoints that do not look at
	// cookies. Requests without an Origin, which browsers do not make, are always let in. Default none.
	Origins []string

	// Schemas are hashes, as tandem gen prints them, of older descriptions of the endpoint whose clients still understand
	// this one, and are understood: they are not stale. Default none.
	Schemas []string

	// RefuseStale refuses clients that say they were made with another description of the endpoint than this one and
	// those of Schemas, before Authorize is asked: browsers are let in and closed with [CodeStale] at once, others get
	// status 412. A client that does not say what it was made with is let in. Default: a stale client is served, and told
	// with CodeStale when a message or a parameter cannot be decoded. See docs/evolving.md.
	RefuseStale bool

	// RefuseInBand accepts browsers that are to be refused by the hub, Authorize or the parameters, and closes at once
	// with a code and reason, because a page cannot read the answer to a refused handshake: 1013 for 503, 4400 to 4499
	// for 400 to 499, else 1011. Others get the status all the same. Default off.
	RefuseInBand bool

	// Logger gets what goes wrong: panics and errors of handlers as errors, peers that break rules as warnings,
	// ordinary ends as debug, and stale clients with their hashes. What else peers send is never in it: neither messages
	// nor queries, headers or reasons, unless the handler's own error repeats them. Default slog.Default().
	Logger *slog.Logger
}

// Handler makes the net/http handler of the endpoint, and gives the pattern to mount it under:
//
//	mux.Handle(api.Echo.Handler(echo, nil))
//
// fn is called in a goroutine of its own for each connection. Its context carries the values of the request's context
// (or of Authorize's), is not bound to the request, and is cancelled when the connection ends; [Request] gives the
// request itself. When fn returns, the connection is closed:
//
//   - nil, or the error with which Recv told that the peer has closed: 1000, or what is left of the peer's close;
//   - a [*CloseError] the program has made, or an error that wraps one: its code and reason;
//   - anything after [Hub.Shutdown] has cancelled the context: 1012;
//   - any other error: 1011, and the error is logged, not told;
//   - a panic: 1011, logged with the stack; the process goes on.
//
// Handler panics if [Endpoint.Check] finds fault or the options do not fit, as http.ServeMux does with a bad pattern.
//
// The pattern has no method, so that websockets over HTTP/2, which are no GET, can be served one day; today they are refused, and
// clients use HTTP/1.1. ServeMux does not accept it beside a pattern like "GET /", which is neither more nor less general;
// "GET /{$}" or "/" are.
//
// The handler may stand behind http.StripPrefix, middlewares and other routers. Where the router does not set the
// request's path values, the handler matches the path itself.
func (e *Endpoint[Params, In, Out]) Handler(fn func(ctx context.Context, p Params, c *Conn[In, Out]) error, o *ServeOptions) (pattern string, h http.Handler) {
	if err := e.Check(); err != nil {
		panic(err)
	}
	s := newServer(e.plan, e.Codec, e.Limits, o)
	if err := s.setSchema(schema.Declare(e.Path, reflect.TypeFor[Params](), reflect.TypeFor[In](), reflect.TypeFor[Out](), e.Codec)); err != nil {
		panic(fmt.Errorf("tandem: endpoint %q: %w", e.Path, err))
	}
	for _, codec := range s.codecs {
		if err := checkCodec(codec, reflect.TypeFor[In](), reflect.TypeFor[Out]()); err != nil {
			panic(fmt.Errorf("tandem: endpoint %q: %w", e.Path, err))
		}
	}
	if e.Session != nil {
		policy := e.Session.(*SessionPolicy)
		if err := checkStored(policy, e.Limits, s.o.Store); err != nil {
			panic(fmt.Errorf("tandem: endpoint %q: %w", e.Path, err))
		}
		s.sessions = newSessions(s, policy, e.Limits)
	}
	s.bind = func(src bind.Source) (any, error) {
		p := new(Params)
		if err := e.plan.Decode(src, p); err != nil {
			return nil, err
		}
		return p, nil
	}
	s.start = func(l *live, params any) {
		p := params.(*Params)
		c := &Conn[In, Out]{
			end: end{core: l.core, server: true}, codec: l.codec, proto: l.proto, gap: l.gap(),
		}
		// One frame of 100 bytes below the handler's: see decode for what they cost.
		go func() {
			err := errPanic // what a handler that does not return leaves
			defer l.finish(&err)
			err = fn(l, *p, c)
		}()
	}
	return e.plan.Pattern(), s.handler()
}

// server is a served endpoint without its types.
type server struct {
	plan   *bind.Plan
	codec  Codec
	codecs []Codec // the further ones
	cfg    *engine.Config
	o      ServeOptions

	sessions *sessions     // nil where the endpoint has none
	schema   func() string // the hash of the endpoint

	requests sync.Mutex // guards what Request unfolds

	bind  func(bind.Source) (params any, err error)
	start func(l *live, params any) // runs the handler in a goroutine
}

func newServer(plan *bind.Plan, codec Codec, limits Limits, o *ServeOptions) *server {
	s := &server{plan: plan, codec: codec, cfg: engineConfig(limits, false)}
	if o != nil {
		s.o = *o
		s.codecs = slices.Clone(o.Codecs)
	}
	if s.o.Hub == nil {
		s.o.Hub = NewHub(nil)
	}
	for _, name := range s.o.Subprotocols {
		if !wire.IsToken(name) {
			panic(fmt.Sprintf("tandem: subprotocol %q is not a token", name))
		}
	}
	for _, origin := range s.o.Origins {
		if !handshake.ValidOrigin(origin) {
			panic(fmt.Sprintf("tandem: origin %q is not scheme, host and port, as in https://app.example.com", origin))
		}
	}
	return s
}

func (s *server) handler() http.Handler {
	var h http.Handler = http.HandlerFunc(s.serveHTTP)
	for _, use := range slices.Backward(s.o.Use) {
		h = use(h)
	}
	inPath := slices.IndexFunc(s.plan.Fields(), func(f bind.Field) bool { return f.In == bind.InPath })
	if inPath < 0 {
		return h
	}
	name := s.plan.Fields()[inPath].Name
	inner := http.NewServeMux()
	inner.Handle(s.plan.Pattern(), h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue(name) == "" { // the router in front is not a ServeMux
			inner.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (s *server) logger() *slog.Logger {
	if s.o.Logger != nil {
		return s.o.Logger
	}
	return slog.Default()
}

// serveHTTP does the handshake. It returns when the connection has a goroutine of its own: that frees what net/http
// holds for a request, which is more than tandem holds for a connection.
func (s *server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	offers, err := handshake.Check(r)
	if err == nil {
		err = handshake.CheckOrigin(r, s.o.Origins)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	key, err := s.o.Hub.admit(r)
	if err != nil {
		s.refuseInBand(w, r, offers, err)
		return
	}
	entered := false
	defer func() {
		if !entered {
			s.o.Hub.release(key)
		}
	}()
	stale := s.isStale(r.RemoteAddr, madeWith(r))
	if stale && s.o.RefuseStale {
		s.refuseStale(w, r, offers, errStale)
		return
	}
	ctx := r.Context()
	var expires time.Time
	if s.o.Authorize != nil {
		authorized, err := s.o.Authorize(r)
		if err != nil {
			s.refuseInBand(w, r, offers, err)
			return
		}
		if authorized != nil {
			ctx = authorized
			expires, _ = ctx.Deadline()
		}
	}
	params, err := s.bind(requestSource{r})
	if err != nil {
		refuse := s.refuseInBand
		if stale {
			refuse = s.refuseStale
		}
		refuse(w, r, offers, publicError(err, true))
		return
	}
	codec, proto := s.negotiate(offers)
	conn, buffered, err := handshake.Accept(w, r, proto)
	if err != nil {
		s.logger().Error("tandem: handshake failed", "endpoint", s.plan.Pattern(), "err", err)
		return
	}
	l := &live{server: s, key: key, codec: codec, proto: proto, since: time.Now()}
	ctx, _ = values(ctx)
	l.Context, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	l.request.keep(r)
	if s.sessions != nil && strings.HasPrefix(proto, sessionPrefix) {
		entered = true
		s.sessions.accept(conn, buffered, l, params, expires, stale)
		return
	}
	c := engine.New(conn, s.cfg, engine.Options{Buffered: buffered, Base: l, Owner: l})
	if stale {
		c.MarkStale()
	}
	l.core = c
	if !expires.IsZero() {
		expire := time.AfterFunc(time.Until(expires), func() {
			l.cancel(errExpired)
			l.core.Interrupt()
		})
		context.AfterFunc(l, func() { expire.Stop() })
	}
	s.o.Hub.enter(l)
	entered = true
	s.start(l, params)
}

// negotiate picks the codec and the subprotocol: the client's first offer that the server knows. Without one, nothing
// is answered and the endpoint's codec is used; a Dioxus peer refuses a subprotocol it did not ask for.
func (s *server) negotiate(offers []string) (Codec, string) {
	for _, offer := range offers {
		name := offer
		if s.sessions != nil {
			name = strings.TrimPrefix(offer, sessionPrefix)
		}
		if name == s.codec.Name() && (name == offer || s.sessions.links[name] != nil) {
			return s.codec, offer
		}
		for _, c := range s.codecs {
			if name == c.Name() && (name == offer || s.sessions.links[name] != nil) {
				return c, offer
			}
		}
		if slices.Contains(s.o.Subprotocols, offer) {
			return s.codec, offer
		}
	}
	return s.codec, ""
}
