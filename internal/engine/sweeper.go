package engine

import (
	"runtime"
	"sync"
)

// Sweeper writes what senders have put off and not written themselves, for all connections of an endpoint, which share one in
// [Config]. Nearly always the sender comes back to receive, and has written by then. So the sweeper lets everybody who can run
// have a turn before it looks, and where many connections are at work it looks once for all of them: a goroutine for each batch
// of 16 answers of 32 bytes took 5 to 8 % of what the batch costs.
type Sweeper struct {
	mu    sync.Mutex
	due   []*writer
	list  []*writer // run's
	looks bool      // run does
	run   func()    // look, bound once: starting it allocates nothing
}

// add has the sweeper look at a writer.
func (s *Sweeper) add(w *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = append(s.due, w)
	if !s.looks {
		s.looks = true
		if s.run == nil {
			s.run = s.look
		}
		go s.run()
	}
}

func (s *Sweeper) look() {
	for s.again() {
		runtime.Gosched()
		s.mu.Lock()
		s.due, s.list = s.list[:0], s.due
		s.mu.Unlock()
		for i, w := range s.list {
			if w.sweep() {
				go w.flush()
			}
			s.list[i] = nil
		}
	}
}

// again reports whether somebody is due.
func (s *Sweeper) again() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks = len(s.due) > 0
	return s.looks
}
