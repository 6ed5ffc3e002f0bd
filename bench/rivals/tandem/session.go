package tandem

import (
	"context"
	"net/http"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Sessions echoes ten-field structs in sessions, in JSON, and Windows fills the window of each: for their memory. They are
// in no table of rivals.
var (
	Sessions = rival.Rival{Name: "tandem-sessions", About: "sessions that wait for messages", Echo: func(rival.App) http.Handler { return session(false) }}
	Windows  = rival.Rival{Name: "tandem-windows", About: "sessions whose window is full", Echo: func(rival.App) http.Handler { return session(true) }}
)

// WindowMessages is the window of Windows.
const WindowMessages = 64

func session(fill bool) http.Handler {
	policy := &tandem.SessionPolicy{}
	if fill {
		policy.Messages = WindowMessages
	}
	e := &tandem.Endpoint[struct{}, msg.Ten, msg.Ten]{Path: "/echo", Codec: msg.Codecs["json"], Limits: limits, Session: policy}
	_, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[msg.Ten, msg.Ten]) error {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			for range answers(fill) {
				if err := c.Send(ctx, m); err != nil {
					return err
				}
			}
		}
		return nil
	}, nil)
	return h
}

// answers is how many answers a message gets.
func answers(fill bool) int {
	if fill {
		return WindowMessages
	}
	return 1
}
