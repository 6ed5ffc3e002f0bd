package teaws_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"github.com/tandem-ws/tandem"
	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
)

const many = 100_000

// counts has the server count.
var counts = &tandem.Endpoint[struct{}, int, int]{Path: "/count", Codec: json.Codec}

func count(ctx context.Context, _ struct{}, c *tandem.Conn[int, int]) error {
	for i := range many {
		if err := c.Send(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// listener is a program with several sockets, which quits when all of them have ended.
type listener struct {
	t       *testing.T
	socks   []*teaws.Socket[int, int, error]
	next    map[teaws.ID]int
	batches map[teaws.ID]int
	ended   map[teaws.ID]int
	views   int
}

func (l *listener) Init() tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range l.socks {
		cmds = append(cmds, s.Listen())
	}
	return tea.Batch(cmds...)
}

func (l *listener) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case teaws.Status[error]:
		return l, msg.Next()
	case teaws.Batch[int]:
		l.batches[msg.Socket]++
		for _, n := range msg.Msgs {
			if n != l.next[msg.Socket] {
				l.t.Errorf("%d after %d", n, l.next[msg.Socket]-1)
				return l, tea.Quit
			}
			l.next[msg.Socket]++
		}
		if msg.Err != nil {
			assert.ErrorIs(l.t, msg.Err, io.EOF)
			if l.ended[msg.Socket]++; len(l.ended) == len(l.socks) {
				return l, tea.Quit
			}
		}
		return l, tea.Batch(msg.Next(), msg.Next()) // one of them does nothing
	}
	return l, nil
}

func (l *listener) View() tea.View {
	l.views++
	return tea.NewView(fmt.Sprint(l.next))
}

// Messages of several sockets arrive all and in order, in as few batches as there is need for.
func TestSocket_manyMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope := signals.NewScope(signals.NewGraph(nil))
		defer scope.Dispose()
		l := &listener{t: t, next: map[teaws.ID]int{}, batches: map[teaws.ID]int{}, ended: map[teaws.ID]int{}}
		for range 2 {
			conn := tandemtest.Connect(t, counts, count, struct{}{}, nil)
			l.socks = append(l.socks, teaws.New(scope, plain{conn, signals.NewFunc[error](scope.Graph(), nil, nil)}, nil))
		}
		_, err := program(l).Run()
		assert.NoError(t, err)
		for _, s := range l.socks {
			assert.Equal(t, l.next[s.ID()], many)
			assert.Equal(t, l.ended[s.ID()], 1)
			// A batch is not always full: what comes after the frame is in the next.
			assert.True(t, l.batches[s.ID()] >= many/256 && l.batches[s.ID()] < many/256+20, l.batches[s.ID()])
		}
		assert.True(t, l.views < 1000, l.views)
		t.Logf("%d messages: batches %v, calls of View %d", 2*many, l.batches, l.views)
	})
}

// BenchmarkSocket has messages come from a source that has them at once: what the adapter costs beside it.
func BenchmarkSocket(b *testing.B) {
	scope := signals.NewScope(signals.NewGraph(nil))
	defer scope.Dispose()
	sock := teaws.New(scope, flood{signals.New(scope.Graph(), 0)}, &teaws.Options{Frame: -1})
	msg := sock.Listen()()
	got := 0
	b.ReportAllocs()
	for b.Loop() {
		if got > 0 {
			got--
			continue
		}
		switch m := msg.(type) {
		case teaws.Status[int]:
			msg = m.Next()()
		case teaws.Batch[int]:
			got = len(m.Msgs) - 1
			msg = m.Next()()
		}
	}
}

// flood is a source without end.
type flood struct{ status *signals.Signal[int] }

func (f flood) Status() signals.Readable[int]         { return f.status }
func (f flood) Recv(ctx context.Context) (int, error) { return 1, ctx.Err() }
func (f flood) Post(int) <-chan error                 { return nil }
