// Package teaws brings websockets into programs made with Bubble Tea (charm.land/bubbletea/v2): what a *live.Socket of package
// live receives comes to Update in batches, its status as a message, and what Update sends is sent by a command. The package is
// not called after its directory, because a program imports it beside package tea.
//
//	type model struct {
//		sock   *teaws.Socket[string, string, live.Status]
//		loop   *teaws.Loop
//		status live.Status
//		lines  []string
//		err    error
//	}
//
//	func (m model) Init() tea.Cmd { return tea.Batch(m.sock.Listen(), m.loop.Listen()) }
//
//	func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
//		switch msg := msg.(type) {
//		case teaws.Batch[string]:
//			m.lines = append(m.lines, msg.Msgs...)
//			return m, msg.Next()
//		case teaws.Status[live.Status]:
//			m.status = msg.Status
//			return m, msg.Next()
//		case teaws.Effects:
//			return m, msg.Run()
//		case teaws.Sent:
//			m.err = msg.Err
//		case tea.KeyPressMsg:
//			_, cmd := m.sock.Send("hi")
//			return m, cmd
//		}
//		return m, nil
//	}
//
//	func main() {
//		loop := teaws.NewLoop()
//		defer loop.Close()
//		scope := signals.NewScope(signals.NewGraph(&signals.Options{Scheduler: loop.Schedule}))
//		defer scope.Dispose()
//		ws := live.Use(scope, api.Shout, nil, &live.Options{Base: base})
//		m := model{sock: teaws.New(scope, ws, nil), loop: loop}
//		...
//	}
//
// # Order
//
// A [Batch] and a [Status] have a method Next, whose command waits for what follows. Until that is run nothing follows, so
// Update has one message at a time in hand and they come in order. Of several commands that one message has given, the first
// to run waits and the others do nothing; so does the command of a message that is not the last. What comes meanwhile waits:
// [Options].Max messages here, more in the socket, and then the server has to wait.
//
// # Goroutines
//
// The methods of a [Socket] may be called from any goroutine and wait for nothing; what waits are the commands, in goroutines
// of Bubble Tea's. A Socket has one of its own, which ends when the scope is disposed; then the commands end too, with no
// message but that of Send. A program disposes the scope when Run has returned.
//
// Bubble Tea has the model to itself: an effect of package signals that looks at the model, or changes what View shows, must
// not run in the goroutine of whoever has written a signal. With a [Loop] as the scheduler of the graph, effects run in Update.
//
// # What it does not do
//
// It does not call Program.Send, which blocks while Update is busy, and has no need of the program. A Socket and a Loop are for
// one run of one program.
package teaws
