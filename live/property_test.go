//go:build !js

package live_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
)

// legal says which states may follow which. A state may follow itself, with other details.
var legal = map[live.State][]live.State{
	live.Connecting:      {live.Open, live.FailedToConnect, live.Closing, live.Closed},
	live.Open:            {live.Connecting, live.Closing, live.Closed, live.FailedToConnect},
	live.Closing:         {live.Closed, live.Connecting, live.FailedToConnect},
	live.Closed:          {live.Connecting, live.FailedToConnect},
	live.FailedToConnect: {live.Connecting, live.Closed},
}

// Whatever happens, in whatever order: the history of the status is a legal one, in the end one conversation is left, no
// message is given twice or out of order, none is sent twice, and nothing spins.
func TestSocket_anyOrder(t *testing.T) {
	for _, policy := range []*tandem.SessionPolicy{nil, {Keep: time.Minute}} {
		t.Run(map[bool]string{true: "plain", false: "session"}[policy == nil], func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 40).Draw(rt, "steps")
				first := rapid.Bool().Draw(rt, "break first")
				failed := ""
				t.Run("", func(t *testing.T) { // a bubble needs a test of its own
					synctest.Test(t, func(t *testing.T) {
						failed = play(t, policy, &live.Options{BreakFirst: first, Buffer: 4}, steps)
					})
				})
				if failed != "" {
					rt.Fatal(failed)
				}
			})
		})
	}
}

type step struct {
	do    string
	n     int
	pause time.Duration
}

func drawStep(t *rapid.T) step {
	return step{
		do: rapid.SampledFrom([]string{
			"name", "name", "kill", "kill", "down", "up", "up", "up", "restart", "close", "send", "send", "send", "server", "set", "bye",
		}).Draw(t, "do"),
		n:     rapid.IntRange(0, 3).Draw(t, "n"),
		pause: time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 30, 60, 1000, 40_000, 100_000}).Draw(t, "ms")) * time.Millisecond,
	}
}

// play plays the steps and tells what is wrong.
func play(t *testing.T, policy *tandem.SessionPolicy, o *live.Options, steps []step) string {
	w := newWorld(t, policy)
	attempts := 0
	var mu sync.Mutex
	o.Dial = &tandem.DialOptions{Reconnect: &tandem.Reconnect{
		Max: 10 * time.Second,
		Prepare: func(context.Context, int, *tandem.DialOptions) error {
			mu.Lock()
			defer mu.Unlock()
			attempts++
			return nil
		},
	}}
	ws := w.use(o)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	// A receiver, that begins again when it was closed.
	var got []string
	go func() {
		for ctx.Err() == nil {
			for msg, err := range ws.Messages(ctx) {
				if err != nil {
					break
				}
				mu.Lock()
				got = append(got, msg)
				mu.Unlock()
			}
			time.Sleep(time.Second)
		}
	}()

	sent := 0
	for _, s := range steps {
		switch s.do {
		case "name":
			w.name.Set("name" + strconv.Itoa(s.n))
		case "kill":
			w.proxy.Kill()
		case "down":
			w.proxy.Down()
		case "up":
			w.proxy.Up()
		case "restart":
			ws.Restart()
		case "close":
			go ws.Close(tandem.CodeNormal, "")
		case "send":
			for range s.n {
				sent++
				ws.Post("m" + strconv.Itoa(sent))
			}
		case "server":
			ws.Post("close " + strconv.Itoa([]int{1001, 1012, 4000, 4500}[s.n]))
		case "bye":
			ws.Post("bye")
		case "set":
			ws.Set(nil, fmt.Errorf("set"))
		}
		time.Sleep(s.pause)
	}
	w.proxy.Up()
	ws.Restart()
	time.Sleep(5 * time.Minute)
	mu.Lock()
	before := attempts
	mu.Unlock()
	if err := ws.Connect(contextOf(t, time.Minute)); err != nil {
		// What was posted may have had the server end it.
		if s := ws.Status().Peek(); !s.Final() {
			return fmt.Sprintf("not connected: %v, %+v", err, s)
		}
	} else if n := w.going.Load(); n != 1 && policy == nil {
		return fmt.Sprintf("%d conversations in the end", n)
	}
	time.Sleep(5 * time.Minute)
	mu.Lock()
	defer mu.Unlock()
	if attempts != before {
		return fmt.Sprintf("%d attempts while nothing happens", attempts-before)
	}
	if most := 60*len(steps) + 100; attempts > most {
		return fmt.Sprintf("%d attempts in %d steps", attempts, len(steps))
	}
	if bad := illegal(w); bad != "" {
		return bad
	}
	return outOfOrder(got)
}

func illegal(w *world) string {
	w.history.Lock()
	defer w.history.Unlock()
	generation := 0
	for i, s := range w.history.all {
		if i > 0 {
			before := w.history.all[i-1]
			ok := before.State == s.State
			for _, next := range legal[before.State] {
				ok = ok || next == s.State
			}
			if !ok {
				return fmt.Sprintf("%v after %v", s.State, before.State)
			}
		}
		switch {
		case s.Generation < generation:
			return "a generation comes back"
		case s.State == live.Open && s.RetryAt != time.Time{}:
			return "open, and about to be tried again"
		case s.Previous && s.State != live.Connecting, s.Resuming && s.State != live.Connecting:
			return fmt.Sprintf("a detail of Connecting in %v", s.State)
		case s.Offline:
			return "offline without a browser"
		}
		generation = s.Generation
	}
	return ""
}

// outOfOrder looks at what the server has answered to m1, m2 and so on.
func outOfOrder(got []string) string {
	last := 0
	for _, msg := range got {
		digits, ok := strings.CutPrefix(msg, "M")
		if !ok {
			continue
		}
		n, _ := strconv.Atoi(digits)
		if n <= last {
			return fmt.Sprintf("message %d after %d: %q", n, last, got)
		}
		last = n
	}
	return ""
}

// The test can fail: it sees what it looks for.
func TestSocket_anyOrder_sees(t *testing.T) {
	assert.Equal(t, outOfOrder([]string{"HELLO", "M1", "M3", "HELLO", "M4"}), "")
	assert.True(t, outOfOrder([]string{"M1", "M1"}) != "" && outOfOrder([]string{"M2", "M1"}) != "")
	w := &world{}
	w.history.all = []live.Status{{State: live.Open, Generation: 1}, {State: live.Open, Generation: 2}}
	assert.Equal(t, illegal(w), "")
	for _, bad := range [][]live.Status{
		{{State: live.Open}, {State: live.Open}, {State: live.Closed}, {State: live.Closing}},
		{{State: live.Open, Generation: 2}, {State: live.Open, Generation: 1}},
		{{State: live.Closed, Resuming: true}},
	} {
		w.history.all = bad
		assert.True(t, illegal(w) != "", bad)
	}
}
