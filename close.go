package tandem

import (
	"io"
	"strconv"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Code is the status code of a Close frame (RFC 6455, section 7.4). Codes from 4000 to 4899 belong to the
// application, and tandem reads a verdict from them: see [Code.Reconnect]. 4900 to 4999 are tandem's own; 4951 to 4964
// stand for 1001 to 1014, see [Conn.Close], and are never seen by a program.
type Code int32

// The codes of RFC 6455 and the IANA registry that mean something to a program.
const (
	CodeNormal       Code = 1000 // the conversation is over
	CodeGoingAway    Code = 1001 // a page was left, or a server goes down for good
	CodeProtocol     Code = 1002 // the peer broke the websocket protocol
	CodeUnsupported  Code = 1003 // the peer sent a kind of data the endpoint cannot take
	CodeNoStatus     Code = 1005 // the Close frame carried no code; never sent as a number
	CodeAbnormal     Code = 1006 // there was no Close frame; never sent
	CodeInvalid      Code = 1007 // a message could not be decoded
	CodePolicy       Code = 1008 // a limit or rule of the endpoint was broken
	CodeTooBig       Code = 1009 // a message was longer than the limit
	CodeExtension    Code = 1010 // a client missed an extension
	CodeInternal     Code = 1011 // the handler failed
	CodeRestart      Code = 1012 // the server restarts: come back, spread over some time
	CodeTryAgain     Code = 1013 // the server is overloaded, or the client too slow: come back later
	CodeBadGateway   Code = 1014 // a gateway got an invalid answer
	CodeUnauthorized Code = 3000 // credentials are missing or no longer good
	CodeForbidden    Code = 3003 // the credentials do not allow this
	CodeTimeout      Code = 3008 // the peer took too long

	// CodeAppRetry to CodeAppRetryLast are the application's own codes after which a client comes back.
	CodeAppRetry     Code = 4000
	CodeAppRetryLast Code = 4399
	// CodeRefused plus an HTTP status of 400 to 499, less 400, is a handshake refused after it was accepted, because
	// browsers cannot read a refusal: see ServeOptions.RefuseInBand.
	CodeRefused     Code = 4400
	CodeRefusedLast Code = 4499
	// CodeAppStop to CodeAppStopLast are the application's own codes after which a client stays away.
	CodeAppStop     Code = 4500
	CodeAppStopLast Code = 4899

	// CodeStale tells a client that it was made with another description of the endpoint than the server's, and that the
	// two do not understand each other: a page is to be loaded again. To such a client a server says it in place of
	// CodeInvalid: see ServeOptions.RefuseStale.
	CodeStale Code = 4906
)

// Reconnect reports whether a client should come back after a close with this code, by the table in spec/protocol.md:
// after 1001, 1006, 1011 to 1014, 3008, 4000 to 4399, and refusals that time heals (4408, 4425, 4429). What the peer ended
// on purpose, what would be refused again, and codes without a meaning here are final.
func (c Code) Reconnect() bool { return wire.ComesBack(int(c)) }

// Valid reports whether a Close frame may carry the code.
func (c Code) Valid() bool { return wire.ValidCode(int(c)) }

// CloseError says that a Close frame ended the connection: the peer's, or ours after the peer broke a rule. A handler
// that returns one it has made, or an error that wraps it, closes the connection with its code and reason. One that
// came from a connection is not sent on to another.
type CloseError struct {
	// Code must be valid to be sent; a handler's invalid code is replaced by CodeInternal.
	Code Code
	// Reason is text for the peer, cut to 123 bytes. When it comes from a peer it is a stranger's text.
	Reason string

	received bool // it tells of a connection's end; a handler's own is made by the program
	quiet    bool // the normal end of a conversation
	ours     bool // we closed, because the peer broke a rule
}

// Error gives the code and the reason, quoted.
func (e *CloseError) Error() string {
	text := "closed with " + strconv.Itoa(int(e.Code))
	if e.ours {
		text = "peer broke a rule, " + text
	}
	if e.Reason != "" {
		text += ": " + strconv.Quote(e.Reason)
	}
	return text
}

// Is reports true for io.EOF when the peer ended the conversation normally: with 1000 or without a code, and, on the
// server, with 1001, which is what a closing tab sends.
func (e *CloseError) Is(target error) bool { return target == io.EOF && e.quiet }

// checkCode refuses codes that a Close frame must not carry.
func checkCode(code Code) error {
	if !code.Valid() {
		return say.Errorf("tandem: %d is not a close code that may be sent", int(code))
	}
	return nil
}
