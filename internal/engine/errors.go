package engine

import (
	"errors"
	"fmt"
)

// The close codes the engine itself uses (RFC 6455, section 7.4.1 and the IANA registry).
const (
	codeNormal      = 1000
	codeProtocol    = 1002
	codeNoStatus    = 1005
	codeInvalid     = 1007
	codePolicy      = 1008
	codeTooBig      = 1009
	codeTryAgain    = 1013
	firstPrivate    = 3000
	lastPrivate     = 4999
	maxCloseReason  = maxControl - 2
	lastProtocolReg = 1014
)

var (
	// ErrClosed is returned after this side has closed the connection.
	ErrClosed = errors.New("connection closed")

	// ErrConcurrentRead is returned when two goroutines wait for messages at once.
	ErrConcurrentRead = errors.New("another goroutine is receiving on this connection")

	// ErrTooBig is returned for an outgoing message over the limit. The connection is unharmed.
	ErrTooBig = errors.New("message over the limit")
)

// CloseError says that a Close frame ended the connection, or is about to.
type CloseError struct {
	Code   int
	Reason string
	// Violation tells that this side closed because the peer broke a rule or a limit; else the peer closed.
	Violation bool
}

func (e *CloseError) Error() string {
	who := "closed by the peer"
	if e.Violation {
		who = "closed for a violation"
	}
	if e.Reason == "" {
		return fmt.Sprintf("%s with %d", who, e.Code)
	}
	return fmt.Sprintf("%s with %d: %s", who, e.Code, e.Reason)
}

// violated is the error of a peer that broke a rule; the connection is closed with the code.
func violated(code int, reason string) *CloseError {
	return &CloseError{Code: code, Reason: reason, Violation: true}
}

// LostError says that the connection ended without a Close frame.
type LostError struct {
	Err error // io.EOF, a network error, or what the keepalive found
}

func (e *LostError) Error() string { return "connection lost: " + e.Err.Error() }

// Unwrap gives the network's error.
func (e *LostError) Unwrap() error { return e.Err }

var (
	errNoPong       = errors.New("no pong in time")
	errWriteStalled = errors.New("peer took no bytes within the write deadline")
)

// ValidCode reports whether a Close frame may carry the code (RFC 6455, section 7.4; 1012-1014 are registered).
func ValidCode(code int) bool {
	switch {
	case code >= firstPrivate && code <= lastPrivate:
		return true
	case code < codeNormal || code > lastProtocolReg:
		return false
	}
	return code != 1004 && code != codeNoStatus && code != 1006
}
