//go:build !js

package session

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// point is a state of the application: what it has taken and what it has sent by then belong together.
type point struct{ taken, last uint64 }

// keeping is what a server's end knows about its record in a store.
type keeping struct {
	changes uint64 // what a record has to tell has changed so many times
	writing uint64 // so many of these are in the last snapshot
	saved   uint64 // and so many in the store
	gate    uint64 // nothing goes out before so many are
	settled point  // the last one that the application has declared
	written point  // the one in the last snapshot
	doubt   uint64 // a process that died may have taken up to here; what it took above the record nobody knows
	resting bool   // another process may go on
}

// changed notes that the record is no longer true. gate says that nothing may go out until it is.
func (s *Server) changed(gate bool) {
	s.keeping.changes++
	if gate {
		s.keeping.gate = s.keeping.changes
	}
}

// Touch notes that something beside the session has changed that is stored with it.
func (s *Server) Touch() { s.changed(false) }

// AtMessage tells that the application has taken a message that it is not done with.
func (s *Server) AtMessage() bool { return s.in.done != s.in.taken }

// EndedBy is what a client that comes back to a session which is over is told.
func (s *Server) EndedBy() string { return s.endedBy }

// Forsake ends a session that nobody has come back to, whatever the clock says.
func (s *Server) Forsake() {
	if !s.over {
		s.finish(WhyExpired, 0)
	}
}

// Between tells that the application is between two messages, as far as Settle knows: what it sends now follows from
// nothing that it has taken since.
func (s *Server) Between() bool { return s.in.taken == s.keeping.settled.taken }

// Unsaved tells that the store does not know the newest of what has to be in it. Then take a Snapshot, store it, and
// say Saved. Without a store it means nothing.
func (s *Server) Unsaved() bool { return s.keeping.saved != s.keeping.changes }

// Saved says that the last snapshot is in the store, in place of all earlier ones.
func (s *Server) Saved() {
	k := &s.keeping
	k.saved = k.writing
	if !s.cfg.Durable || s.over {
		return
	}
	s.out.firm, s.in.firm = k.written.last, k.written.taken
	s.ack = s.ack || s.open && s.in.firm != s.in.acked // a write costs more than an ack
}

// Settle says that the application is done with what it has taken, and has sent what follows from it: from this state
// it could go on in another process. A snapshot of a durable session is of the last such state, so it is stored together
// with the application's own. Only then are the messages sent up to here put on a socket, and what was taken up to here
// is acknowledged. An application that fills the window in between waits for itself.
func (s *Server) Settle() {
	now := point{taken: s.in.taken, last: s.out.last}
	if s.cfg.Durable && !s.over && now != s.keeping.settled {
		s.keeping.settled = now
		s.changed(false)
	}
}

// skipped settles numbers that no application takes, if there is nothing in front of them.
func (s *Server) skipped(before uint64) {
	if s.cfg.Durable && s.in.taken != before && s.keeping.settled.taken == before {
		s.keeping.settled.taken = s.in.taken
		s.changed(false)
	}
}

// Stopping lets the application send up to twice the window: before Rest it is to finish the message it is at, also when
// its client is away, or takes nothing just now. What is beyond the window waits for acknowledgements, in the next process.
func (s *Server) Stopping() { s.out.double = true }

// Rest stops the session here, so that it can go on in another process: nothing is taken or sent any more, and the
// socket is closed with the code, one after which the client comes back. The next Snapshot resumes exactly; the process
// must have stopped to act for the session by then. A durable session goes back to what is settled. The application is
// told nothing. IsOver is true from here on.
func (s *Server) Rest(now time.Time, code int, reason string) {
	if s.over {
		return
	}
	if s.keeping.saved < s.keeping.gate {
		s.ctl.clear()
	}
	s.lastAck()
	s.shut(code, reason)
	if s.sock != 0 {
		s.since = now
	}
	s.sock, s.open, s.over = 0, false, true
	s.keeping.resting = true
	s.endedBy = WhyUnknown // here
	s.changed(false)
}

// Fenced says that another process has the session: the store refused a snapshot because somebody else has written. The
// session is over here, and its record is no longer ours to write.
func (s *Server) Fenced() {
	if s.over {
		return
	}
	if s.keeping.saved == 0 { // the session was never here: its client is to look for it elsewhere
		s.shut(wire.CodeTryAgain, "another server has the session")
	} else {
		s.shut(wire.CodeTakenOver, "taken over")
	}
	s.detach()
	s.out.high = max(s.out.high, s.keeping.written.last) // the other one may send them
	s.end.finish(WhyTakenOver, wire.CodeTakenOver)
	s.endedBy = WhyUnknown
}
