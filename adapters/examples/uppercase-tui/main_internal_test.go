package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/tandemtest"
)

func TestMain(m *testing.M) {
	// Programs ask for signals; the goroutine that the first to ask starts must not belong to a bubble of synctest.
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
	goleak.VerifyTestMain(m)
}

// serve answers as the server of the example does, and "count N" by the numbers below N.
func serve(n *tandemtest.Node) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, p api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		if err := c.Send(ctx, api.Uppercased("HELLO "+strings.ToUpper(p.Name))); err != nil {
			return err
		}
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			text := string(msg.(api.TextInput))
			if text == "bye" {
				return nil
			}
			answers := []string{strings.ToUpper(text)}
			if count, ok := strings.CutPrefix(text, "count "); ok {
				answers = nil
				upTo, err := strconv.Atoi(count)
				if err != nil {
					return err
				}
				for i := range upTo {
					answers = append(answers, strconv.Itoa(i))
				}
			}
			for _, answer := range answers {
				if err := c.Send(ctx, api.Uppercased(answer)); err != nil {
					return err
				}
			}
		}
		return nil
	}, &tandem.ServeOptions{Hub: n.Hub}))
	return mux
}

// terminal is where the program runs.
type terminal struct {
	t       *testing.T
	p       *tea.Program
	ended   chan struct{}
	err     error // of the program, when it has ended
	updates int
}

// counted counts the messages that the model gets.
type counted struct {
	*model
	term *terminal
}

// look asks for what there is to see, which is looked at in Update, because that has the model to itself.
type look chan<- seen

type seen struct {
	lines   []line
	screen  string
	updates int
	bottom  bool // the end of the list is seen
}

func (c counted) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if looks, ok := msg.(look); ok {
		looks <- seen{slices.Clone(c.model.lines), ansi.Strip(c.model.View().Content), c.term.updates, c.model.view.list.AtBottom()}
		return c, nil
	}
	c.term.updates++
	_, cmd := c.model.Update(msg)
	return c, cmd
}

func start(t *testing.T, site *tandemtest.Site) *terminal {
	term := &terminal{t: t, ended: make(chan struct{})}
	m, end := newModel(api.Person{Name: "Ada", Age: 36}, &live.Options{
		Base: tandemtest.URL,
		Dial: &tandem.DialOptions{Transport: site.Transport()},
	})
	term.p = tea.NewProgram(counted{m, term}, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignals(), tea.WithWindowSize(60, 12))
	go func() {
		defer close(term.ended)
		_, term.err = term.p.Run()
		end()
	}()
	t.Cleanup(func() {
		term.p.Quit()
		<-term.ended
		time.Sleep(time.Second) // the cursor has blinked for the last time
	})
	return term
}

// look looks when everything that happens has happened.
func (term *terminal) look() seen {
	synctest.Wait()
	c := make(chan seen, 1)
	term.p.Send(look(c))
	return <-c
}

// typed is when keys have been pressed and a second has passed.
func (term *terminal) typed(keys ...string) {
	for _, key := range keys {
		switch key {
		case "tab":
			term.p.Send(tea.KeyPressMsg{Code: tea.KeyTab})
		case "enter":
			term.p.Send(tea.KeyPressMsg{Code: tea.KeyEnter})
		case "esc":
			term.p.Send(tea.KeyPressMsg{Code: tea.KeyEscape})
		case "pgup":
			term.p.Send(tea.KeyPressMsg{Code: tea.KeyPgUp})
		case "ctrl+r", "ctrl+l":
			term.p.Send(tea.KeyPressMsg{Code: rune(key[5]), Mod: tea.ModCtrl})
		default:
			for _, r := range key {
				term.p.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
		}
	}
	time.Sleep(time.Second)
}

// shows checks what is on the screen: the first line, the list and the last two.
func (term *terminal) shows(name string, list []string, text, status string) {
	term.t.Helper()
	var lines []string
	for line := range strings.Lines(term.look().screen) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	assert.Equal(term.t, len(lines), 12)
	shown := lines[2:9]
	for len(shown) > 0 && shown[len(shown)-1] == "" {
		shown = shown[:len(shown)-1]
	}
	assert.Equal(term.t, lines[0], "Name "+name)
	assert.Equal(term.t, shown, list)
	assert.Equal(term.t, lines[10], "Text "+text)
	assert.True(term.t, strings.HasPrefix(lines[11], status), "%q, want %q", lines[11], status)
}

func (term *terminal) quit() {
	term.t.Helper()
	term.typed("esc")
	<-term.ended
	assert.NoError(term.t, term.err)
}

func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := tandemtest.NewSite(t, nil)
		site.Start(nil, serve)
		term := start(t, site)
		term.typed("hi", "enter", "not yet")
		list := []string{"HELLO ADA", "HI"}
		term.shows("Ada", list, "not yet", "● open ")

		term.typed("tab", " L.") // another name
		list = append(list, "– another conversation: as you wished", "HELLO ADA L.")
		term.shows("Ada L.", list, "not yet", "● open, conversation 2 ")

		term.typed("enter", "!", "enter")
		list = append(list, "NOT YET!")
		term.shows("Ada L.", list, "type something", "● open, conversation 2 ")

		term.typed("bye", "enter")
		list = append(list, "– the end: the server has said goodbye")
		term.shows("Ada L.", list, "type something", "✕ closed, the server has said goodbye ")

		term.typed("ctrl+l", "late", "enter")
		list = []string{"! not sent: late (the server has said goodbye)"}
		term.shows("Ada L.", list, "type something", "✕ closed, ")

		term.typed("ctrl+r")
		list = append(list, "– another conversation: the server has said goodbye", "HELLO ADA L.")
		term.shows("Ada L.", list, "type something", "● open, conversation 3 ")
		term.quit()
	})
}

// The server is killed and another takes its place.
func TestServerKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := tandemtest.NewSite(t, nil)
		node := site.Start(nil, serve)
		term := start(t, site)
		term.typed("one", "enter")
		node.Kill()
		time.Sleep(30 * time.Second)
		term.typed("two", "enter")
		runsDown, before := false, time.Duration(0)
		for tries := 0; !runsDown; tries++ { // unless an attempt comes in between
			assert.True(t, tries < 1000, "the time that is left runs down")
			time.Sleep(time.Second)
			_, status, waits := strings.Cut(term.look().screen, "○ again in ") // 7s, connection refused
			if !waits {
				continue
			}
			text, _, _ := strings.Cut(status, ",")
			left, err := time.ParseDuration(text)
			assert.NoError(t, err, status)
			runsDown, before = left == before-time.Second, left
		}

		site.Start(nil, serve)
		time.Sleep(time.Minute)
		lines := term.look().lines
		assert.Equal(t, len(lines), 5)
		assert.Equal(t, lines[:2], []line{{answer, "HELLO ADA"}, {answer, "ONE"}})
		assert.Equal(t, lines[2].kind, remark)
		assert.Equal(t, lines[3:], []line{{answer, "HELLO ADA"}, {answer, "TWO"}})
		term.quit()
	})
}

// A flood comes in order, in batches, and of it the last 1000 lines are kept.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 20_000
		site := tandemtest.NewSite(t, nil)
		site.Start(nil, serve)
		term := start(t, site)
		term.typed("count "+strconv.Itoa(many), "enter")
		time.Sleep(10 * time.Second)
		now := term.look()
		assert.Equal(t, len(now.lines), maxLines)
		for i, l := range now.lines {
			assert.Equal(t, l, line{answer, strconv.Itoa(many - maxLines + i)})
		}
		assert.True(t, now.updates > many/256 && now.updates < many/100, now.updates)
		t.Logf("%d messages, %d calls of Update", many, now.updates)
		assert.True(t, now.bottom, "the end is seen")
		term.typed("pgup", "x", "enter")
		assert.True(t, !term.look().bottom, "who has scrolled up stays there")
		term.quit()
	})
}

// Whatever the size, nothing is wider than the window or higher.
func TestView_fits(t *testing.T) {
	v := newView("A name that is longer than the smallest of windows")
	lines := []line{{answer, "HELLO 漢字漢字漢字漢字漢字漢字漢字漢字"}, {remark, "another conversation: as you wished"}, {failure, "not sent: \x1b[2J\x07"}}
	var retry live.Status
	retry.State, retry.Err, retry.RetryAt = live.Closed, tandem.ErrLost, time.Unix(10, 0)
	for width := 1; width < 100; width++ {
		for height := 1; height < 20; height++ {
			v.resize(width, height)
			v.show(lines)
			for _, s := range []live.Status{{State: live.Open, Generation: 3}, retry} {
				text := v.render(s, time.Unix(1, 0))
				shown := strings.Split(text, "\n")
				assert.True(t, len(shown) <= max(2, height), "%dx%d: %d lines", width, height, len(shown))
				for _, l := range shown {
					narrow := width < len(nameLabel)+2 // less than a character to type in
					assert.True(t, narrow || ansi.StringWidth(l) <= width, "%dx%d: %q", width, height, l)
				}
				assert.True(t, !strings.Contains(text, "\x1b[2J") && !strings.Contains(text, "\x07"), "commands to the terminal: %q", text)
			}
		}
	}
}
