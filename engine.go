//go:build !js

package tandem

import "github.com/tandem-ws/tandem/internal/engine"

var _ core = (*engine.Conn)(nil)

// engineConfig is what the limits mean for the server's or the client's end.
func engineConfig(l Limits, client bool) *engine.Config {
	l = l.withDefaults()
	cfg := &engine.Config{
		Client:         client,
		MaxMessage:     int64(l.ClientMessage),
		MaxSend:        int64(l.ServerMessage),
		MaxFragments:   l.Fragments,
		MessageTimeout: l.MessageTime,
		FirstMessage:   l.FirstMessage,
		PingInterval:   l.PingInterval,
		PongTimeout:    l.PongTimeout,
		WriteTimeout:   l.WriteTime,
		CloseTimeout:   l.CloseTime,
		QueueMessages:  l.QueueMessages,
		QueueBytes:     l.QueueBytes,
		Overflow:       engine.Overflow(l.Overflow),
		MessageRate:    engine.Rate(l.MessageRate),
		ByteRate:       engine.Rate(l.ByteRate),
	}
	if client {
		cfg.MaxMessage, cfg.MaxSend = cfg.MaxSend, cfg.MaxMessage
		cfg.FirstMessage, cfg.MessageRate, cfg.ByteRate = 0, engine.Rate{}, engine.Rate{}
	}
	return cfg
}
