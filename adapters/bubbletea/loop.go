package teaws

import (
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Loop has the effects of signal graphs run inside Update, where they may look at the model and change it. Its Schedule is the
// [signals.Scheduler] of one graph or several. They run once in a frame at most.
//
//	func (m *model) Init() tea.Cmd { return m.loop.Listen() }
//
//	case teaws.Effects:
//		return m, msg.Run()
type Loop struct {
	turn turn
	news chan struct{}
	over chan struct{}

	mu     sync.Mutex
	due    []func() // one for each graph at most
	ran    time.Time
	closed bool
}

// Effects says that effects are due: Update is to call Run.
type Effects struct {
	loop *Loop
	n    uint64
}

// NewLoop makes a Loop.
func NewLoop() *Loop {
	return &Loop{news: make(chan struct{}, 1), over: make(chan struct{})}
}

// Schedule has run called by Run of an [Effects] to come. After Close it does nothing.
func (l *Loop) Schedule(run func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.due = append(l.due, run)
	wake(l.news)
}

// Listen is the command that waits for the first effects, for Init. When it was run before, it does nothing.
func (l *Loop) Listen() tea.Cmd { return l.after(0) }

// Run runs the effects that are due, and returns the command that waits for the next. Update must call it itself, not a
// command.
func (e Effects) Run() tea.Cmd {
	e.loop.mu.Lock()
	due := e.loop.due
	e.loop.due, e.loop.ran = nil, time.Now()
	e.loop.mu.Unlock()
	for _, run := range due {
		run()
	}
	return e.loop.after(e.n)
}

// Close ends the command that waits. Effects that are due do not run any more, unless Graph.Flush is called. A program
// calls it when Run of the program has returned.
func (l *Loop) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed, l.due = true, nil
		close(l.over)
	}
}

// after is the command that waits for effects behind message n.
func (l *Loop) after(n uint64) tea.Cmd {
	return func() tea.Msg {
		if !l.turn.take(n) {
			return nil
		}
		for {
			due, early := l.look()
			if due && early <= 0 {
				return Effects{loop: l, n: l.turn.pass()}
			}
			var frame <-chan time.Time
			if due {
				timer := time.NewTimer(early)
				defer timer.Stop() // one, or two when another graph has effects too
				frame = timer.C
			}
			select {
			case <-l.news:
			case <-frame:
			case <-l.over:
				return nil
			}
		}
	}
}

// look tells whether effects are due, and how much too early it is for them.
func (l *Loop) look() (due bool, early time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.due) > 0, time.Until(l.ran.Add(frame))
}
