package view

import (
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/signals"
)

// meter counts what is drawn and what has come.
type meter struct {
	drawn, come, longest *signals.Signal[string]

	began, last, worst time.Duration
	frames             int
}

// period is how long is counted.
const period = time.Second

const unknown = "–"

func newMeter(g *signals.Graph) *meter {
	return &meter{drawn: signals.New(g, unknown), come: signals.New(g, unknown), longest: signals.New(g, unknown), began: -1}
}

// frame counts a frame that is about to be drawn. heard tells how many updates have come since it was called.
func (m *meter) frame(now time.Duration, heard func() int) {
	if m.began < 0 || now-m.last > period { // the page was out of sight
		heard()
		m.began, m.last, m.worst, m.frames = now, now, 0, 0
		return
	}
	m.frames++
	m.worst = max(m.worst, now-m.last)
	m.last = now
	passed := now - m.began
	if passed < period {
		return
	}
	m.drawn.Set(perSecond(m.frames, passed))
	m.come.Set(perSecond(heard(), passed))
	m.longest.Set(strconv.Itoa(int(m.worst.Round(time.Millisecond).Milliseconds())))
	m.began, m.worst, m.frames = now, 0, 0
}

func perSecond(n int, in time.Duration) string {
	return strconv.Itoa(int((time.Duration(n)*time.Second + in/2) / in))
}
