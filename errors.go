package tandem

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/wire"
)

var (
	// ErrClosed is returned by the methods of a connection after this side has closed it.
	ErrClosed = errors.New("tandem: connection closed")

	// ErrLost is matched by the errors of a connection that ended without a Close frame: the network failed, the peer
	// vanished, or it stopped answering. A dropped TCP connection is always this, never a normal end.
	ErrLost = errors.New("tandem: connection lost")

	// ErrTooBig is matched by every *[TooBigError].
	ErrTooBig = errors.New("tandem: message over the limit")

	// ErrQueueFull is returned by Send when nothing more fits into the queue, or into the window of a session, and the
	// policy is [OverflowRefuse].
	ErrQueueFull = errors.New("tandem: outgoing queue is full")

	// ErrConcurrentRecv is returned by Recv and Messages while another goroutine is receiving on the same connection.
	ErrConcurrentRecv = errors.New("tandem: another goroutine is receiving on this connection")

	// ErrShutdown is the cause (see context.Cause) of a handler's context when [Hub.Shutdown] has cancelled it. A
	// handler that returns it, or its context's error, closes with 1012.
	ErrShutdown = errors.New("tandem: server is shutting down")
)

// DecodeError says that a message could not be decoded. The connection has been closed with 1007 by then, or with 4906 if
// the client is stale: see [CodeStale].
type DecodeError struct {
	// Codec is the codec's name.
	Codec string
	// Type is the Go type the message should have had.
	Type string
	// Offset is where in the message the fault lies, in bytes from its start; -1 if the codec cannot tell.
	Offset int
	// Err is the codec's error.
	Err error
}

// Error names the codec, the type and the fault.
func (e *DecodeError) Error() string {
	text := e.Err.Error()
	if !strings.HasPrefix(text, e.Codec+":") {
		text = e.Codec + ": " + text
	}
	return "decode " + e.Type + ": " + text
}

// Unwrap gives the codec's error.
func (e *DecodeError) Unwrap() error { return e.Err }

// EncodeError says that a message could not be encoded. Nothing was sent, and the connection is unharmed.
type EncodeError struct {
	// Codec is the codec's name.
	Codec string
	// Type is the Go type of the message.
	Type string
	// Err is the codec's error.
	Err error
}

// Error names the type and the fault.
func (e *EncodeError) Error() string { return "encode " + e.Type + ": " + e.Err.Error() }

// Unwrap gives the codec's error.
func (e *EncodeError) Unwrap() error { return e.Err }

// TooBigError says that a message is longer than the other side takes: see [Limits]. Nothing was sent, and the
// connection is unharmed.
type TooBigError struct {
	// Size is the length of the encoded message in bytes, Limit what is allowed.
	Size, Limit int
}

// Error gives both numbers.
func (e *TooBigError) Error() string {
	return "tandem: message of " + strconv.Itoa(e.Size) + " bytes, over the limit of " + strconv.Itoa(e.Limit)
}

// Is reports true for ErrTooBig.
func (e *TooBigError) Is(target error) bool { return target == ErrTooBig }

// HandshakeError is a refused connection: what [ServeOptions].Authorize returns to refuse one with a status of its
// choice, and what Dial returns when the server answered anything but 101. Browsers hide the answer from pages: see
// [ServeOptions].RefuseInBand.
type HandshakeError struct {
	// Status is the HTTP status.
	Status int
	// Message is text for the caller: "message" or "error" of the answer's JSON body, else a short plain text body.
	Message string
	// Code is the application's own number for the failure. A server that leaves it 0 sends the status.
	Code int
	// Data is more about the failure, as JSON; "data" or "details" of the body. May be nil.
	Data []byte
	// Header are further headers of the answer, such as Retry-After.
	Header map[string][]string
}

// Error gives the status and the message.
func (e *HandshakeError) Error() string {
	text := "handshake refused with status " + strconv.Itoa(e.Status)
	if e.Message != "" {
		text += ": " + strconv.Quote(e.Message)
	}
	return text
}

// HTTPStatus gives the status. Any error with this method can be returned by ServeOptions.Authorize; its text, without
// that of the errors wrapped around it, is told to the client.
func (e *HandshakeError) HTTPStatus() int { return e.Status }

// ParamError is a parameter of the upgrade request that is missing or wrong. The server answers it with 400; Dial
// returns it for parameters that cannot be written.
type ParamError struct {
	// In is where the parameter stands: "path", "query", "header" or "cookie".
	In string
	// Name is its name there.
	Name string
	// Reason is what is wrong, such as "missing". It may be shown to a stranger.
	Reason string
	// Err is the cause, such as the error of a type's UnmarshalText; nil if there is none. It is not shown.
	Err error
}

// Error names the parameter and the fault.
func (e *ParamError) Error() string {
	return (&bind.Error{In: e.In, Name: e.Name, Reason: e.Reason}).Error()
}

// Unwrap gives the cause.
func (e *ParamError) Unwrap() error { return e.Err }

// publicError turns the errors of the layers below into those above. It is the only place that does. server tells
// whose end it is, because a browser that leaves a page says 1001.
func publicError(err error, server bool) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *wire.CloseError:
		code := Code(wire.MeantCode(e.Code))
		quiet := !e.Violation && (code == CodeNormal || code == CodeNoStatus || server && code == CodeGoingAway)
		return &CloseError{Code: code, Reason: e.Reason, received: true, quiet: quiet, ours: e.Violation}
	case *wire.SessionError:
		if e.Close != nil {
			return publicError(e.Close, server)
		}
		return &lostError{e}
	case *wire.LostError:
		return &lostError{e.Err}
	case *wire.TooBigError:
		return &TooBigError{Size: e.Size, Limit: e.Limit}
	case *bind.Error:
		return &ParamError{In: e.In, Name: e.Name, Reason: e.Reason, Err: e.Err}
	}
	switch err {
	case wire.ErrClosed:
		return ErrClosed
	case wire.ErrConcurrentRead:
		return ErrConcurrentRecv
	case wire.ErrQueueFull:
		return ErrQueueFull
	case wire.ErrFenced:
		return ErrConflict
	}
	return err
}

// lostError is ErrLost with the network's reason.
type lostError struct{ err error }

func (e *lostError) Error() string        { return ErrLost.Error() + ": " + e.err.Error() }
func (e *lostError) Is(target error) bool { return target == ErrLost }
func (e *lostError) Unwrap() error        { return e.err }
