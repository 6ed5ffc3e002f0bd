//go:build !js

package tandem

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"time"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
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

	// Origins are pages that may connect besides those of the server's own host and port: scheme, host and port, as in
	// "https://app.example.com". "*" lets in every page, which is safe only for endpoints that do not look at
	// cookies. Requests without an Origin, which browsers do not make, are always let in. Default none.
	Origins []string

	// RefuseInBand accepts browsers that are to be refused by the hub, Authorize or the parameters, and closes at once
	// with a code and reason, because a page cannot read the answer to a refused handshake: 1013 for 503, 4400 to 4499
	// for 400 to 499, else 1011. Others get the status all the same. Default off.
	RefuseInBand bool

	// Logger gets what goes wrong: panics and errors of handlers as errors, peers that break rules as warnings,
	// ordinary ends as debug. What peers send is never in it: neither messages nor queries, headers or reasons, unless
	// the handler's own error repeats them. Default slog.Default().
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
// The pattern has no method, because one would refuse websockets over HTTP/2. ServeMux does not accept it beside a
// pattern like "GET /", which is neither more nor less general; "GET /{$}" or "/" are.
//
// The handler may stand behind http.StripPrefix, middlewares and other routers. Where the router does not set the
// request's path values, the handler matches the path itself.
func (e *Endpoint[Params, In, Out]) Handler(fn func(ctx context.Context, p Params, c *Conn[In, Out]) error, o *ServeOptions) (pattern string, h http.Handler) {
	if err := e.Check(); err != nil {
		panic(err)
	}
	s := newServer(e.plan, e.Codec, e.Limits, o)
	for _, codec := range s.codecs {
		if err := checkCodec(codec, reflect.TypeFor[In](), reflect.TypeFor[Out]()); err != nil {
			panic(fmt.Errorf("tandem: endpoint %q: %w", e.Path, err))
		}
	}
	s.bind = func(src bind.Source) (any, error) {
		p := new(Params)
		if err := e.plan.Decode(src, p); err != nil {
			return nil, err
		}
		return p, nil
	}
	s.run = func(ctx context.Context, params any, core *engine.Conn, codec Codec, proto string) error {
		c := &Conn[In, Out]{core: core, codec: codec, sends: &e.sends.out, server: true, proto: proto}
		return fn(ctx, *params.(*Params), c)
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

	bind func(bind.Source) (params any, err error)
	run  func(ctx context.Context, params any, core *engine.Conn, codec Codec, proto string) error
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
		s.refuseInBand(w, r, offers, publicError(err, true))
		return
	}
	codec, proto := s.negotiate(offers)
	conn, buffered, err := handshake.Accept(w, r, proto)
	if err != nil {
		s.logger().Error("tandem: handshake failed", "endpoint", s.plan.Pattern(), "err", err)
		return
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ctx = context.WithValue(ctx, requestKey{}, detach(r))
	l := &live{key: key, cancel: cancel, info: ConnInfo{
		Path: s.plan.Pattern(), RemoteAddr: r.RemoteAddr, Codec: codec.Name(), Since: time.Now(),
	}}
	l.core = engine.New(conn, s.cfg, engine.Options{
		Buffered: buffered,
		Base:     ctx,
		OnEnd:    func(err error) { cancel(publicError(err, true)) },
	})
	if !expires.IsZero() {
		expire := time.AfterFunc(time.Until(expires), func() {
			cancel(errExpired)
			l.core.Interrupt()
		})
		context.AfterFunc(ctx, func() { expire.Stop() })
	}
	s.o.Hub.enter(l)
	entered = true
	go s.serve(ctx, l, params, codec, proto)
}

// negotiate picks the codec and the subprotocol: the client's first offer that the server knows. Without one, nothing
// is answered and the endpoint's codec is used; a Dioxus peer refuses a subprotocol it did not ask for.
func (s *server) negotiate(offers []string) (Codec, string) {
	for _, offer := range offers {
		if offer == s.codec.Name() {
			return s.codec, offer
		}
		for _, c := range s.codecs {
			if offer == c.Name() {
				return c, offer
			}
		}
		if slices.Contains(s.o.Subprotocols, offer) {
			return s.codec, offer
		}
	}
	return s.codec, ""
}

// serve runs the handler of one connection and closes it.
func (s *server) serve(ctx context.Context, l *live, params any, codec Codec, proto string) {
	code, reason := CodeInternal, ""
	defer func() {
		l.cancel(ErrClosed) // what the handler started ends with it, not with the close handshake
		_ = l.core.Close(int(code), wire.CutReason(reason))
		s.o.Hub.leave(l)
	}()
	err := s.call(ctx, l, params, codec, proto)
	code, reason = s.verdict(ctx, l, err)
}

// call runs the handler and turns a panic into an error.
func (s *server) call(ctx context.Context, l *live, params any, codec Codec, proto string) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover() // nil when the handler ended its goroutine with runtime.Goexit
		err = errPanic
		if v != http.ErrAbortHandler {
			s.logger().Error("tandem: handler panicked", "endpoint", l.info.Path, "remote", l.info.RemoteAddr,
				"panic", v, "stack", string(debug.Stack()))
		}
	}()
	err = s.run(ctx, params, l.core, codec, proto)
	returned = true
	return err
}

var (
	errPanic   = errors.New("handler panicked")
	errExpired = errors.New("tandem: authorization expired")
)

// verdict tells with what to close after the handler's error, and logs what somebody should know.
func (s *server) verdict(ctx context.Context, l *live, err error) (Code, string) {
	log := s.logger().With("endpoint", l.info.Path, "remote", l.info.RemoteAddr)
	if ended := publicError(l.core.Err(), true); ended != nil {
		logEnd(log, ended, err)
		if err == nil || errors.Is(err, ended) || isEnd(err) {
			return CodeNormal, "" // the Close frame, if one could be sent, has been
		}
	}
	var ce *CloseError
	switch {
	case err == errPanic:
		return CodeInternal, ""
	case errors.As(err, &ce) && ce.Code.Valid() && !ce.received:
		return ce.Code, ce.Reason
	case context.Cause(ctx) == ErrShutdown:
		if err != nil && !isEnd(err) {
			log.Error("tandem: handler failed", "err", err)
		}
		return CodeRestart, reasonShutdown
	case context.Cause(ctx) == errExpired:
		return CodeUnauthorized, "authorization expired"
	case err == nil:
		return CodeNormal, ""
	}
	log.Error("tandem: handler failed", "err", err)
	return CodeInternal, ""
}

// logEnd logs how a connection ended. Reasons of peers, and what was wrong with their messages, are their words and stay
// out of it.
func logEnd(log *slog.Logger, ended, handlers error) {
	ce, isClose := errors.AsType[*CloseError](ended)
	de, isDecode := errors.AsType[*DecodeError](handlers)
	switch {
	case isDecode:
		log.Warn("tandem: undecodable message", "codec", de.Codec, "type", de.Type, "offset", de.Offset)
	case isClose && ce.ours && ce.Code == CodeInvalid:
		log.Warn("tandem: undecodable message")
	case isClose && ce.ours:
		log.Warn("tandem: peer broke a rule", "code", int(ce.Code), "rule", ce.Reason)
	case isClose:
		log.Debug("tandem: connection closed by the peer", "code", int(ce.Code))
	default:
		log.Debug("tandem: connection ended", "err", ended)
	}
}

// isEnd reports whether an error only says that the connection ended, which the handler could not help.
func isEnd(err error) bool {
	var ce *CloseError
	var de *DecodeError
	return errors.As(err, &ce) || errors.As(err, &de) || errors.Is(err, ErrLost) || errors.Is(err, ErrClosed) ||
		errors.Is(err, context.Canceled)
}
