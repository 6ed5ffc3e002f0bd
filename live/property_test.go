//go:build !js

package live_test

import (
	"context"
	"errors"
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
	"github.com/tandem-ws/tandem/tandemtest"
)

// Whatever happens, in whatever order: the status is true, in the end one conversation is left, no
// message is given twice or out of order, none is sent twice, what a session does not deliver it tells, nothing spins, and
// nothing is left when the scope is disposed.
func TestSocket_anyOrder(t *testing.T) {
	for _, policy := range []*tandem.SessionPolicy{nil, {Keep: time.Minute, Messages: 8}} {
		t.Run(map[bool]string{true: "plain", false: "session"}[policy == nil], func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				p := play{
					policy: policy,
					steps:  rapid.SliceOfN(rapid.Custom(drawStep), 1, 40).Draw(rt, "steps"),
					options: live.Options{
						BreakFirst: rapid.Bool().Draw(rt, "break first"),
						Buffer:     rapid.SampledFrom([]int{1, 4, 256}).Draw(rt, "buffer"),
					},
					refuse: rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "error", "panic", "slow"}), 0, 8).Draw(rt, "on open"),
					pace:   time.Duration(rapid.SampledFrom([]int{0, 0, 10, 1000}).Draw(rt, "pace")) * time.Millisecond,
				}
				failed := ""
				t.Run("", func(t *testing.T) { // a bubble needs a test of its own
					synctest.Test(t, func(t *testing.T) { failed = p.run(t) })
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
			"name", "name", "kill", "kill", "down", "up", "up", "up", "restart", "close", "send", "send", "send", "send",
			"server", "set", "conn", "bye", "open", "chaos",
		}).Draw(t, "do"),
		n:     rapid.IntRange(0, 3).Draw(t, "n"),
		pause: time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 30, 60, 1000, 40_000, 100_000}).Draw(t, "ms")) * time.Millisecond,
	}
}

// play is a history to be lived through.
type play struct {
	policy  *tandem.SessionPolicy
	options live.Options
	steps   []step
	refuse  []string      // what OnOpen's function does, in turn
	pace    time.Duration // of the receiver

	mu       sync.Mutex // guards the rest
	attempts int
	opened   int
	got      []string
	breaks   []*live.Break
	posted   []<-chan error
}

func (p *play) locked(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// greet is OnOpen's function.
func (p *play) greet(ctx context.Context, c *serverConn) error {
	do := ""
	p.locked(func() {
		if p.opened < len(p.refuse) {
			do = p.refuse[p.opened]
		}
		p.opened++
	})
	switch do {
	case "error":
		return errors.New("not this one")
	case "panic":
		panic("not this one")
	case "slow":
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return c.Send(ctx, "first")
}

// receive takes what comes, until ctx ends, and begins again when the socket was closed.
func (p *play) receive(ctx context.Context, ws *socket) {
	for ctx.Err() == nil {
		msg, err := ws.Recv(ctx)
		b, _ := errors.AsType[*live.Break](err)
		switch {
		case b != nil:
			p.locked(func() { p.breaks = append(p.breaks, b) })
		case err != nil:
			time.Sleep(time.Second)
		default:
			p.locked(func() { p.got = append(p.got, msg) })
		}
		time.Sleep(p.pace)
	}
}

// run plays the steps and tells what is wrong.
func (p *play) run(t *testing.T) string {
	w := newWorld(t, p.policy)
	o := p.options
	o.Dial = &tandem.DialOptions{Reconnect: &tandem.Reconnect{
		Max: 10 * time.Second,
		Prepare: func(context.Context, int, *tandem.DialOptions) error {
			p.locked(func() { p.attempts++ })
			return nil
		},
	}}
	ws := w.use(&o)
	ws.OnOpen(p.greet)
	ctx, cancel := context.WithCancel(t.Context())
	var received sync.WaitGroup
	received.Go(func() { p.receive(ctx, ws) })
	defer received.Wait()
	defer cancel()

	var beside sync.WaitGroup
	dropped := false // something that the receiver was to be told
	for _, s := range p.steps {
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
			dropped = true
			beside.Go(func() { _ = ws.Close(tandem.CodeNormal, "") })
		case "send":
			for range s.n {
				p.posted = append(p.posted, ws.Post("m"+strconv.Itoa(len(p.posted)+1)))
			}
		case "server":
			p.posted = append(p.posted, ws.Post("close "+strconv.Itoa([]int{1001, 1012, 4000, 4500}[s.n])))
			dropped = true
		case "bye":
			p.posted = append(p.posted, ws.Post("bye"))
			dropped = true
		case "set":
			dropped = true
			ws.Set(nil, fmt.Errorf("set"))
		case "conn":
			dropped = true
			beside.Go(func() {
				c, err := w.ep.Dial(ctx, tandemtest.URL, person{"set"}, &tandem.DialOptions{Transport: w.server.Transport()})
				if err == nil {
					ws.Set(c, nil)
				}
			})
		case "open":
			ws.OnOpen(p.greet)
		case "chaos":
			dropped = true
			for range s.n {
				beside.Go(func() { _ = ws.Close(tandem.CodeGoingAway, "") })
				beside.Go(ws.Restart)
				beside.Go(func() { w.name.Set("chaos") })
				beside.Go(func() { _ = ws.Connect(ctx) })
			}
		}
		time.Sleep(s.pause)
	}
	w.proxy.Up()
	ws.Restart()
	time.Sleep(10 * time.Minute)
	bad := p.settled(t, w, ws)
	if bad == "" {
		bad = illegal(w)
	}
	if bad == "" {
		bad = p.delivered(w.heardAll(), !dropped && p.policy != nil)
	}
	w.scope.Dispose()
	cancel()
	beside.Wait()
	return bad
}

// settled tells what is wrong when everything has come to rest.
func (p *play) settled(t *testing.T, w *world, ws *socket) string {
	before := 0
	p.locked(func() { before = p.attempts })
	if err := ws.Connect(contextOf(t, time.Minute)); err != nil {
		// What was posted may have had the server end it.
		if s := ws.Status().Peek(); !s.Final() {
			return fmt.Sprintf("not connected: %v, %+v", err, s)
		}
	} else if n := w.going.Load(); n != 1 && p.policy == nil {
		return fmt.Sprintf("%d conversations in the end", n)
	}
	time.Sleep(5 * time.Minute)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attempts != before {
		return fmt.Sprintf("%d attempts while nothing happens", p.attempts-before)
	}
	if most := 60*len(p.steps) + 100; p.attempts > most {
		return fmt.Sprintf("%d attempts in %d steps", p.attempts, len(p.steps))
	}
	return ""
}

// delivered tells what is wrong with what was received, here and by the server. With all, every message that was sent must
// have been heard, or told of.
func (p *play) delivered(heard map[string]int, all bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if bad := outOfOrder(p.got); bad != "" {
		return bad
	}
	generation := 0
	told := map[string]int{}
	for _, b := range p.breaks {
		if b.Generation <= generation {
			return fmt.Sprintf("generation %d after %d", b.Generation, generation)
		}
		generation = b.Generation
		if gap, ok := errors.AsType[*tandem.Gap[string]](b); ok {
			for _, u := range gap.Unsent {
				told[u.Message]++
				if !u.Maybe && strings.HasPrefix(u.Message, "m") && heard[u.Message] > 0 {
					return fmt.Sprintf("%q was heard, and is told as if it was not", u.Message)
				}
			}
		}
	}
	for i, done := range p.posted {
		msg := "m" + strconv.Itoa(i+1)
		if heard[msg] > 1 || told[msg] > 1 {
			return fmt.Sprintf("%q was heard %d times and told %d times", msg, heard[msg], told[msg])
		}
		select {
		case err := <-done:
			if all && err == nil && heard[msg]+told[msg] == 0 {
				return fmt.Sprintf("%q is lost: %v, %v", msg, heard, p.breaks)
			}
		default:
			if all {
				return fmt.Sprintf("Send of %q has not returned", msg)
			}
		}
	}
	return ""
}

func illegal(w *world) string {
	w.history.Lock()
	defer w.history.Unlock()
	generation := 0
	for i, s := range w.history.all {
		if i > 0 {
			// Which states follow which is tested with the machine alone: here other goroutines run effects too, and
			// then one may see the last of several values only. But nothing is open again without a beginning.
			if before := w.history.all[i-1]; s.State == live.Open && before.State > live.Open && s.Generation == before.Generation {
				return fmt.Sprintf("Open after %v", before.State)
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
		{{State: live.Open}, {State: live.Open}, {State: live.Closed}, {State: live.Open}},
		{{State: live.Open, Generation: 2}, {State: live.Open, Generation: 1}},
		{{State: live.Closed, Resuming: true}},
	} {
		w.history.all = bad
		assert.True(t, illegal(w) != "", bad)
	}
}
