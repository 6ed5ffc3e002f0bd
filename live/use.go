package live

import (
	"context"
	"maps"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// Options are a Socket's. A nil *Options means the defaults.
type Options struct {
	// Base is the server, as for [tandem.Endpoint.Dial]. Default "": in a browser the page's own.
	Base string

	// Dial are the options of each attempt. Its Reconnect says how the socket comes back, also without a session, and
	// Reconnect.Prepare is called before each attempt, with a copy of the options: for fresh credentials. Default nil.
	Dial *tandem.DialOptions

	// Manual leaves the socket closed until Restart is called. Default off: it connects at once.
	Manual bool

	// NoReconnect leaves a connection closed that was lost, and an attempt failed that has failed, until the parameters
	// change or Restart is called. Default off.
	NoReconnect bool

	// BreakFirst closes the old conversation before the next is begun, when parameters change or after Restart. Default
	// off: the old one goes on until the next is open.
	BreakFirst bool

	// Settle is how long changed parameters must stay as they are before they are connected with, so that several changes
	// are one. Default 50 ms; negative is not at all.
	Settle time.Duration

	// Buffer is how many messages wait for Recv or Messages at most. When there are more, no further ones are read, and
	// the server has to wait. Default 256.
	Buffer int
}

const (
	defaultSettle = 50 * time.Millisecond
	defaultBuffer = 256
)

// Use connects to the endpoint and stays connected until the scope is disposed. params gives the parameters; when what it
// has read changes, and they make another request then (see [tandem.Endpoint.Same]), there is another conversation with them.
// A nil params means the zero value.
//
// It returns at once; the attempt is made by a goroutine.
func Use[Params, In, Out any](
	s *signals.Scope, e *tandem.Endpoint[Params, In, Out], params func(r *signals.Reader) Params, o *Options,
) *Socket[Out, In] {
	if o == nil {
		o = &Options{}
	}
	var dial tandem.DialOptions
	if o.Dial != nil {
		dial = *o.Dial
	}
	if params == nil {
		params = func(*signals.Reader) (zero Params) { return zero }
	}
	wanted := signals.NewMemoFunc(s.Graph(), params, e.Same)

	ws := newSocket[Out, In](s, o)
	ws.m.retry = dial.Reconnect
	ws.m.dial = func(ctx context.Context, attempt int) (conn, error) {
		d := dial
		if d.Reconnect != nil && d.Reconnect.Prepare != nil && !(e.Session != nil && !d.Plain) { // a session does so itself
			d.Header = maps.Clone(d.Header)
			if d.Header == nil {
				d.Header = map[string][]string{}
			}
			if err := d.Reconnect.Prepare(ctx, attempt, &d); err != nil {
				return nil, err
			}
		}
		c, err := e.Dial(ctx, o.Base, wanted.Peek(), &d)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	first := true
	signals.Effect(s, func(r *signals.Reader) {
		wanted.Get(r)
		if first {
			first = false
			return
		}
		ws.m.revive(false)
		ws.m.post(event{kind: paramsChanged})
	})
	ws.m.start()
	s.OnCleanup(func() { ws.m.post(event{kind: disposed}) })
	return ws
}
