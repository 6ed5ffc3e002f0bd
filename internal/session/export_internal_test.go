//go:build !js

package session

// SetLast makes it look as if n messages had been sent and acknowledged.
func (e *end) SetLast(n uint64) { e.out.last, e.out.acked, e.out.sent, e.out.high = n, n, n, n }

// SetEpoch makes the session one of another store: what a restored backup does.
func (s *Server) SetEpoch(epoch string) { s.cfg.Epoch = epoch }
