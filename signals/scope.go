package signals

// Scope owns what is to end together: effects, and whatever has a cleanup function. A component of a user interface has
// one, for instance, and so has each run of an effect.
type Scope struct {
	g    *Graph
	of   *effect // in whose run it was made; nil for others
	over bool
	last *owned // of what it owns, the newest
	own  owned  // its place in the scope it was made in
}

// owned is a thing's place in a scope.
type owned struct {
	in         *Scope // nil when it is in none
	prev, next *owned
	what       interface{ dispose() }
}

// NewScope makes a scope that belongs to no other.
func NewScope(g *Graph) *Scope { return &Scope{g: g} }

// Child makes a scope that ends with this one, if it does not end before.
func (s *Scope) Child() *Scope {
	c := &Scope{g: s.g}
	c.own.what = c
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	c.over = !s.add(&c.own)
	return c
}

// Graph is the graph it belongs to.
func (s *Scope) Graph() *Graph { return s.g }

// OnCleanup has f called when the scope is disposed, or at once if it was.
func (s *Scope) OnCleanup(f func()) {
	c := &cleanup{f: f}
	c.own.what = c
	s.g.mu.Lock()
	added := s.add(&c.own)
	s.g.mu.Unlock()
	if !added {
		f()
	}
}

type cleanup struct {
	own owned
	f   func()
}

func (c *cleanup) dispose() { c.f() }

// Dispose ends what is in the scope, the newest first. A panic of a cleanup function does not keep the rest from ending; see
// [Options].OnPanic. Doing it again does nothing.
func (s *Scope) Dispose() {
	if p := s.end(); p != nil && !s.told(p) {
		panic(p)
	}
}

func (s *Scope) told(p *PanicError) bool {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	return s.g.tell(p)
}

// Disposed reports whether the scope has ended.
func (s *Scope) Disposed() bool {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	return s.over
}

func (s *Scope) dispose() { s.Dispose() }

// end is Dispose that returns the first panic.
func (s *Scope) end() (first *PanicError) {
	returns := false
	defer func() {
		if !returns { // a cleanup function ends the goroutine, but not the rest of them
			_ = s.end()
		}
	}()
	s.g.mu.Lock()
	s.over = true
	s.own.leave()
	for s.last != nil {
		o := s.last
		o.leave()
		s.g.mu.Unlock()
		if p := try(o.what.dispose); p != nil && first == nil {
			first = p
		}
		s.g.mu.Lock()
	}
	s.g.mu.Unlock()
	returns = true
	return first
}

// add puts something into the scope, with the lock held. It reports false when the scope has ended.
func (s *Scope) add(o *owned) bool {
	if s.over {
		return false
	}
	o.in, o.prev = s, s.last
	if s.last != nil {
		s.last.next = o
	}
	s.last = o
	return true
}

// leave takes something out of its scope, with the lock held.
func (o *owned) leave() {
	s := o.in
	if s == nil {
		return
	}
	if o.next != nil {
		o.next.prev = o.prev
	} else {
		s.last = o.prev
	}
	if o.prev != nil {
		o.prev.next = o.next
	}
	o.in, o.prev, o.next = nil, nil, nil
}
