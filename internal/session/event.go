package session

// Socket numbers the sockets of one session, from 1; 0 is none. What comes from another than the current one counts
// for nothing.
type Socket uint32

// EventKind is what an event tells.
type EventKind uint8

// The events. All but Shut are for the application, in order with the deliveries.
const (
	// Opened: the client has a new session. SID is its name.
	Opened EventKind = iota + 1
	// Resumed: the session goes on, on another socket.
	Resumed
	// Gap: the client's session could not be resumed, and another one has begun. Why and Unsent tell of the old one.
	Gap
	// Over: the session has ended for good. Why and Unsent tell.
	Over
	// Shut: close the socket Socket, with Code and Reason; with code 0 drop it without a Close frame.
	Shut
	// GoingAway: the server asks for another socket. Goaway tells when.
	GoingAway
	// Asked: a client shows a new credential. Auth has it; answer with Server.Answer.
	Asked
	// Answered: the server's verdict on a credential. Auth has it.
	Answered
)

var eventNames = [...]string{"", "opened", "resumed", "gap", "over", "shut", "goaway", "asked", "answered"}

// String gives the event's name in the vectors.
func (k EventKind) String() string { return eventNames[k] }

// Event is something that a frame, a call or the time has brought about.
type Event struct {
	Kind   EventKind
	SID    string
	Why    string
	Unsent []Unsent
	Socket Socket
	Code   int
	Reason string
	Goaway *Goaway
	Auth   *Auth
}

// Reasons why a session is over or was not resumed: spec/session.md, section 5.
const (
	WhyExpired     = "expired"
	WhyEnded       = "ended"
	WhyUnconfirmed = "unconfirmed"
	WhyUnknown     = "unknown"
	WhyDenied      = "denied"
	WhyEpoch       = "epoch"
	WhyGap         = "gap"
	WhyCrashed     = "crashed"
	WhyCodec       = "codec"
	WhySchema      = "schema"
	WhyViolation   = "violation"
	WhyClosed      = "closed"
	WhyTakenOver   = "taken over"
	WhyGaveUp      = "gave up"
)

// queue is a short list of things to hand out in order. Its memory is used again.
type queue[T any] struct {
	list []T
	head int
}

func (q *queue[T]) push(v T) { q.list = append(q.list, v) }

func (q *queue[T]) pop() (v T, ok bool) {
	if q.head == len(q.list) {
		return v, false
	}
	v = q.list[q.head]
	var none T
	q.list[q.head] = none
	if q.head++; q.head == len(q.list) {
		q.list, q.head = q.list[:0], 0
	}
	return v, true
}

// trim lets go of the memory of an empty queue.
func (q *queue[T]) trim() {
	if len(q.list) == 0 {
		q.list = nil
	}
}

func (q *queue[T]) clear() {
	clear(q.list)
	q.list, q.head = q.list[:0], 0
}
