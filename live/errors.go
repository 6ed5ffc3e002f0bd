package live

import (
	"errors"
	"strconv"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// ErrReplaced is the cause of a [Break] that the program wanted: parameters have changed, or Restart or Set was called.
var ErrReplaced = errors.New("live: connection replaced by a new one")

// Break is what Recv returns, once, where one conversation has ended and another begun: what follows belongs to that.
type Break struct {
	// Generation is the number of the conversation that begins, as in [Status].
	Generation int
	// Cause is why the last one has ended: [ErrReplaced], a *tandem.CloseError, an error that matches tandem.ErrLost, or a
	// *tandem.Gap with the messages that were sent in a session and not delivered. Where this side has given up a session
	// that had such messages, the gap is in it beside the reason. nil when it was Close that has ended the last one.
	Cause error
}

// Error tells the cause.
func (b *Break) Error() string {
	return "live: conversation " + strconv.Itoa(b.Generation) + " begins: " + causeText(b.Cause)
}

func causeText(err error) string {
	if err == nil {
		return "it is the first since Close"
	}
	return err.Error()
}

// Unwrap gives the cause.
func (b *Break) Unwrap() error { return b.Cause }

// lossError is why a session was given up, with the gap that this has left.
type lossError struct{ cause, gap error }

func (e *lossError) Error() string   { return e.cause.Error() + ": " + e.gap.Error() }
func (e *lossError) Unwrap() []error { return []error{e.cause, e.gap} }

// paramsError is the panic of the function that gives the parameters.
type paramsError struct{ *signals.PanicError }

// codeOf is the code and reason of the Close frame that an error tells of.
func codeOf(err error) (tandem.Code, string) {
	if ce, ok := errors.AsType[*tandem.CloseError](err); ok {
		return ce.Code, ce.Reason
	}
	return 0, ""
}
