package signals

// source is what can be read: what the graph knows of a signal or a memo.
type source struct {
	g       *Graph
	version uint64 // changes with the value, and is never used again; 0 is a memo that was not worked out yet
	memo    *memo  // who works the value out; nil for a signal

	first, last *link // who is to be told of changes
	recent      *link // which of them was used last
}

// link says that an observer has read a source.
type link struct {
	src     *source
	o       *observer
	version uint64 // of the value that it saw first
	run     uint64 // in which it was

	prev, next *link // in the list of the source
	told       bool  // it is in that list
}

// notify tells everybody who depends on a source that it may have changed.
func (s *source) notify() {
	for l := s.first; l != nil; l = l.next {
		l.o.tell()
	}
}

// subscribe has the observer told of changes. The first one who depends on a memo makes the memo depend on what it has read.
// What has changed since the memo was worked out, the observer is told at once.
func (l *link) subscribe() {
	if l.told {
		return
	}
	s := l.src
	l.told = true
	if l.prev = s.last; s.last != nil {
		s.last.next = l
	} else {
		s.first = l
	}
	s.last = l
	m := s.memo
	if m == nil {
		return
	}
	if !m.o.live {
		m.o.live, m.o.stale = true, m.checked != s.g.clock
		m.o.each((*link).subscribe)
	}
	if m.o.stale {
		l.o.tell()
	}
}

// unsubscribe ends that. The last one to leave a memo makes it leave what it has read.
func (l *link) unsubscribe() {
	if !l.told {
		return
	}
	s := l.src
	l.told = false
	if l.prev != nil {
		l.prev.next = l.next
	} else {
		s.first = l.next
	}
	if l.next != nil {
		l.next.prev = l.prev
	} else {
		s.last = l.prev
	}
	l.prev, l.next = nil, nil
	if s.recent == l {
		s.recent = nil
	}
	if m := s.memo; m != nil && s.first == nil {
		m.o.live = false
		m.o.each((*link).unsubscribe)
	}
}
