package teaws_test

import (
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

// counter is a model that effects change without a lock, as the race detector sees.
type counter struct {
	loop    *teaws.Loop
	seen    []int
	updates int
}

func (c *counter) Init() tea.Cmd { return c.loop.Listen() }

func (c *counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	c.updates++
	switch msg := msg.(type) {
	case teaws.Effects:
		cmd := msg.Run()
		if c.seen[len(c.seen)-1] == 1000 {
			return c, tea.Quit
		}
		return c, cmd
	}
	return c, nil
}

func (c *counter) View() tea.View { return tea.NewView("") }

// Effects run in Update, however many goroutines write, and not for each write.
func TestLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := teaws.NewLoop()
		defer loop.Close()
		g := signals.NewGraph(&signals.Options{Scheduler: loop.Schedule})
		scope := signals.NewScope(g)
		defer scope.Dispose()
		count := signals.New(g, 0)
		m := &counter{loop: loop}
		signals.Effect(scope, func(r *signals.Reader) { m.seen = append(m.seen, count.Get(r)) })
		for range 10 {
			go func() {
				for range 100 {
					count.Update(func(n int) int { return n + 1 })
				}
			}()
		}
		_, err := program(m).Run()
		assert.NoError(t, err)
		assert.True(t, len(m.seen) < 10, m.seen)
		assert.True(t, m.updates < 30, m.updates)
	})
}

// Effects of several graphs come together, a frame after the last.
func TestEffects_Run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := teaws.NewLoop()
		var got string
		loop.Schedule(func() { got += "a" })
		loop.Schedule(func() { got += "b" })
		e := as[teaws.Effects](t, <-run(loop.Listen()))
		assert.Equal(t, got, "")
		next := e.Run()
		assert.Equal(t, got, "ab")
		began := time.Now()
		waits := run(next)
		synctest.Wait()
		assert.Equal(t, len(waits), 0)
		loop.Schedule(func() { got += "c" })
		e = as[teaws.Effects](t, <-waits)
		assert.Equal(t, time.Since(began), time.Second/60)

		assert.Equal(t, <-run(next), nil) // it has waited
		assert.Equal(t, <-run(loop.Listen()), nil)
		next = e.Run()
		assert.Equal(t, got, "abc")
		waits = run(e.Run()) // there is nothing to run, and one of the two waits
		synctest.Wait()
		assert.Equal(t, <-run(next), nil)
		assert.Equal(t, got, "abc")

		loop.Close()
		assert.Equal(t, <-waits, nil)
		loop.Schedule(func() { t.Error("after Close") })
		loop.Close()
		e.Run()
	})
}
