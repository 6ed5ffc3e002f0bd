package live

import (
	"context"
	"errors"
	"sync"

	"github.com/tandem-ws/tandem"
)

// receiver is where messages go.
type receiver interface {
	// epoch is what pump is to be given; another one after the messages that wait were dropped.
	epoch() int
	// pump takes what comes from l, behind a Break if there is one, until that ends, and tells why it did. When the session
	// was replaced by another one, it calls gapped.
	pump(l *link, epoch int, brk *Break, gapped func(*fresh)) error
	// causeOf is the cause of a Break: with what was not delivered, where a session was replaced.
	causeOf(cause error, last *link) error
	// finish has receivers told that nothing more comes, after the messages that wait and those that come until read is
	// closed, or in place of them.
	finish(why error, drop bool, read <-chan struct{})
	// again takes that back.
	again()
}

// inbox is where received messages wait for a receiver, with the breaks between conversations at their places.
type inbox[Recv, Send any] struct {
	max int

	mu    sync.Mutex // guards the rest
	items []item[Recv]
	era   int             // counts droppings
	why   error           // nothing more comes, and why; else nil
	read  <-chan struct{} // closed when that is so; nil: now
	wake  chan struct{}   // closed when something has changed; nil while nobody waits
}

type item[Recv any] struct {
	msg Recv
	brk *Break // in place of a message
}

func (in *inbox[Recv, Send]) epoch() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.era
}

func (in *inbox[Recv, Send]) pump(l *link, epoch int, brk *Break, gapped func(*fresh)) error {
	c := l.c.(*tandem.Conn[Recv, Send])
	if brk != nil {
		in.put(epoch, item[Recv]{brk: brk})
	}
	for {
		msg, err := c.Recv(l.word.context())
		came := err == nil
		// In another session messages are counted from 1 again.
		if f := l.word.heard(); f != nil && (!came || c.Session().Number() == 1) {
			l.word.taken()
			if !in.putFresh(epoch, f) {
				return f.gap
			}
			if !came && !isGap[Send](err) {
				continue
			}
		}
		if came {
			in.put(epoch, item[Recv]{msg: msg})
			continue
		}
		if !isGap[Send](err) || isGap[Send](c.Err()) { // the latter: it is over, and no other has taken its place
			return err
		}
		f := newFresh(err)
		gapped(f)
		if !in.putFresh(epoch, f) {
			return err
		}
	}
}

// putFresh puts the Break of a conversation once it has begun. It reports false when it does not.
func (in *inbox[Recv, Send]) putFresh(epoch int, f *fresh) bool {
	if <-f.told; f.generation == 0 {
		return false
	}
	in.put(epoch, item[Recv]{brk: &Break{Generation: f.generation, Cause: f.gap}})
	return true
}

func isGap[Send any](err error) bool {
	_, ok := errors.AsType[*tandem.Gap[Send]](err)
	return ok
}

func (in *inbox[Recv, Send]) causeOf(cause error, last *link) error {
	if cause == nil || last.word == nil || isGap[Send](cause) {
		return cause
	}
	for _, left := range [...]func() error{func() error { return last.why }, last.undelivered} {
		if gap, ok := errors.AsType[*tandem.Gap[Send]](left()); ok && len(gap.Unsent) > 0 {
			return &lossError{cause, gap}
		}
	}
	return cause
}

// put puts something behind what waits, and waits itself until there is room. What comes after its epoch is dropped.
func (in *inbox[Recv, Send]) put(epoch int, i item[Recv]) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.era == epoch && len(in.items) >= in.max {
		in.wait(nil, nil)
	}
	if in.era == epoch {
		in.items = append(in.items, i)
		in.stir()
	}
}

// take gives what comes next, or why nothing does.
func (in *inbox[Recv, Send]) take(ctx context.Context) (item[Recv], error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for {
		if len(in.items) > 0 {
			i := in.items[0]
			in.items[0] = item[Recv]{}
			if in.items = in.items[1:]; len(in.items) == 0 {
				in.items = nil
			}
			in.stir()
			return i, nil
		}
		if in.why != nil && in.read == nil {
			return item[Recv]{}, in.why
		}
		if err := ctx.Err(); err != nil {
			return item[Recv]{}, err
		}
		in.wait(ctx.Done(), in.read)
	}
}

func (in *inbox[Recv, Send]) finish(why error, drop bool, read <-chan struct{}) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.why, in.read = why, read; drop {
		in.items, in.read = nil, nil
		in.era++
	}
	in.stir()
}

func (in *inbox[Recv, Send]) again() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.why, in.read = nil, nil
}

// wait waits for a change. The lock is given up meanwhile.
func (in *inbox[Recv, Send]) wait(done, read <-chan struct{}) {
	if in.wake == nil {
		in.wake = make(chan struct{})
	}
	wake := in.wake
	in.mu.Unlock()
	select {
	case <-wake:
		read = nil
	case <-done:
		read = nil
	case <-read:
	}
	in.mu.Lock()
	if read != nil && in.read == read {
		in.read = nil
	}
}

func (in *inbox[Recv, Send]) stir() {
	if in.wake != nil {
		close(in.wake)
		in.wake = nil
	}
}
