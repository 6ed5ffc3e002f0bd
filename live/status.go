package live

import (
	"time"

	"github.com/tandem-ws/tandem"
)

// State is how a [Socket] is.
type State int

// The states.
const (
	Connecting      State = iota // an attempt is under way, or a lost session is being resumed
	Open                         // messages flow
	Closing                      // it was closed, for good or to begin another, and the peer has not answered yet
	Closed                       // the last conversation has ended
	FailedToConnect              // the last attempt has failed
)

// String names the state as the constant is named.
func (s State) String() string {
	switch s {
	case Connecting:
		return "Connecting"
	case Open:
		return "Open"
	case Closing:
		return "Closing"
	case Closed:
		return "Closed"
	case FailedToConnect:
		return "FailedToConnect"
	}
	return "State?"
}

// Status is how a [Socket] is, with the details.
type Status struct {
	State State

	// Generation counts conversations: 1 is the first. It grows when another one is open.
	Generation int

	// Attempt is the number of the attempt that is under way or has failed, 1 the first; it begins again when a connection
	// has been stable, when parameters change, and with Restart. 0 while nothing was attempted since.
	Attempt int

	// RetryAt is when the next attempt begins; zero when none is planned. Closed and FailedToConnect without it are final,
	// until parameters change or Restart is called, unless Offline says what is waited for.
	RetryAt time.Time

	// Err is why it is Closed or FailedToConnect, and while the next attempts are made why the last conversation or
	// attempt ended. It is a *tandem.CloseError when the peer has closed, and the *tandem.Gap while a conversation is open that
	// took the place of a session that could not be resumed. nil before the first attempt, after Close, and while any other
	// conversation is open: so it may be nil in any state.
	Err error

	// Previous says, while it is Connecting because parameters have changed or Restart was called, that the old conversation
	// is still open, and its messages still come.
	Previous bool

	// Resuming says that it is Connecting because the session has lost its socket.
	Resuming bool

	// Offline says that the browser knows of no network: the next attempt waits for one. Elsewhere it is false.
	Offline bool
}

// Code is that of the Close frame that has ended the last conversation, and Reason its text; 0 and "" if there was none.
func (s Status) Code() (code tandem.Code, reason string) { return codeOf(s.Err) }

// Final reports whether nothing will happen by itself any more: neither open nor about to be. Err may be nil then: after
// Close, and with Options.Manual before the first attempt.
func (s Status) Final() bool {
	return (s.State == Closed || s.State == FailedToConnect) && s.RetryAt.IsZero() && !s.Offline
}
