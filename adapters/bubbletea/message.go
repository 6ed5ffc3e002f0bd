package teaws

import tea "charm.land/bubbletea/v2"

// ID tells sockets apart: messages have that of theirs.
type ID uint64

// Batch is what a socket has received: at least a message or an error.
type Batch[Recv any] struct {
	// Socket is whose messages these are.
	Socket ID
	// Msgs are the messages, in order, all of one conversation.
	Msgs []Recv
	// Err is what Recv of the socket has returned behind them, else nil. With a *live.Break what follows belongs to another
	// conversation. Anything else is final: nothing follows until the socket is connected again, of which Status tells.
	Err error

	next func() tea.Msg
}

// Next is the command that waits for what follows.
func (b Batch[Recv]) Next() tea.Cmd { return b.next }

// Status is how a socket is. It comes first of all, and whenever that has changed; of changes that follow each other faster
// than Update looks at them, the last one comes.
type Status[S any] struct {
	// Socket is whose status this is.
	Socket ID
	// Status is that of the socket, a live.Status.
	Status S

	next func() tea.Msg
}

// Next is the command that waits for what follows.
func (s Status[S]) Next() tea.Cmd { return s.next }

// Sent is what has become of a message that was sent. There is nothing to wait for behind it.
type Sent struct {
	// Socket is who has sent it.
	Socket ID
	// ID is what Send has returned.
	ID uint64
	// Err is why nothing of it was sent, as Post of the socket tells; nil when it was sent.
	Err error
}
