package teaws_test

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestMain(m *testing.M) {
	// Programs ask for signals; the goroutine that the first to ask starts must not belong to a bubble of synctest.
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
	goleak.VerifyTestMain(m)
}

type (
	socket = teaws.Socket[string, string, string]
	batch  = teaws.Batch[string]
	status = teaws.Status[string]
)

// script is a source that gives what the test has put into it.
type script struct {
	status *signals.Signal[string]
	wake   chan struct{} // something was put into it
	recvs  atomic.Int64  // how often Recv was called

	mu    sync.Mutex
	items []item
	why   error // what Recv returns when there are no items, unless it is nil
	posts []post
}

type item struct {
	msg string
	err error
}

type post struct {
	msg  string
	done chan error
}

// newScript makes a script and its scope, which ends with the test.
func newScript(t *testing.T) (*signals.Scope, *script) {
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	t.Cleanup(scope.Dispose)
	return scope, &script{status: signals.New(g, "connecting"), wake: make(chan struct{}, 1)}
}

func (s *script) Status() signals.Readable[string] { return s.status }

func (s *script) Recv(ctx context.Context) (string, error) {
	s.recvs.Add(1)
	for {
		s.mu.Lock()
		switch {
		case len(s.items) > 0:
			i := s.items[0]
			s.items = s.items[1:]
			s.mu.Unlock()
			return i.msg, i.err
		case s.why != nil:
			defer s.mu.Unlock()
			return "", s.why
		}
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (s *script) Post(msg string) <-chan error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, post{msg, make(chan error, 1)})
	return s.posts[len(s.posts)-1].done
}

// say has messages received.
func (s *script) say(msgs ...string) {
	for _, msg := range msgs {
		s.add(item{msg: msg})
	}
}

// fail has Recv return an error once.
func (s *script) fail(err error) { s.add(item{err: err}) }

func (s *script) add(i item) {
	s.mu.Lock()
	s.items = append(s.items, i)
	s.mu.Unlock()
	s.stir()
}

// end has Recv return an error from now on, when there are no more messages; nil ends that.
func (s *script) end(why error) {
	s.mu.Lock()
	s.why = why
	s.mu.Unlock()
	s.stir()
}

func (s *script) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run runs a command as Bubble Tea does.
func run(cmd tea.Cmd) <-chan tea.Msg {
	c := make(chan tea.Msg, 1)
	go func() { c <- cmd() }()
	return c
}

// as is a message of the type that is expected.
func as[T tea.Msg](t *testing.T, msg tea.Msg) T {
	t.Helper()
	m, ok := msg.(T)
	assert.True(t, ok, "%T: %+v", msg, msg)
	return m
}

// listen waits for the first message, which is the status, and returns the command that waits for the next.
func listen(t *testing.T, s *socket) tea.Cmd {
	t.Helper()
	return as[status](t, <-run(s.Listen())).Next()
}

// plain is a connection without anything that brings it back, and a status that nobody changes.
type plain struct {
	*tandem.Conn[int, int]
	status *signals.Signal[error]
}

func (p plain) Status() signals.Readable[error] { return p.status }

func (p plain) Post(msg int) <-chan error {
	done := make(chan error, 1)
	done <- p.Send(context.Background(), msg)
	return done
}

// program is one that draws to nowhere.
func program(m tea.Model) *tea.Program {
	return tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignals(), tea.WithWindowSize(80, 24))
}
