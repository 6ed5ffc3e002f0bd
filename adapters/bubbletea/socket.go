package teaws

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/tandem-ws/tandem/signals"
)

// Source is what a [Socket] stands on: a *live.Socket, which is where these methods are described. S is live.Status then.
//
// An error that Recv returns twice in a row is taken to be final: Recv is called again when the status has changed. The same
// error is the same value, or one of the same type and text while the status stays as it is.
type Source[Recv, Send, S any] interface {
	Recv(ctx context.Context) (Recv, error)
	Post(msg Send) <-chan error
	Status() signals.Readable[S]
}

// Options are a Socket's. A nil *Options means the defaults.
type Options struct {
	// Max is how many messages are in a [Batch] at most. Default 256.
	Max int

	// Frame is the time between two of them at least, so that a program that cannot keep up with what comes has time to draw:
	// 256 messages in a 60th of a second are 15 000 in a second. Negative is none. Default 1/60 s, the time between two
	// pictures of Bubble Tea's.
	Frame time.Duration
}

const defaultMax = 256

// Socket gives Update what a socket receives. It is made by [New].
type Socket[Recv, Send, S any] struct {
	id    ID
	src   Source[Recv, Send, S]
	max   int
	frame time.Duration
	life  context.Context // until the scope is disposed
	turn  turn
	sent  atomic.Uint64

	news chan struct{} // there is something for Update
	room chan struct{} // something was taken away

	mu      sync.Mutex
	msgs    []Recv    // wait for Update
	err     error     // behind them; nothing is put behind it
	status  S         // the last one
	changes uint64    // how many there were
	unshown bool      // and Update has not got it
	gave    time.Time // when the last batch was given away

	moved chan struct{} // the status has changed; for the pump
}

var sockets atomic.Uint64

// New makes a Socket of a *live.Socket, which it is to have for itself: messages that others receive do not come. It begins to
// receive at once, and ends when the scope is disposed.
func New[Recv, Send, S any](s *signals.Scope, ws Source[Recv, Send, S], o *Options) *Socket[Recv, Send, S] {
	life, end := context.WithCancel(context.Background())
	sock := &Socket[Recv, Send, S]{
		id: ID(sockets.Add(1)), src: ws, max: defaultMax, frame: frame, life: life,
		news: make(chan struct{}, 1), room: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
	if o != nil && o.Max > 0 {
		sock.max = o.Max
	}
	if o != nil && o.Frame != 0 {
		sock.frame = o.Frame
	}
	signals.Effect(s, func(r *signals.Reader) { sock.note(ws.Status().Get(r)) })
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		sock.pump()
	}()
	s.OnCleanup(func() {
		end()
		<-pumped
	})
	return sock
}

// ID is what the messages of this socket have as theirs.
func (s *Socket[Recv, Send, S]) ID() ID { return s.id }

// Listen is the command that waits for the first message, for Init. When it was run before, it does nothing.
func (s *Socket[Recv, Send, S]) Listen() tea.Cmd { return s.after(0) }

// Send sends a message behind those that were sent before. It does not wait, and does not depend on the command being run:
// that waits until the message is sent, also over several attempts to connect, and tells in a [Sent] with the same id.
func (s *Socket[Recv, Send, S]) Send(msg Send) (id uint64, cmd tea.Cmd) {
	id = s.sent.Add(1)
	done := s.src.Post(msg)
	return id, func() tea.Msg { return Sent{Socket: s.id, ID: id, Err: <-done} }
}

// after is the command that waits for what follows message n.
func (s *Socket[Recv, Send, S]) after(n uint64) tea.Cmd {
	return func() tea.Msg {
		if !s.turn.take(n) {
			return nil
		}
		return s.wait()
	}
}

// wait waits for something for Update, as long as it has the turn; nil when nothing comes any more.
func (s *Socket[Recv, Send, S]) wait() tea.Msg {
	for {
		msg, early := s.take()
		if msg != nil {
			return msg
		}
		var due <-chan time.Time
		if early > 0 {
			timer := time.NewTimer(early)
			defer timer.Stop() // there are few: a status comes between two frames, or a message
			due = timer.C
		}
		select {
		case <-s.news:
		case <-due:
		case <-s.life.Done():
			return nil
		}
	}
}

// take gives what there is for Update, or how much too early it is for that; 0 if there is nothing.
func (s *Socket[Recv, Send, S]) take() (msg tea.Msg, early time.Duration) {
	if s.life.Err() != nil {
		return nil, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unshown {
		s.unshown = false
		return Status[S]{Socket: s.id, Status: s.status, next: s.after(s.turn.pass())}, 0
	}
	if len(s.msgs) == 0 && s.err == nil {
		return nil, 0
	}
	now := time.Now()
	if early = s.gave.Add(s.frame).Sub(now); early > 0 {
		return nil, early
	}
	batch := Batch[Recv]{Socket: s.id, Msgs: s.msgs, Err: s.err, next: s.after(s.turn.pass())}
	s.msgs, s.err, s.gave = nil, nil, now
	wake(s.room)
	return batch, 0
}

// note notes the status. It is called by an effect.
func (s *Socket[Recv, Send, S]) note(status S) {
	s.mu.Lock()
	s.status, s.unshown = status, true
	s.changes++
	s.mu.Unlock()
	wake(s.news)
	wake(s.moved)
}

// pump receives until the scope is disposed.
func (s *Socket[Recv, Send, S]) pump() {
	var last error
	var seen uint64 // changes of the status until then
	for {
		msg, err := s.src.Recv(s.life)
		if s.life.Err() != nil {
			return
		}
		s.mu.Lock()
		changes := s.changes
		s.mu.Unlock()
		if err != nil && last != nil && (identical(err, last) || changes == seen && alike(err, last)) {
			select {
			case <-s.moved:
			case <-s.life.Done():
				return
			}
			continue
		}
		if last, seen = err, changes; !s.put(msg, err) {
			return
		}
	}
}

// identical compares errors by identity, and where they have none as alike does.
func identical(a, b error) bool {
	if reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() {
		return a == b
	}
	return alike(a, b)
}

func alike(a, b error) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) && a.Error() == b.Error() }

// put puts a message or an error behind what waits for Update, when there is room. It reports false at the end of life.
func (s *Socket[Recv, Send, S]) put(msg Recv, err error) bool {
	for {
		s.mu.Lock()
		if s.err == nil && (len(s.msgs) < s.max || err != nil) {
			if s.err = err; err == nil {
				s.msgs = append(s.msgs, msg)
			}
			s.mu.Unlock()
			wake(s.news)
			return true
		}
		s.mu.Unlock()
		select {
		case <-s.room:
		case <-s.life.Done():
			return false
		}
	}
}
