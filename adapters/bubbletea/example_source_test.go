package teaws_test

import (
	"context"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"

	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/signals"
)

// echo is a source that receives what was sent. Programs have a *live.Socket in its place.
type echo struct {
	messages chan string
	status   *signals.Signal[string]
}

func (e echo) Status() signals.Readable[string] { return e.status }

func (e echo) Recv(ctx context.Context) (string, error) {
	select {
	case msg, ok := <-e.messages:
		if !ok {
			return "", io.EOF
		}
		return msg, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (e echo) Post(msg string) <-chan error {
	done := make(chan error, 1)
	if e.messages <- msg; msg == "bye" {
		close(e.messages)
	}
	done <- nil
	return done
}

// chat says hello and bye, and leaves when the conversation has ended.
type chat struct {
	sock *teaws.Socket[string, string, string]
}

func (c chat) Init() tea.Cmd { return c.sock.Listen() }

func (c chat) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case teaws.Status[string]:
		fmt.Println("status:", msg.Status)
		_, hello := c.sock.Send("hello")
		_, bye := c.sock.Send("bye")
		return c, tea.Batch(msg.Next(), hello, bye)
	case teaws.Batch[string]:
		for _, text := range msg.Msgs {
			fmt.Println("received:", text)
		}
		if msg.Err != nil {
			fmt.Println("ended:", msg.Err)
			return c, tea.Quit
		}
		return c, msg.Next()
	}
	return c, nil
}

func (c chat) View() tea.View { return tea.NewView("") }

func ExampleSource() {
	scope := signals.NewScope(signals.NewGraph(nil))
	defer scope.Dispose()
	source := echo{make(chan string, 2), signals.New(scope.Graph(), "open")}
	program := tea.NewProgram(chat{teaws.New(scope, source, nil)}, tea.WithInput(nil), tea.WithOutput(io.Discard))
	if _, err := program.Run(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// status: open
	// received: hello
	// received: bye
	// ended: EOF
}
