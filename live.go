//go:build !js

package tandem

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/wire"
)

// live is a served connection, and the context of its handler. There is one for each idle connection too, so it holds
// nothing that can be found elsewhere.
type live struct {
	context.Context // ends with the connection
	cancel          context.CancelCauseFunc

	server  *server
	core    servedCore
	request keptRequest
	codec   Codec
	proto   string // the subprotocol
	since   time.Time
	id      uint64  // the hub's number for it
	key     string  // to whom the hub counts it
	session *served // nil of a plain connection
}

// servedCore is a core of a server: a connection, or a session.
type servedCore interface {
	core
	Interrupt()
	Drop(reason error, d time.Duration)
}

// Value adds the request to the values of the handshake's context.
func (l *live) Value(key any) any {
	if key == (requestKey{}) {
		return l
	}
	return l.Context.Value(key)
}

// String is what a context prints as.
func (l *live) String() string { return "tandem handler of " + l.server.plan.Pattern() }

func (l *live) info() ConnInfo {
	return ConnInfo{
		ID: l.id, Path: l.server.plan.Pattern(), RemoteAddr: l.request.r.RemoteAddr, Codec: l.codec.Name(), Since: l.since,
	}
}

// Ended is told by the engine that the connection has ended.
func (l *live) Ended(_ *engine.Conn, why error) { l.cancel(publicError(why, true)) }

// Pending is of no interest: a handler that does not receive is not made to.
func (l *live) Pending() {}

// finish closes the connection after the handler. A panic ends here.
func (l *live) finish(result *error) {
	code, reason := CodeInternal, ""
	err := *result
	defer func() {
		l.cancel(ErrClosed) // what the handler started ends with it, not with the close handshake
		if l.session != nil {
			l.session.finish(code, wire.CutReason(reason), err != nil)
		} else {
			_ = l.core.Close(int(code), wire.CutReason(reason))
		}
		l.server.o.Hub.leave(l)
	}()
	if err == errPanic {
		v := recover() // nil when the handler ended its goroutine with runtime.Goexit
		if v != http.ErrAbortHandler {
			l.log(slog.LevelError, "tandem: handler panicked", "panic", v, "stack", string(debug.Stack()))
		}
	}
	code, reason = l.verdict(err)
}

var (
	errPanic   = errors.New("handler panicked")
	errExpired = errors.New("tandem: authorization expired")
)

// log logs about the connection.
func (l *live) log(level slog.Level, message string, args ...any) {
	if l.logs(level) {
		l.server.logger().With("endpoint", l.server.plan.Pattern(), "remote", l.request.r.RemoteAddr).
			Log(context.Background(), level, message, args...)
	}
}

func (l *live) logs(level slog.Level) bool {
	return l.server.logger().Enabled(context.Background(), level)
}

// verdict tells with what to close after the handler's error, and logs what somebody should know.
func (l *live) verdict(err error) (Code, string) {
	if ended := publicError(l.core.Err(), true); ended != nil {
		l.logEnd(ended, err)
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
	case context.Cause(l) == ErrShutdown:
		if err != nil && !isEnd(err) {
			l.log(slog.LevelError, "tandem: handler failed", "err", err)
		}
		return CodeRestart, reasonShutdown
	case context.Cause(l) == errExpired:
		return CodeUnauthorized, "authorization expired"
	case err == nil:
		return CodeNormal, ""
	}
	l.log(slog.LevelError, "tandem: handler failed", "err", err)
	return CodeInternal, ""
}

// logEnd logs how a connection ended. Reasons of peers, and what was wrong with their messages, are their words and stay
// out of it.
func (l *live) logEnd(ended, handlers error) {
	ce, isClose := errors.AsType[*CloseError](ended)
	de, isDecode := errors.AsType[*DecodeError](handlers)
	switch {
	case isDecode:
		l.log(slog.LevelWarn, "tandem: undecodable message", "codec", de.Codec, "type", de.Type, "offset", de.Offset)
	case isClose && ce.ours && ce.Code == CodeInvalid:
		l.log(slog.LevelWarn, "tandem: undecodable message")
	case isClose && ce.ours:
		l.log(slog.LevelWarn, "tandem: peer broke a rule", "code", int(ce.Code), "rule", ce.Reason)
	case !l.logs(slog.LevelDebug): // the usual ends
	case isClose:
		l.log(slog.LevelDebug, "tandem: connection closed by the peer", "code", int(ce.Code))
	default:
		l.log(slog.LevelDebug, "tandem: connection ended", "err", ended)
	}
}

// isEnd reports whether an error only says that the connection ended, which the handler could not help.
func isEnd(err error) bool {
	var ce *CloseError
	var de *DecodeError
	return errors.As(err, &ce) || errors.As(err, &de) || errors.Is(err, ErrLost) || errors.Is(err, ErrClosed) ||
		errors.Is(err, context.Canceled)
}
