package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// situations are all that a machine can be in.
var situations = []struct {
	name  string
	bring func(*testing.T) *rig
}{
	{"manual", func(t *testing.T) *rig { return newRig(t, &Options{Manual: true}) }},
	{"dialing", func(t *testing.T) *rig {
		r := newRig(t, &Options{Manual: true})
		r.hangOnce()
		r.happen(event{kind: restart})
		return r
	}},
	{"greeting", func(t *testing.T) *rig {
		r := newRig(t, &Options{Manual: true})
		r.greets(func(ctx context.Context, _ conn) error {
			r.greets(nil) // this one waits, not the next
			<-ctx.Done()
			return ctx.Err()
		})
		r.happen(event{kind: restart})
		return r
	}},
	{"open", func(t *testing.T) *rig { return newRig(t, &Options{}) }},
	{"changed", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.happen(event{kind: paramsChanged, params: "grace"})
		return r
	}},
	{"replacing", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.hangOnce()
		r.happen(event{kind: restart})
		return r
	}},
	{"closing", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.last().hangs()
		r.happen(event{kind: closeIt})
		return r
	}},
	{"closed", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.happen(event{kind: closeIt})
		return r
	}},
	{"lost", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.last().end(errGone)
		synctest.Wait()
		return r
	}},
	{"failed", func(t *testing.T) *rig {
		r := newRig(t, &Options{Manual: true})
		r.failOnce()
		r.happen(event{kind: restart})
		return r
	}},
	{"ended", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.last().end(&tandem.CloseError{Code: tandem.CodeAppStop})
		synctest.Wait()
		return r
	}},
	{"offline", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.happen(event{kind: offline})
		r.last().end(errGone)
		synctest.Wait()
		return r
	}},
	{"disposed", func(t *testing.T) *rig {
		r := newRig(t, &Options{})
		r.happen(event{kind: disposed})
		return r
	}},
}

// happenings are what comes from outside.
var happenings = []struct {
	name  string
	event func() event
}{
	{"params", func() event { return event{kind: paramsChanged, params: "joan"} }},
	{"back", func() event { return event{kind: paramsChanged, params: "ada"} }},
	{"restart", func() event { return event{kind: restart} }},
	{"set", func() event { return event{kind: set, c: newPipe()} }},
	{"set error", func() event { return event{kind: set, err: errors.New("set")} }},
	{"close", func() event { return event{kind: closeIt, done: make(chan error, 1)} }},
	{"dispose", func() event { return event{kind: disposed} }},
	{"hook", func() event { return event{kind: hooked} }},
	{"online", func() event { return event{kind: online} }},
	{"offline", func() event { return event{kind: offline} }},
	{"visible", func() event { return event{kind: visible} }},
}

// Every event in every situation leads to where the table says: how it is at once, and how it is an hour later. * is
// Previous, + RetryAt, - Offline, and a full stop Final; the number is the Generation.
func TestMachine_everyEventEverywhere(t *testing.T) {
	var got strings.Builder
	for _, s := range situations {
		var outcomes []string
		events := map[string]string{} // by outcome
		for _, h := range happenings {
			synctest.Test(t, func(t *testing.T) {
				r := s.bring(t)
				outcome := s.name + " (" + r.state() + ") "
				r.happen(h.event())
				at := r.state()
				time.Sleep(time.Hour)
				synctest.Wait()
				if later := r.state(); later != at {
					at += ", " + later
				}
				if outcome += at; events[outcome] == "" {
					outcomes = append(outcomes, outcome)
				}
				events[outcome] += ", " + h.name
			})
		}
		for _, outcome := range outcomes {
			got.WriteString(outcome + ":" + events[outcome][1:] + "\n")
		}
	}
	want := strings.TrimPrefix(transitions, "\n")
	for i, line := range strings.Split(got.String(), "\n") {
		if i >= strings.Count(want, "\n") && line != "" || i < strings.Count(want, "\n") && line != strings.Split(want, "\n")[i] {
			t.Errorf("line %d: %s", i+1, line)
		}
	}
	assert.Equal(t, got.String(), want)
}

const transitions = `
manual (Closed. 0) Closed. 0: params, back, close, dispose, hook, online, offline, visible
manual (Closed. 0) Open 1: restart, set
manual (Closed. 0) FailedToConnect. 0: set error
dialing (Connecting 0) Connecting+ 0, Open 1: params, back
dialing (Connecting 0) Open 1: restart, set
dialing (Connecting 0) FailedToConnect. 0: set error
dialing (Connecting 0) Closed. 0: close, dispose
dialing (Connecting 0) Connecting 0: hook, online, offline, visible
greeting (Connecting 0) Connecting 0, Open 1: params, back
greeting (Connecting 0) Open 1: restart, set
greeting (Connecting 0) FailedToConnect. 0: set error
greeting (Connecting 0) Closed. 0: close, dispose
greeting (Connecting 0) Connecting 0: hook, online, offline, visible
open (Open 1) Open 1, Open 2: params
open (Open 1) Open 1: back, hook, online, offline, visible
open (Open 1) Open 2: restart, set
open (Open 1) FailedToConnect. 1: set error
open (Open 1) Closed. 1: close, dispose
changed (Open 1) Open 1, Open 2: params, hook, online, offline, visible
changed (Open 1) Open 1: back
changed (Open 1) Open 2: restart, set
changed (Open 1) FailedToConnect. 1: set error
changed (Open 1) Closed. 1: close, dispose
replacing (Connecting* 1) Connecting* 1, Open 2: params, back
replacing (Connecting* 1) Open 2: restart, set
replacing (Connecting* 1) FailedToConnect. 1: set error
replacing (Connecting* 1) Closed. 1: close, dispose
replacing (Connecting* 1) Connecting* 1: hook, online, offline, visible
closing (Closing 1) Closing 1: params, back, restart, close, dispose, hook, online, offline, visible
closing (Closing 1) Open 2: set
closing (Closing 1) FailedToConnect. 1: set error
closed (Closed. 1) Closed. 1: params, back, close, dispose, hook, online, offline, visible
closed (Closed. 1) Open 2: restart, set
closed (Closed. 1) FailedToConnect. 1: set error
lost (Closed+ 1) Closed+ 1, Open 2: params, back, hook
lost (Closed+ 1) Open 2: restart, set, online, visible
lost (Closed+ 1) FailedToConnect. 1: set error
lost (Closed+ 1) Closed. 1: close, dispose
lost (Closed+ 1) Closed- 1: offline
failed (FailedToConnect+ 0) FailedToConnect+ 0, Open 1: params, back, hook
failed (FailedToConnect+ 0) Open 1: restart, set, online, visible
failed (FailedToConnect+ 0) FailedToConnect. 0: set error
failed (FailedToConnect+ 0) Closed. 0: close, dispose
failed (FailedToConnect+ 0) FailedToConnect- 0: offline
ended (Closed. 1) Closed+ 1, Open 2: params, back
ended (Closed. 1) Open 2: restart, set
ended (Closed. 1) FailedToConnect. 1: set error
ended (Closed. 1) Closed. 1: close, dispose, hook, online, offline, visible
offline (Closed- 1) Closed- 1: params, back, hook, offline, visible
offline (Closed- 1) Open 2: restart, set, online
offline (Closed- 1) FailedToConnect. 1: set error
offline (Closed- 1) Closed. 1: close, dispose
disposed (Closed. 1) Closed. 1: params, back, restart, set, set error, close, dispose, hook, online, offline, visible
`

// legal says which states may follow which. A state may follow itself, with other details.
var legal = map[State][]State{
	Connecting:      {Open, Closing, Closed, FailedToConnect},
	Open:            {Connecting, Closing, Closed, FailedToConnect},
	Closing:         {Connecting, Closed, FailedToConnect},
	Closed:          {Connecting, FailedToConnect},
	FailedToConnect: {Connecting, Closed},
}

// Whatever happens, in whatever order: the status has a legal history, with one connection at a time but for the moment
// where the next one takes the place of the last, and Restart always works.
func TestMachine_anyOrder(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 0))
			r := newRig(t, &Options{BreakFirst: seed%2 == 0, Manual: seed%3 == 0})
			for range 40 {
				switch n := dice.IntN(len(happenings) + 6); n - len(happenings) {
				case 0:
					if len(r.made()) > 0 {
						r.last().end(errGone)
					}
				case 1:
					r.hangOnce()
				case 2:
					r.failOnce()
				case 3:
					r.greets(func(ctx context.Context, _ conn) error {
						r.greets(nil)
						<-ctx.Done()
						return errors.New("not this one")
					})
				case 4:
					if len(r.made()) > 0 {
						r.last().answer()
					}
				case 5:
					time.Sleep(time.Duration(dice.IntN(100)) * time.Millisecond)
				default:
					if e := happenings[n].event(); e.kind != disposed {
						r.m.post(e)
					}
				}
				if dice.IntN(3) > 0 {
					synctest.Wait()
				}
			}
			synctest.Wait()
			r.dials(nil)
			r.greets(nil)
			r.happen(event{kind: restart})
			time.Sleep(time.Hour)
			synctest.Wait()
			assert.Equal(t, r.m.status.Peek().State, Open, seed, r.seen)
			open := 0
			for _, c := range r.made() {
				if c.Err() == nil {
					open++
				}
			}
			assert.True(t, open <= 1, seed, open)
			assert.Equal(t, r.m.loose, 0, seed)
			for i, s := range r.seen[1:] {
				before := r.seen[i]
				assert.True(t, before.State == s.State || slices.Contains(legal[before.State], s.State), seed, before, s)
				assert.True(t, s.Generation >= before.Generation, seed, before, s)
				assert.True(t, s.State == Connecting || !s.Previous && !s.Resuming, seed, s)
				assert.True(t, s.State == Closed || s.State == FailedToConnect || s.State == Connecting || s.RetryAt.IsZero() && !s.Offline, seed, s)
			}
		})
	}
}

// Without a network nothing is tried, and at once when there is one again.
func TestMachine_offline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &Options{})
		r.happen(event{kind: offline}) // the connection may well live on
		assert.Equal(t, r.state(), "Open 1")
		r.last().end(errGone)
		time.Sleep(time.Hour)
		assert.Equal(t, r.state(), "Closed- 1")
		assert.Equal(t, len(r.made()), 1)
		r.happen(event{kind: online})
		assert.Equal(t, r.state(), "Open 2")
		assert.Equal(t, r.m.status.Peek().Attempt, 2)
	})
}

// The network goes while an attempt is planned, and while one is under way.
func TestMachine_offline_whileItTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &Options{Manual: true})
		r.dials(func(context.Context) error { return errors.New("no route") })
		r.happen(event{kind: restart})
		assert.Equal(t, r.state(), "FailedToConnect+ 0")
		r.happen(event{kind: offline})
		assert.Equal(t, r.state(), "FailedToConnect- 0")
		goOn := make(chan struct{})
		r.dials(func(context.Context) error {
			<-goOn
			return errors.New("no route")
		})
		r.happen(event{kind: online})
		assert.Equal(t, r.state(), "Connecting 0")
		r.happen(event{kind: offline})
		assert.Equal(t, r.state(), "Connecting 0")
		close(goOn)
		synctest.Wait()
		assert.Equal(t, r.state(), "FailedToConnect- 0")
		r.dials(nil)
		r.happen(event{kind: paramsChanged, params: "grace"}) // with these, when there is a network
		time.Sleep(time.Hour)
		assert.Equal(t, r.state(), "FailedToConnect- 0")
		r.happen(event{kind: visible})
		assert.Equal(t, r.state(), "FailedToConnect- 0")
		r.happen(event{kind: online})
		assert.Equal(t, r.state(), "Open 1")
	})
}

// A connection that the program sets, in a page that waits for a network, is not replaced when there is one.
func TestMachine_offline_set(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &Options{})
		r.happen(event{kind: offline})
		r.last().end(errGone)
		synctest.Wait()
		r.happen(event{kind: set, c: newPipe()})
		assert.Equal(t, r.state(), "Open 2")
		r.happen(event{kind: online})
		assert.Equal(t, r.state(), "Open 2")
	})
}

// When somebody looks at the page again, what is planned for later is done now.
func TestMachine_visible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &Options{})
		r.last().end(errGone)
		synctest.Wait()
		assert.Equal(t, r.state(), "Closed+ 1")
		r.happen(event{kind: visible})
		assert.Equal(t, r.state(), "Open 2")
		time.Sleep(time.Hour) // the timer that was for that does not fire any more
		assert.Equal(t, r.state(), "Open 2")
		assert.Equal(t, len(r.made()), 2)
	})
}

// What comes from a conversation comes before the next, whatever has failed between them.
func TestMachine_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &Options{})
		slow := make(chan struct{})
		first := newPipe()
		first.slow = slow
		r.happen(event{kind: set, c: first})
		first.in <- "a"
		r.greets(func(context.Context, conn) error {
			r.greets(nil)
			return errors.New("not this one")
		})
		r.happen(event{kind: restart})
		time.Sleep(time.Minute)
		assert.Equal(t, r.state(), "Open 3")
		go func() { r.last().in <- "b" }()
		synctest.Wait()
		assert.Equal(t, r.in.text(), "live: conversation 2 begins: "+ErrReplaced.Error()+", a")
		close(slow)
		synctest.Wait()
		assert.Equal(t, r.in.text(), "live: conversation 2 begins: "+ErrReplaced.Error()+
			", a, the last of a slow one, live: conversation 3 begins: "+ErrReplaced.Error()+", b")
	})
}

// A Close that hangs delays nothing but itself.
func TestMachine_closeHangs(t *testing.T) {
	for _, first := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, &Options{BreakFirst: first})
			old := r.last().hangs()
			r.happen(event{kind: restart})
			assert.Equal(t, r.state(), map[bool]string{false: "Open 2", true: "Closing 1"}[first])
			done := make(chan error, 1)
			r.happen(event{kind: closeIt, done: done})
			assert.Equal(t, r.state(), map[bool]string{false: "Closed. 2", true: "Closing 1"}[first])
			old.answer()
			synctest.Wait()
			assert.NoError(t, <-done)
			assert.Equal(t, r.m.status.Peek().State, Closed)
			r.happen(event{kind: disposed})
			assert.True(t, r.m.over)
		})
	}
}
