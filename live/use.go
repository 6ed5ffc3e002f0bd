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
	// off: the old one goes on until there is a connection for the next.
	BreakFirst bool

	// Settle is how long changed parameters must stay as they are before they are connected with, so that several changes
	// are one. Default 50 ms; negative is not at all.
	Settle time.Duration

	// Buffer is how many messages wait for Recv or Messages at most. When there are more, no further ones are read, and
	// the server has to wait; that the connection is lost may then be seen only when something is sent. Default 256.
	Buffer int
}

const (
	defaultSettle = 50 * time.Millisecond
	defaultBuffer = 256
)

// Use connects to the endpoint and stays connected until the scope is disposed. params gives the parameters; when what it
// has read changes, and they make another request then (see [tandem.Endpoint.Same]), there is another conversation with them.
// When they change back before the next conversation has begun, the old one stays. A nil params means the zero value. params
// is a memo's function: it may be called from any goroutine, and should write nothing and wait for nothing. While it panics
// the socket is FailedToConnect with that.
//
// It returns at once; the attempt is made by a goroutine. In a disposed scope the socket is closed.
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

	ws, base := newSocket[Out, In](s, o), o.Base
	ws.m.retry = dial.Reconnect
	ws.m.same = func(a, b any) bool {
		p, isParams := a.(Params)
		q, areParams := b.(Params)
		return isParams && areParams && e.Same(p, q)
	}
	ws.m.dial = func(ctx context.Context, failed int) (conn, any, error) {
		d := dial
		if d.Reconnect != nil && d.Reconnect.Prepare != nil && !(e.Session != nil && !d.Plain) { // a session does so itself
			d.Header = maps.Clone(d.Header)
			if d.Header == nil {
				d.Header = map[string][]string{}
			}
			if err := d.Reconnect.Prepare(ctx, failed, &d); err != nil {
				return nil, nil, err
			}
		}
		p, panicked := read(wanted, nil)
		if panicked != nil {
			return nil, nil, &paramsError{panicked}
		}
		c, err := e.Dial(ctx, base, p, &d)
		if err != nil {
			return nil, nil, err
		}
		return c, p, nil
	}
	first := true
	signals.Effect(s, func(r *signals.Reader) {
		changed := event{kind: paramsChanged}
		if p, panicked := read(wanted, r); panicked == nil {
			changed.params = p
		}
		if first {
			first = false
			return
		}
		ws.m.revive(false)
		ws.m.post(changed)
	})
	s.OnCleanup(func() { ws.m.post(event{kind: disposed}) }) // at once, if it was disposed
	ws.m.start()
	return ws
}

// read reads a memo, and catches its panic.
func read[T any](m *signals.Memo[T], r *signals.Reader) (v T, panicked *signals.PanicError) {
	defer func() {
		if p := recover(); p != nil {
			panicked = signals.Recovered(p)
		}
	}()
	return m.Get(r), nil
}
