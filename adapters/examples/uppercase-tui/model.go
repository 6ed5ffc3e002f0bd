package main

import (
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

// maxLines is how many lines are kept.
const maxLines = 1000

// model is the state of the program, which Update has to itself.
type model struct {
	sock    *teaws.Socket[api.ServerEvent, api.ClientEvent, live.Status]
	loop    *teaws.Loop
	name    *signals.Signal[string]
	restart func()

	status  live.Status
	unsent  map[uint64]string // by the ids of Send
	lines   []line
	ticking bool // a tick will come
	view    view
}

// line is a line of the list.
type line struct {
	kind kind
	text string
}

type kind int

const (
	answer kind = iota
	remark      // what has become of the conversation
	failure
)

func (m *model) Init() tea.Cmd {
	return tea.Batch(m.sock.Listen(), m.loop.Listen(), m.view.focus(&m.view.text))
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case teaws.Batch[api.ServerEvent]:
		m.receive(msg)
		return m, msg.Next()
	case teaws.Status[live.Status]:
		m.status = msg.Status
		return m, tea.Batch(msg.Next(), m.tick())
	case teaws.Sent:
		m.sent(msg)
		return m, nil
	case teaws.Effects:
		return m, msg.Run()
	case tick:
		m.ticking = false
		return m, m.tick()
	case tea.WindowSizeMsg:
		m.view.resize(msg.Width, msg.Height)
		m.view.show(m.lines)
		return m, nil
	case tea.KeyPressMsg:
		return m, m.key(msg)
	}
	return m, m.view.update(msg)
}

func (m *model) View() tea.View {
	v := tea.NewView(m.view.render(m.status, time.Now()))
	v.AltScreen = true
	v.WindowTitle = "uppercase"
	return v
}

// receive lists what has come.
func (m *model) receive(b teaws.Batch[api.ServerEvent]) {
	for _, msg := range b.Msgs {
		switch msg := msg.(type) {
		case api.Uppercased:
			m.lines = append(m.lines, line{answer, string(msg)})
		}
	}
	if why, ok := errors.AsType[*live.Break](b.Err); ok {
		m.lines = append(m.lines, line{remark, "another conversation: " + reason(why.Cause)})
	} else if b.Err != nil {
		m.lines = append(m.lines, line{remark, "the end: " + reason(b.Err)})
	}
	m.changed()
}

// sent lists what could not be sent.
func (m *model) sent(s teaws.Sent) {
	if s.Err != nil {
		m.lines = append(m.lines, line{failure, "not sent: " + m.unsent[s.ID] + " (" + reason(s.Err) + ")"})
		m.changed()
	}
	delete(m.unsent, s.ID)
}

func (m *model) changed() {
	if drop := len(m.lines) - maxLines; drop > 0 {
		m.lines = slices.Delete(m.lines, 0, drop)
	}
	m.view.show(m.lines)
}

func (m *model) key(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "ctrl+c", "esc":
		return tea.Quit
	case "ctrl+l":
		m.lines = nil
		m.changed()
		return nil
	case "ctrl+r":
		m.restart()
		return nil
	case "tab", "shift+tab":
		return m.view.other()
	case "enter":
		if m.view.name.Focused() {
			return m.view.other()
		}
		return m.send()
	}
	cmd := m.view.update(msg)
	m.name.Set(m.view.name.Value()) // no change if it is the same
	return cmd
}

func (m *model) send() tea.Cmd {
	text := m.view.text.Value()
	if text == "" {
		return nil
	}
	m.view.text.Reset()
	id, cmd := m.sock.Send(api.TextInput(text))
	m.unsent[id] = text
	return cmd
}

// tick has the time that is left shown, as long as there is one.
type tick struct{}

func (m *model) tick() tea.Cmd {
	if m.ticking || m.status.RetryAt.IsZero() {
		return nil
	}
	m.ticking = true
	return tea.Tick(time.Second/4, func(time.Time) tea.Msg { return tick{} })
}
