package wire

import (
	"errors"
	"io"
	"strconv"
)

var (
	// ErrClosed is returned after this side has closed the connection.
	ErrClosed = errors.New("connection closed")

	// ErrQueueFull is returned to who does not wait for room in a queue.
	ErrQueueFull = errors.New("the outgoing queue is full")

	// ErrFenced is returned by who keeps sessions when another process has written this one since.
	ErrFenced = errors.New("another process has the session")

	// ErrConcurrentRead is returned when two goroutines wait for messages at once.
	ErrConcurrentRead = errors.New("another goroutine is receiving on this connection")
)

// CloseError says that a Close frame ended the connection, or is about to.
type CloseError struct {
	Code   int
	Reason string
	// Violation tells that this side closed because the peer broke a rule or a limit; else the peer closed.
	Violation bool
}

func (e *CloseError) Error() string {
	text := "closed by the peer with "
	if e.Violation {
		text = "closed for a violation with "
	}
	text += strconv.Itoa(e.Code)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Violated is the error of a peer that broke a rule; the connection is closed with the code.
func Violated(code int, reason string) *CloseError {
	return &CloseError{Code: code, Reason: reason, Violation: true}
}

// LostError says that the connection ended without a Close frame. Make one with Lost.
type LostError struct {
	Err error // a network error, or what the keepalive found; never io.EOF, which stands for a normal end
}

// Lost is the error of a connection that ended without a Close frame. An orderly end of the stream below is as
// unexpected as any other.
func Lost(err error) *LostError {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &LostError{Err: err}
}

func (e *LostError) Error() string { return "connection lost: " + e.Err.Error() }

// Unwrap gives the network's error.
func (e *LostError) Unwrap() error { return e.Err }

// SessionError says why a session is over, and what of the messages sent has not been acknowledged.
type SessionError struct {
	Why    string
	Close  *CloseError // the Close frame that ended it; nil if there was none
	Unsent []Unsent
}

func (e *SessionError) Error() string { return "session over: " + e.Why }

// Unsent is a message that the peer has not acknowledged. Maybe tells that it may have got it.
type Unsent struct {
	Seq     uint64
	Payload []byte
	Maybe   bool
}

// TooBigError is returned for an outgoing message over the limit. The connection is unharmed.
type TooBigError struct{ Size, Limit int }

func (e *TooBigError) Error() string {
	return "message of " + strconv.Itoa(e.Size) + " bytes, over the limit of " + strconv.Itoa(e.Limit)
}
