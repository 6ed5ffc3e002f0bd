package session

// SetEpoch makes the session one of another store: what a restored backup does.
func (s *Server) SetEpoch(epoch string) { s.cfg.Epoch = epoch }
