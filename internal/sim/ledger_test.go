package sim_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/tandemtest"
)

// ledger is what the servers have taken and sent. It outlives them.
type ledger struct {
	w *world

	mu     sync.Mutex
	taken  map[int]map[int]*tandemtest.Node // client, number: the node that took it last
	last   map[line]int                     // the highest number taken
	number int                              // of the last note sent
	sent   map[int]*sending                 // by number
}

// line is what has an order: a session. A client has one after the other, so that all its notes are in order, unless
// somebody has stolen one and keeps it alive beside the next.
type line struct {
	client int
	sid    string // "" while nothing is stolen
}

// sending is a note that a server has sent.
type sending struct {
	sid   string
	got   bool // its client has it
	told  bool // its sender was told that it is not acknowledged
	maybe bool // but may have arrived
}

func newLedger(w *world) *ledger {
	return &ledger{w: w, taken: map[int]map[int]*tandemtest.Node{}, last: map[line]int{}, sent: map[int]*sending{}}
}

// take notes that a handler on a node has a client's note.
func (l *ledger) take(n *tandemtest.Node, sid string, m note) {
	in := []line{{m.Client, sid}, {m.Client, ""}}
	if l.w.stolen() {
		in = in[:1]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !n.Alive() { // a process that is dead takes nothing
		return
	}
	if l.taken[m.Client] == nil {
		l.taken[m.Client] = map[int]*tandemtest.Node{}
	}
	before := l.taken[m.Client][m.Number]
	switch again := before != nil && l.w.policy.Durable && !before.Alive(); {
	case again: // the one who took it is dead, and had not settled it
	case before != nil:
		l.w.failf("client %d: %d was taken twice", m.Client, m.Number)
	case m.Number < l.last[in[len(in)-1]]:
		l.w.failf("client %d: %d was taken after %d", m.Client, m.Number, l.last[in[len(in)-1]])
	default:
		l.w.count(&l.w.taken, 1)
	}
	l.taken[m.Client][m.Number] = n
	for _, o := range in {
		l.last[o] = max(l.last[o], m.Number)
	}
}

// send gives a server's note its number, and notes that it was sent.
func (l *ledger) send(ctx context.Context, n *tandemtest.Node, c *tandem.Conn[note, note], m note) error {
	l.mu.Lock()
	l.number++
	m.Number = l.number
	l.sent[m.Number] = &sending{sid: c.Session().ID()}
	l.mu.Unlock()
	err := c.Send(ctx, m)
	if err != nil {
		l.mu.Lock()
		delete(l.sent, m.Number)
		l.mu.Unlock()
		l.tell(err)
	}
	return err
}

// got notes that a client has received a server's note.
func (l *ledger) got(m note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sent[m.Number]
	switch {
	case s == nil:
		l.w.failf("note %d of a server came, and Send had said that it was not sent", m.Number)
	case s.got:
		l.w.failf("note %d of a server came twice", m.Number)
	default:
		s.got = true
	}
}

// tell notes what a handler was told of its notes.
func (l *ledger) tell(err error) {
	gap, ok := errors.AsType[*tandem.Gap[note]](err)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range gap.Unsent {
		if s := l.sent[u.Message.Number]; s != nil {
			s.told, s.maybe = true, u.Maybe
		}
	}
}

// check compares what the servers sent with what clients got and handlers were told. A handler whose process has died
// can be told nothing.
func (l *ledger) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, s := range l.sent {
		switch {
		case s.got && s.told && !s.maybe:
			l.w.failf("note %d of a server: told as certainly not delivered, and it was", n)
		case !s.got && !s.told && l.w.kills == 0 && l.w.thefts == 0:
			l.w.failf("note %d of a server, session %s, is lost, and nobody was told", n, s.sid)
		}
		if s.got {
			l.w.got++
		}
	}
}

// progress is the state of a session: what its client's notes have come to.
type progress struct{ Last, Notes int }

// handler answers some notes, and pushes some of its own.
func (w *world) handler(n *tandemtest.Node) func(context.Context, struct{}, *clientConn) error {
	return func(ctx context.Context, _ struct{}, c *clientConn) (err error) {
		r := w.fork(uint64(time.Since(w.began)) | 1<<63)
		if gap := c.Gap(); gap != nil {
			w.ledger.tell(gap)
		}
		st := tandem.StateOf[progress](c.Session())
		p, _, err := st.Load()
		if err != nil {
			w.failf("state: %v", err)
			return err
		}
		stateful := w.store != nil && (w.policy.Durable || r.IntN(4) == 0)
		var pushing sync.WaitGroup
		defer func() {
			pushing.Wait()
			w.ledger.tell(err)
			if w.store == nil || context.Cause(ctx) != tandem.ErrShutdown { // else another process goes on
				w.ledger.tell(c.Close(tandem.CodeRestart, ""))
			}
			w.ledger.tell(c.Err())
		}()
		if !w.policy.Durable { // there a push in the middle of a note would be part of it
			pushing.Go(func() {
				for range r.IntN(20) {
					select {
					case <-time.After(time.Duration(1 + r.Int64N(int64(20*time.Second)))):
					case <-ctx.Done():
						return
					}
					if w.ledger.send(ctx, n, c, note{Push: true, Text: "push"}) != nil {
						return
					}
				}
			})
		}
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			w.ledger.take(n, c.Session().ID(), m)
			if stateful {
				if n.Alive() && m.Number <= p.Last {
					w.failf("client %d: %d again, in a state that has seen %d", m.Client, m.Number, p.Last)
				}
				p.Last, p.Notes = m.Number, p.Notes+1
				if err := st.Save(ctx, p); err != nil {
					return err
				}
			}
			if m.Number%3 == 0 {
				pass(time.Duration(m.Number%5) * 100 * time.Millisecond)
			}
			if m.Number%2 == 0 {
				if err := w.ledger.send(ctx, n, c, note{Client: m.Client, Text: m.Text}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
