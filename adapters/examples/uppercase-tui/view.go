package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	"charm.land/bubbles/v2/viewport"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
)

// The colours are those that the terminal has for its own theme, be that dark or light.
var (
	faint  = lipgloss.NewStyle().Faint(true)
	bold   = lipgloss.NewStyle().Bold(true)
	green  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	yellow = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	red    = lipgloss.NewStyle().Foreground(lipgloss.Red)
)

// view is what is on the screen: the name, the list of answers, the text to be sent, and the status.
type view struct {
	width, height int
	name, text    textinput.Model
	list          viewport.Model
}

func newView(name string) view {
	v := view{name: newField(), text: newField(), list: viewport.New()}
	v.name.CharLimit = 64
	v.name.SetValue(name)
	v.name.Placeholder = "nobody"
	v.text.CharLimit = 4096
	v.text.Placeholder = "type something"
	v.list.KeyMap = viewport.KeyMap{ // the letters that it has as well are for the fields
		PageUp: key.NewBinding(key.WithKeys("pgup")), PageDown: key.NewBinding(key.WithKeys("pgdown")),
		Up: key.NewBinding(key.WithKeys("up")), Down: key.NewBinding(key.WithKeys("down")),
	}
	return v
}

func newField() textinput.Model {
	f := textinput.New()
	f.Prompt = ""
	styles := f.Styles()
	styles.Focused = textinput.StyleState{Placeholder: faint}
	styles.Blurred = textinput.StyleState{Placeholder: faint, Text: faint}
	f.SetStyles(styles)
	return f
}

// focus has what is typed go to a field.
func (v *view) focus(f *textinput.Model) tea.Cmd {
	v.name.Blur()
	v.text.Blur()
	f.CursorEnd()
	return f.Focus()
}

// other has it go to the other field.
func (v *view) other() tea.Cmd {
	if v.name.Focused() {
		return v.focus(&v.text)
	}
	return v.focus(&v.name)
}

func (v *view) update(msg tea.Msg) tea.Cmd {
	var name, text, list tea.Cmd
	v.name, name = v.name.Update(msg)
	v.text, text = v.text.Update(msg)
	v.list, list = v.list.Update(msg)
	return tea.Batch(name, text, list)
}

// What is beside the fields and around the list.
const (
	nameLabel  = "Name "
	textLabel  = "Text "
	labelWidth = len(nameLabel)
	around     = 5 // lines: the name, a rule, and below the list a rule, the text, the status
)

func (v *view) resize(width, height int) {
	v.width, v.height = width, height
	for _, f := range []*textinput.Model{&v.name, &v.text} {
		f.SetWidth(max(1, width-labelWidth-1)) // and the cursor behind the text
		f.SetCursor(f.Position())              // has it look for what is to be seen now
	}
	bottom := v.list.AtBottom()
	v.list.SetWidth(width)
	v.list.SetHeight(max(1, height-around))
	if bottom {
		v.list.GotoBottom()
	}
}

// show shows lines, and follows their end unless the user has scrolled up.
func (v *view) show(lines []line) {
	bottom := v.list.AtBottom()
	var shown []string
	for _, l := range lines {
		text := printable(l.text)
		style := lipgloss.NewStyle()
		switch l.kind {
		case remark:
			text, style = "– "+text, faint
		case failure:
			text, style = "! "+text, red
		}
		for part := range strings.SplitSeq(ansi.Wrap(text, max(1, v.width), ""), "\n") {
			shown = append(shown, style.Render(part))
		}
	}
	v.list.SetContentLines(shown)
	if bottom {
		v.list.GotoBottom()
	}
}

// printable is a text without what a terminal would take for a command.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '�'
	}, s)
}

func (v *view) render(s live.Status, now time.Time) string {
	if v.width == 0 { // its size is not known yet
		return ""
	}
	rule := faint.Render(strings.Repeat("─", v.width))
	name, text, bottom := label(nameLabel, v.name)+v.name.View(), label(textLabel, v.text)+v.text.View(), v.bottom(s, now)
	switch {
	case v.height > around:
		return strings.Join([]string{name, rule, v.list.View(), rule, text, bottom}, "\n")
	case v.name.Focused(): // there is no room but for what is typed, and the status
		return name + "\n" + bottom
	default:
		return text + "\n" + bottom
	}
}

func label(text string, f textinput.Model) string {
	if f.Focused() {
		return bold.Render(text)
	}
	return faint.Render(text)
}

// keys are what the status line has at its right, as much of it as there is room for.
var keys = []string{"tab name", "ctrl+l clear", "ctrl+r reconnect", "esc quit"}

func (v *view) bottom(s live.Status, now time.Time) string {
	status := describe(s, now)
	left := ansi.Truncate(status, v.width, "…")
	for i := range keys {
		help := strings.Join(keys[i:], " · ")
		if gap := v.width - lipgloss.Width(left) - lipgloss.Width(help); gap >= 2 {
			return left + strings.Repeat(" ", gap) + faint.Render(help)
		}
	}
	return left
}

// describe says how the socket is.
func describe(s live.Status, now time.Time) string {
	switch {
	case s.State == live.Open && s.Generation > 1:
		return green.Render("● open") + ", conversation " + strconv.Itoa(s.Generation)
	case s.State == live.Open:
		return green.Render("● open")
	case s.State == live.Connecting && s.Previous:
		return yellow.Render("◌ connecting") + " with another name"
	case s.State == live.Connecting && s.Attempt > 1:
		return yellow.Render("◌ connecting") + ", attempt " + strconv.Itoa(s.Attempt)
	case s.State == live.Connecting:
		return yellow.Render("◌ connecting")
	case s.State == live.Closing:
		return yellow.Render("◌ closing")
	case !s.RetryAt.IsZero():
		left := max(0, s.RetryAt.Sub(now)+time.Second-1).Truncate(time.Second)
		return yellow.Render("○ again in "+left.String()) + ", " + reason(s.Err)
	case s.Err != nil:
		return red.Render("✕ closed") + ", " + reason(s.Err)
	}
	return red.Render("✕ closed")
}

// reason says in a few words why something has ended.
func reason(err error) string {
	if refused, ok := errors.AsType[*tandem.HandshakeError](err); ok {
		return printable(fmt.Sprintf("refused with %d %s", refused.Status, refused.Message))
	}
	if closed, ok := errors.AsType[*tandem.CloseError](err); ok && closed.Code == tandem.CodeRestart {
		return "the server restarts"
	}
	switch {
	case err == nil:
		return "nobody knows why"
	case errors.Is(err, live.ErrReplaced):
		return "as you wished"
	case errors.Is(err, io.EOF):
		return "the server has said goodbye"
	case errors.Is(err, tandem.ErrLost):
		return "the connection was lost"
	}
	text := printable(err.Error())
	if i := strings.LastIndex(text, ": "); i >= 0 && strings.Contains(text, "dial tcp") {
		text = text[i+2:] // the rest is an address that has not changed
	}
	return text
}
