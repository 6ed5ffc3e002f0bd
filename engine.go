//go:build !js

package tandem

import "github.com/tandem-ws/tandem/internal/engine"

var _ core = (*engine.Conn)(nil)

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
	}
	if client {
		cfg.MaxMessage, cfg.MaxSend = cfg.MaxSend, cfg.MaxMessage
		cfg.FirstMessageTimeout, cfg.MessageRate, cfg.ByteRate = 0, engine.Rate{}, engine.Rate{}
	}
	return cfg
}
