package tandem

import (
	"context"
	"errors"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/wire"
)

// State is what an application keeps of a session, on the server: a cart, a cursor in a feed. It is stored beside the
// session in [ServeOptions].Store, so that a handler which is started afresh, because the server was restarted, finds it;
// without a store it lives as long as the session. [StateOf] gives it.
type State[T any] struct{ s *Session }

// StateOf gives the state of a session as a T. It is the same for all calls with one session: use one T. It is encoded
// with the codec of the session.
func StateOf[T any](s *Session) State[T] { return State[T]{s} }

// stateCore is a core that keeps state.
type stateCore interface {
	State() []byte
	SetState(ctx context.Context, state []byte) error
}

// Load gives what was saved last, in this process or in one before. ok is false if that is nothing.
func (st State[T]) Load() (v T, ok bool, err error) {
	if st.s == nil {
		return v, false, nil
	}
	var b []byte
	if st.s.ended != nil {
		b = st.s.ended.state
	}
	if core, isServer := st.s.core.(stateCore); isServer {
		b = core.State()
	}
	if b == nil {
		return v, false, nil
	}
	if err := st.s.codec.Decode(b, &v); err != nil {
		return v, false, say.Errorf("tandem: state of a session: %w", err)
	}
	return v, true, nil
}

// Save stores v in place of what was saved before and waits until the store has it. When another process has the session
// by then, nothing is stored, and the error matches [ErrConflict]; the connection ends.
//
// In a durable session (see [SessionPolicy]) v is stored together with the message that the handler is at, when it is
// done with that: then Save returns at once, and of a process that dies before, neither is known.
//
// A plain connection, and a client, keep no state: the error is [ErrNoSession].
func (st State[T]) Save(ctx context.Context, v T) error {
	if st.s == nil {
		return ErrNoSession
	}
	core, ok := st.s.core.(stateCore)
	if !ok {
		return ErrNoSession
	}
	b, err := st.s.codec.Append(nil, &v)
	if err != nil {
		return say.Errorf("tandem: state of a session: %w", err)
	}
	if len(b) > maxState {
		return &TooBigError{Size: len(b), Limit: maxState}
	}
	if b == nil {
		b = []byte{} // a codec may write nothing for a value
	}
	err = core.SetState(ctx, b)
	if se, ok := errors.AsType[*wire.SessionError](err); ok {
		return &lostError{se}
	}
	return publicError(err, true)
}

// A record holds a session's window and its state: see checkStored.
const (
	maxState  = MaxRecord / 4
	maxWindow = MaxRecord / 2
)
