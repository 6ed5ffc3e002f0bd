package live

import (
	"context"
	"errors"
	"sync"

	"github.com/tandem-ws/tandem"
)

// inbox is where received messages wait for a receiver, with the breaks between conversations at their places.
type inbox[Recv, Send any] struct {
	max int

	mu    sync.Mutex
	items []item[Recv]
	era   int           // counts droppings
	why   error         // nothing more comes, and why; else nil
	wake  chan struct{} // closed when something has changed; nil while nobody waits
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

func (in *inbox[Recv, Send]) pump(c conn, epoch, generation int, cause error, gap func(error) int) error {
	typed := c.(*tandem.Conn[Recv, Send])
	if generation > 1 {
		in.put(epoch, item[Recv]{brk: &Break{Generation: generation, Cause: cause}})
	}
	for {
		msg, err := typed.Recv(context.Background())
		if _, isGap := errors.AsType[*tandem.Gap[Send]](err); isGap && c.Err() == nil {
			in.put(epoch, item[Recv]{brk: &Break{Generation: gap(err), Cause: err}})
			continue
		}
		if err != nil {
			return err
		}
		in.put(epoch, item[Recv]{msg: msg})
	}
}

// put puts something behind what waits, and waits itself until there is room. What comes after its epoch is dropped.
func (in *inbox[Recv, Send]) put(epoch int, i item[Recv]) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.era == epoch && len(in.items) >= in.max {
		in.wait(nil)
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
		if in.why != nil {
			return item[Recv]{}, in.why
		}
		if err := ctx.Err(); err != nil {
			return item[Recv]{}, err
		}
		in.wait(ctx.Done())
	}
}

func (in *inbox[Recv, Send]) finish(why error, drop bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.why = why; drop {
		in.items = nil
		in.era++
	}
	in.stir()
}

func (in *inbox[Recv, Send]) again() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.why = nil
}

// wait waits for a change. The lock is given up meanwhile.
func (in *inbox[Recv, Send]) wait(done <-chan struct{}) {
	if in.wake == nil {
		in.wake = make(chan struct{})
	}
	wake := in.wake
	in.mu.Unlock()
	defer in.mu.Lock()
	select {
	case <-wake:
	case <-done:
	}
}

func (in *inbox[Recv, Send]) stir() {
	if in.wake != nil {
		close(in.wake)
		in.wake = nil
	}
}
