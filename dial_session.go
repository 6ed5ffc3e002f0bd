package tandem

import (
	"context"
	"maps"
	"time"

	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
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
	l = l.withDefaults()
	in, out := l.MaxClientMessage, l.MaxServerMessage
	if client {
		in, out = out, in
	}
	return &link.Config{
		Codec:        env,
		Kind:         wire.Kind(codec.FrameKind()),
		MaxMessage:   int64(in),
		MaxSend:      int64(out),
		Overflow:     map[Overflow]link.Overflow{OverflowClose: link.CloseSlow, OverflowRefuse: link.Refuse}[l.Overflow],
		CloseTimeout: l.CloseTimeout,
		ByHand:       client && p.ClientCommits || !client && p.ServerCommits,
		Durable:      !client && p.Durable,
	}, nil
}

// sessionDialer opens the sockets of a client's session.
type sessionDialer struct {
	d     *dialer
	retry Reconnect
	cfg   *socketConfig
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
	sock, proto, err := d.dial(ctx, append([]string{offer}, d.o.Subprotocols...), s.cfg, &socketOwner{ended: l.Ended, pending: l.Pending})
	if err != nil {
		return nil, "", err
	}
	if proto != offer {
		sock.Abort(wire.ErrClosed)
		return nil, "", say.Errorf("tandem: dial %s: the server does not speak %s", d.plan.Pattern(), offer)
	}
	return sock, d.o.Credential, nil
}

// dial opens a session.
func (p *SessionPolicy) dial(ctx context.Context, d *dialer, l Limits) (core, error) {
	cfg, err := linkConfig(d.codec, l, p, true)
	if err != nil {
		return nil, err
	}
	c := link.NewClient(cfg, &session.ClientConfig{Window: p.window()}, &sessionDialer{
		d: d, retry: d.o.Reconnect.withDefaults(), cfg: clientSessionConfig(l, p),
	})
	if err := c.Open(ctx); err != nil {
		return nil, err
	}
	return c, nil
}
