package signals

// Signal is a value that can be written.
type Signal[T any] struct {
	src   source
	equal func(a, b T) bool // nil: every write is a change
	value T

	// What it was before it was written while effects were held back.
	saved  bool
	before T
	since  uint64
}

// New makes a signal. A write of a value that is == to the one it has is no change. Values of an interface type whose
// dynamic type cannot be compared make Set panic, as == does.
func New[T comparable](g *Graph, value T) *Signal[T] {
	return NewFunc(g, value, same[T])
}

func same[T comparable](a, b T) bool { return a == b }

// NewFunc makes a signal with an equality of its own. equal must not write signals. If it is nil, every write is a change.
func NewFunc[T any](g *Graph, value T, equal func(a, b T) bool) *Signal[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	return &Signal[T]{src: source{g: g, version: g.nextVersion()}, equal: equal, value: value}
}

// Get reads the value, and has r's run depend on it.
func (s *Signal[T]) Get(r *Reader) T {
	g := s.src.g
	g.mu.Lock()
	r.check(g)
	r.track(&s.src)
	v := s.value
	g.mu.Unlock()
	return v
}

// Peek reads the value.
func (s *Signal[T]) Peek() T { return s.Get(nil) }

// Graph is the graph it belongs to.
func (s *Signal[T]) Graph() *Graph { return s.src.g }

// Set writes the value. With [Sync] it returns when the effects have run, unless it is called by one of them or inside a
// batch, or another goroutine is running them or holds them back: then they run after.
func (s *Signal[T]) Set(value T) {
	for {
		now, version := s.look()
		if s.equal != nil && s.equal(now, value) || s.store(version, value) {
			return
		}
	}
}

// Update writes what f makes of the value. f is called again when the value has changed meanwhile, so it should do nothing
// else.
func (s *Signal[T]) Update(f func(T) T) {
	for {
		now, version := s.look()
		value := f(now)
		if s.equal != nil && s.equal(now, value) || s.store(version, value) {
			return
		}
	}
}

func (s *Signal[T]) look() (value T, version uint64) {
	g := s.src.g
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.value, s.src.version
}

// store writes a value, unless another has been written since version.
func (s *Signal[T]) store(version uint64, value T) bool {
	g := s.src.g
	g.mu.Lock()
	if s.src.version != version {
		g.mu.Unlock()
		return false
	}
	if g.hold > 0 && !s.saved && s.equal != nil {
		s.saved, s.before, s.since = true, s.value, version
		g.written = append(g.written, s)
	}
	s.value = value
	s.changed(g.nextVersion())
	g.kick()
	return true
}

// changed notes a change, with the lock held.
func (s *Signal[T]) changed(version uint64) {
	s.src.version = version
	s.src.g.clock++
	s.src.notify()
}

// settle is called before effects are let go: a signal that has its old value again has not changed for those who have
// seen no other. Values whose comparison panics differ.
func (s *Signal[T]) settle() {
	g := s.src.g
	g.mu.Lock()
	before, since := s.before, s.since
	now, version := s.value, s.src.version
	var none T
	s.saved, s.before = false, none
	g.mu.Unlock()
	same := false
	if p := try(func() { same = s.equal(before, now) }); p != nil || !same {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.src.version == version {
		s.changed(since)
	}
}
