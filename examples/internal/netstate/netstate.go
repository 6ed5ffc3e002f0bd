// Package netstate shows in a page how the connection of a socket is.
package netstate

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
)

// Show is how the connection of a socket is, with what can be done about it.
func Show[Recv, Send any](s *signals.Scope, ws *live.Socket[Recv, Send]) ui.Node {
	g := s.Graph()
	dot := signals.Map(ws.Status(), func(st live.Status) string {
		switch {
		case st.State == live.Open:
			return "open"
		case st.Final() && st.Err != nil:
			return "closed"
		}
		return "waiting"
	})
	away := signals.NewMemo(g, func(r *signals.Reader) bool {
		st := ws.Status().Get(r)
		return st.Err != nil && st.State != live.Open && st.State != live.Connecting
	})
	return ui.Div(ui.Class("state"), ui.BindAttr[string]("data-state", dot),
		ui.P(ui.ID("status"), ui.TestID("status"), ui.Role("status"), ui.TextOf(ws.Status(), describe)),
		ui.Show(away, func(s *signals.Scope) ui.Node {
			return ui.Fragment(
				ui.Span(ui.ID("countdown"), countdown(s, ws.Status())),
				ui.Button(ui.ID("connect"), ui.TestID("connect"), ui.Type("button"), ui.OnClick(ws.Restart), "Connect now"),
			)
		}),
	)
}

// describe says in words how the connection is.
func describe(st live.Status) string {
	switch {
	case st.State == live.Open:
		return "open"
	case st.State == live.Closing:
		return "closing"
	case st.Err == nil:
		return "connecting"
	case st.Offline:
		return why(st) + ", waiting for a network"
	case st.Final():
		return why(st)
	}
	return why(st) + ", reconnecting"
}

// why says how the last connection ended.
func why(st live.Status) string {
	if code, reason := st.Code(); code != 0 {
		text := "closed " + strconv.Itoa(int(code))
		if reason != "" {
			text += " “" + reason + "”"
		}
		return text
	}
	switch {
	case errors.Is(st.Err, live.ErrReplaced):
		return "replaced"
	case st.State == live.FailedToConnect && errors.Is(st.Err, tandem.ErrLost):
		return "failed to connect"
	case errors.Is(st.Err, tandem.ErrLost):
		return "connection lost"
	}
	return st.Err.Error()
}

// countdown is how long it is until the next attempt.
func countdown(s *signals.Scope, status signals.Readable[live.Status]) signals.Readable[string] {
	left := signals.New(s.Graph(), "")
	signals.Effect(s, func(r *signals.Reader) {
		at := status.Get(r).RetryAt
		if at.IsZero() {
			left.Set("")
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		r.OnCleanup(cancel)
		left.Set(until(at))
		go func() {
			tick := time.NewTicker(250 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					left.Set(until(at))
				case <-ctx.Done():
					return
				}
			}
		}()
	})
	return left
}

func until(at time.Time) string {
	if d := time.Until(at); d > 0 {
		return "in " + strconv.Itoa(int((d+time.Second-1)/time.Second)) + " s"
	}
	return "now …"
}
