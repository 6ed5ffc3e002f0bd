// Package process runs a program in another language as a peer: it is told lines of JSON, and says such lines.
package process

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
)

// Process is a program at work. Event is what it says.
type Process[Event any] struct {
	cmd      *exec.Cmd
	patience time.Duration
	stdin    *json.Encoder
	events   chan Event // closed when its output has ended
}

// Start starts a program, which has patience for each answer and for its end. It ends with the test, at the end of its input.
func Start[Event any](t *testing.T, cmd *exec.Cmd, patience time.Duration) *Process[Event] {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	assert.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	assert.NoError(t, err)
	assert.NoError(t, cmd.Start())
	p := &Process[Event]{cmd: cmd, patience: patience, stdin: json.NewEncoder(stdin), events: make(chan Event, 1024)}
	go func() {
		defer close(p.events)
		for out := json.NewDecoder(bufio.NewReader(stdout)); ; {
			var e Event
			if out.Decode(&e) != nil {
				return
			}
			p.events <- e
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close() // upon which it exits
		hung := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		for range p.events { // until its output ends
		}
		_ = cmd.Wait() // how it has ended is its own affair
		hung.Stop()
	})
	return p
}

// Tell tells it something.
func (p *Process[Event]) Tell(t *testing.T, what any) {
	t.Helper()
	assert.NoError(t, p.stdin.Encode(what))
}

// Next waits for what it says next.
func (p *Process[Event]) Next(t *testing.T) Event {
	t.Helper()
	select {
	case e, ok := <-p.events:
		if !ok {
			t.Fatal("the peer has ended")
		}
		return e
	case <-time.After(p.patience):
		t.Fatal("the peer says nothing")
	}
	panic("unreachable")
}

// Kill ends it without any notice.
func (p *Process[Event]) Kill(t *testing.T) {
	t.Helper()
	assert.NoError(t, p.cmd.Process.Kill())
}
