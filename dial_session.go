//go:build !js

package tandem

import (
	"context"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// sessionConfig is the engine's configuration for the sockets of sessions: frames are longer than their messages, and
// the session's window bounds the queue.
func sessionConfig(l Limits, p *SessionPolicy, client bool) *engine.Config {
	cfg := engineConfig(l, client)
	cfg.MaxMessage = max(cfg.MaxMessage+session.Overhead, session.MaxControl)
	cfg.MaxSend = 0
	cfg.QueueMessages, cfg.QueueBytes, cfg.Overflow = orDefault(p.Messages, 256)+maxAnswers, math.MaxInt, engine.Block
	if r := &cfg.MessageRate; r.PerSecond > 0 { // who comes back may bring a window of messages, and acknowledges
		r.PerSecond += acksPerSecond
		r.Burst += float64(orDefault(p.Messages, 256) + acksPerSecond)
	}
	if r := &cfg.ByteRate; r.PerSecond > 0 {
		r.PerSecond += acksPerSecond * ackSize
		r.Burst += float64(orDefault(p.Bytes, 1<<20) + session.Overhead)
	}
	return cfg
}

// How often a client acknowledges at most when it has nothing else to say, four times a second and some for pings, and how
// long such a frame is. Acknowledgements behind every 32 messages come on top, so a tenth is left for them.
const (
	acksPerSecond = 8
	ackSize       = 64
)

// maxAnswers is how many acknowledgements and pongs may wait for a peer that takes nothing, besides the messages of a
// window. More than that only a peer causes that asks and does not read.
const maxAnswers = 1024

// linkConfig is what a session needs to know of an endpoint.
func linkConfig(codec Codec, l Limits, p *SessionPolicy, client bool) (*link.Config, error) {
	env, err := envelopeOf(codec)
	if err != nil {
		return nil, err
	}
	cfg := engineConfig(l, client)
	return &link.Config{
		Codec:        env,
		Kind:         wire.Kind(codec.FrameKind()),
		MaxMessage:   cfg.MaxMessage,
		MaxSend:      cfg.MaxSend,
		Overflow:     map[Overflow]link.Overflow{OverflowClose: link.CloseSlow, OverflowRefuse: link.Refuse}[l.Overflow],
		CloseTimeout: cfg.CloseTimeout,
		ByHand:       client && p.ClientCommits || !client && p.ServerCommits,
		Durable:      !client && p.Durable,
	}, nil
}

// socketOwner tells a session of the end of its socket.
type socketOwner struct {
	ended   func(s link.Socket, why error)
	pending func()
}

func (o *socketOwner) Ended(c *engine.Conn, why error) { go o.ended(c, why) } // it may be told with the session's lock held
func (o *socketOwner) Pending()                        { o.pending() }

// sessionDialer opens the sockets of a client's session.
type sessionDialer struct {
	d     *dialer
	retry Reconnect
	cfg   *engine.Config
}

func (s *sessionDialer) Stable() time.Duration { return s.retry.Stable }

func (s *sessionDialer) Retry(attempt int, err error) (time.Duration, bool) {
	if !comesBack(err) {
		return 0, false
	}
	return s.retry.wait(attempt, err)
}

func (s *sessionDialer) Dial(ctx context.Context, l *link.Client, attempt int) (link.Socket, string, error) {
	d := *s.d
	if s.retry.Prepare != nil {
		if d.o.Header = maps.Clone(d.o.Header); d.o.Header == nil {
			d.o.Header = map[string][]string{}
		}
		if err := s.retry.Prepare(ctx, attempt, &d.o); err != nil {
			return nil, "", err
		}
	}
	if err := checkCredential(d.o.Credential); err != nil {
		return nil, "", err
	}
	offer := sessionProtocol(d.codec)
	up, err := d.dial(ctx, append([]string{offer}, d.o.Subprotocols...))
	if err != nil {
		return nil, "", err
	}
	if up.Subprotocol != offer {
		up.Conn.Close()
		return nil, "", fmt.Errorf("tandem: dial %s: the server does not speak %s", d.plan.Pattern(), offer)
	}
	c := engine.New(up.Conn, s.cfg, engine.Options{
		Buffered: up.Buffered,
		Owner:    &socketOwner{ended: l.Ended, pending: l.Pending},
	})
	return c, d.o.Credential, nil
}

// dialSession opens a session.
func dialSession(ctx context.Context, d *dialer, l Limits, p *SessionPolicy) (*link.Client, error) {
	cfg, err := linkConfig(d.codec, l, p, true)
	if err != nil {
		return nil, err
	}
	c := link.NewClient(cfg, &session.ClientConfig{Window: p.window()}, &sessionDialer{
		d: d, retry: d.o.Reconnect.withDefaults(), cfg: sessionConfig(l, p, true),
	})
	if err := c.Open(ctx); err != nil {
		return nil, err
	}
	return c, nil
}
