//go:build !js

package link

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// How long to wait before a session is stored again that could not be: at first, and at most.
const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// startKeeping has the session stored, if something has changed that the store has to know. It is called with the lock
// held.
func (l *Server) startKeeping() {
	if !l.keeping && !l.lost && l.s.Unsaved() {
		l.keeping = true
		go l.keep()
	}
}

// keep stores the session until the store knows the newest.
func (l *Server) keep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for wait := firstRetry; l.s.Unsaved() && !l.lost; {
		snapshot, is := l.s.Snapshot(nil), Running
		switch {
		case l.resting:
			is = Resting
		case l.s.IsOver():
			is = Over
		}
		state, set := l.state, l.set
		if l.cfg.Durable {
			state = l.settled
		}
		l.mu.Unlock()
		err := l.host.Keep(snapshot, state, is)
		l.mu.Lock()
		switch {
		case err == nil:
			l.s.Saved()
			l.stored, wait = set, firstRetry
		case errors.Is(err, wire.ErrFenced):
			l.lost = true
			l.s.Fenced()
		default:
			l.pause(wait)
			wait = min(2*wait, lastRetry)
		}
		l.flush()
		l.stirred()
	}
	l.keeping = false
	l.stirred()
}

// pause waits, unless nobody waits for the store any more.
func (l *Server) pause(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	for !l.lost && !l.wait(ctx.Done()) {
	}
}

// Kept waits until the store knows the newest, and reports whether it does. If that takes too long the session is never
// stored again.
func (l *Server) Kept(ctx context.Context) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.cfg.Stored {
		return true
	}
	l.flush()
	return l.kept(ctx)
}

func (l *Server) kept(ctx context.Context) bool {
	for !l.lost && (l.s.Unsaved() || l.keeping) {
		if l.wait(ctx.Done()) {
			l.lost = true
			l.stirred()
		}
	}
	return !l.lost
}

// Abandon ends the session here, where it may not have been: it is never stored again.
func (l *Server) Abandon(reason error) {
	l.mu.Lock()
	l.lost = true
	l.mu.Unlock()
	l.StartClose(reason, wire.CodeTryAgain, "try again")
}

// Touch has the session stored anew, so that the store does not forget it.
func (l *Server) Touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.s.Touch()
	l.flush()
}

// State is what the application has stored beside the session; nil for nothing. It must not be changed.
func (l *Server) State() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// SetState stores the application's state beside the session, and waits until that is done; in a durable session it is
// stored with the message that the application is at.
func (l *Server) SetState(ctx context.Context, state []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why != nil {
		return l.why
	}
	l.state = state
	l.set++
	set := l.set
	switch {
	case !l.cfg.Stored:
		return nil
	case !l.cfg.Durable:
		l.s.Touch()
	case !l.s.Between():
		return nil
	default:
		l.s.Touch()
		l.settle()
	}
	l.flush()
	var done <-chan struct{}
	if ctx != l.base { // while the server shuts down, a handler still saves what the answer goes with
		done = ctx.Done()
	}
	for l.stored < set {
		switch {
		case l.lost:
			return wire.ErrFenced
		case l.why != nil:
			return l.why
		case l.wait(done):
			return ctx.Err()
		}
	}
	return nil
}

// AtMessage tells that the application has taken a message that it is not done with.
func (l *Server) AtMessage() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.AtMessage()
}

// EndedBy is the reason for which the session is over.
func (l *Server) EndedBy() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.EndedBy()
}

// Goaway asks the client to come back on another socket.
func (l *Server) Goaway(g *session.Goaway) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why == nil {
		l.s.Goaway(g)
		l.flush()
	}
}

// Rest stops the session here, so that it can go on in another process: the application has stopped to act for it. Its
// socket is closed with the code when the session is stored, so that a client which comes back finds it. done says that the
// application is done with what it has taken. It returns false when the session is over already, or could not be stored
// within the close timeout; then it ends here.
func (l *Server) Rest(code int, reason string, done bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.CloseTimeout)
	defer cancel()
	l.mu.Lock()
	if l.why != nil {
		l.mu.Unlock()
		return false
	}
	if done && !l.cfg.ByHand {
		l.worked()
	}
	l.leaving, l.resting = true, true
	s := l.sock
	l.s.Rest(time.Now(), code, reason)
	l.flush() // what is done is acknowledged
	l.sock, l.last, l.why = nil, s, wire.ErrClosed
	l.stirred()
	kept := l.kept(ctx)
	l.mu.Unlock()
	if s != nil {
		defer context.AfterFunc(ctx, func() { s.Abort(wire.ErrClosed) })()
		_ = s.Close(code, reason)
	}
	return kept
}
