//go:build !js

package tandem

import (
	"math"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/session"
)

var _ socket = (*engine.Conn)(nil)

// socketConfig is what the sockets of an endpoint have in common.
type socketConfig = engine.Config

func clientConfig(l Limits) *engine.Config { return engineConfig(l, true) }

func clientSessionConfig(l Limits, p *SessionPolicy) *engine.Config { return sessionConfig(l, p, true) }

// Ended tells that a socket has ended. It may be told with the session's lock held.
func (o *socketOwner) Ended(c *engine.Conn, why error) { go o.ended(c, why) }

// engineConfig is what the limits mean for the server's or the client's end.
func engineConfig(l Limits, client bool) *engine.Config {
	l = l.withDefaults()
	cfg := &engine.Config{
		Client:              client,
		MaxMessage:          int64(l.MaxClientMessage),
		MaxSend:             int64(l.MaxServerMessage),
		MaxFragments:        l.MaxFragments,
		MessageTimeout:      l.MessageTimeout,
		FirstMessageTimeout: l.FirstMessageTimeout,
		PingInterval:        l.PingInterval,
		PongTimeout:         l.PongTimeout,
		WriteTimeout:        l.WriteTimeout,
		CloseTimeout:        l.CloseTimeout,
		QueueMessages:       l.QueueMessages,
		QueueBytes:          l.QueueBytes,
		Overflow:            engine.Overflow(l.Overflow),
		MessageRate:         engine.Rate(l.MessageRate),
		ByteRate:            engine.Rate(l.ByteRate),
	}
	if !client {
		cfg.Patrol = new(engine.Patrol)
		cfg.Sweeper = new(engine.Sweeper)
	}
	if client {
		cfg.MaxMessage, cfg.MaxSend = cfg.MaxSend, cfg.MaxMessage
		cfg.FirstMessageTimeout, cfg.MessageRate, cfg.ByteRate = 0, engine.Rate{}, engine.Rate{}
	}
	return cfg
}

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
