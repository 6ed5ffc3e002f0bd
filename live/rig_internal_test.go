package live

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// rig is a machine whose connections and receiver are the test's, so that it runs wherever Go does.
type rig struct {
	t     *testing.T
	m     *machine
	scope *signals.Scope
	in    *log
	seen  []Status

	mu    sync.Mutex // guards the rest
	conns []*pipe
	dial  func(ctx context.Context) error // whether an attempt succeeds; nil: at once
}

// errGone is why a pipe ends by itself.
var errGone = &tandem.CloseError{Code: tandem.CodeRestart}

func newRig(t *testing.T, o *Options) *rig {
	r := &rig{t: t, scope: signals.NewScope(signals.NewGraph(nil)), in: &log{}}
	r.m = newMachine(r.scope, o, r.in)
	r.m.watch = func(func(kind)) func() { return func() {} } // in a page something may happen by itself
	signals.Effect(r.scope, func(reader *signals.Reader) { r.seen = append(r.seen, r.m.status.Get(reader)) })
	r.m.same = func(a, b any) bool { return a == b }
	r.m.dial = func(ctx context.Context, _ int) (conn, any, error) {
		r.mu.Lock()
		dial := r.dial
		r.mu.Unlock()
		if dial != nil {
			if err := dial(ctx); err != nil {
				return nil, nil, err
			}
		}
		c := newPipe()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.conns = append(r.conns, c)
		return c, "ada", nil
	}
	r.m.start()
	t.Cleanup(func() {
		r.m.post(event{kind: disposed})
		for _, c := range r.made() {
			c.answer()
		}
		synctest.Wait()
	})
	synctest.Wait()
	return r
}

// happen has something happen, and waits until it has.
func (r *rig) happen(e event) {
	r.m.post(e)
	synctest.Wait()
}

// hangOnce has the next attempt take until it is given up.
func (r *rig) hangOnce() {
	r.dials(func(ctx context.Context) error {
		r.dials(nil)
		<-ctx.Done()
		return ctx.Err()
	})
}

// failOnce has the next attempt fail.
func (r *rig) failOnce() {
	r.dials(func(context.Context) error {
		r.dials(nil)
		return errors.New("no route")
	})
}

func (r *rig) dials(f func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dial = f
}

// greets is OnOpen, without the event.
func (r *rig) greets(f hook) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	r.m.hook = f
}

func (r *rig) made() []*pipe {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.conns)
}

// last is the connection that was made last.
func (r *rig) last() *pipe {
	made := r.made()
	return made[len(made)-1]
}

// state tells the state, what will happen by itself, and how many conversations there were.
func (r *rig) state() string {
	s := r.m.status.Peek()
	text := s.State.String()
	for sign, is := range map[string]bool{"*": s.Previous, "+": !s.RetryAt.IsZero(), "-": s.Offline} {
		if is {
			text += sign
		}
	}
	if s.Final() {
		text += "."
	}
	return text + " " + strconv.Itoa(s.Generation)
}

// pipe is a connection on which text comes.
type pipe struct {
	in    chan string
	close sync.Once
	done  chan struct{} // closed when nothing more comes
	why   error
	slow  chan struct{} // not nil: whoever reads it waits for that in the end

	mu   sync.Mutex
	hang chan struct{} // not nil: Close waits for that
}

func newPipe() *pipe { return &pipe{in: make(chan string), done: make(chan struct{})} }

func (p *pipe) end(why error) {
	p.close.Do(func() {
		p.why = why
		close(p.done)
	})
}

func (p *pipe) Close(tandem.Code, string) error {
	p.end(tandem.ErrClosed)
	p.mu.Lock()
	hang := p.hang
	p.mu.Unlock()
	if hang != nil {
		<-hang
	}
	return nil
}

// hangs has Close wait.
func (p *pipe) hangs() *pipe {
	p.hang = make(chan struct{})
	return p
}

// answer has the peer answer the Close frame.
func (p *pipe) answer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hang != nil {
		close(p.hang)
		p.hang = nil
	}
}

func (p *pipe) CloseNow()                { p.end(tandem.ErrClosed) }
func (p *pipe) Session() *tandem.Session { return nil }
func (p *pipe) Err() error {
	select {
	case <-p.done:
		return p.why
	default:
		return nil
	}
}

// log is a receiver that keeps everything.
type log struct {
	mu    sync.Mutex
	lines []string
	era   int
	why   error
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, ", ")
}

func (l *log) epoch() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.era
}

func (l *log) pump(k *link, _ int, brk *Break, _ func(*fresh)) error {
	if brk != nil {
		l.add(brk.Error())
	}
	p := k.c.(*pipe)
	if p.slow != nil {
		defer func() {
			<-p.slow
			l.add("the last of a slow one")
		}()
	}
	for {
		select {
		case msg := <-p.in:
			l.add(msg)
		case <-p.done:
			return p.why
		}
	}
}

func (l *log) causeOf(cause error, _ *link) error { return cause }

func (l *log) finish(why error, drop bool, _ <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why = why; drop {
		l.era++
	}
}

func (l *log) again() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.why = nil
}
