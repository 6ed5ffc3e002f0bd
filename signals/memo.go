package signals

// Memo is a value that is worked out of others. It is worked out when it is read and something has changed that it has read
// the last time, by whoever reads; the others who want it wait for that.
type Memo[T any] struct {
	memo
	f           func(*Reader) T
	equal       func(a, b T) bool // nil: every run is a change
	value, next T
	has         bool // there is a value
}

// NewMemo makes a memo. f gets the Reader to read with; it should write nothing and wait for nothing. A result that is ==
// to the last one is no change.
func NewMemo[T comparable](g *Graph, f func(r *Reader) T) *Memo[T] {
	return NewMemoFunc(g, f, same[T])
}

// NewMemoFunc makes a memo with an equality of its own. If equal is nil, every run of f is a change.
func NewMemoFunc[T any](g *Graph, f func(r *Reader) T, equal func(a, b T) bool) *Memo[T] {
	m := &Memo[T]{f: f, equal: equal}
	m.memo.init(g, m)
	return m
}

// Get gives the value, and has r's run depend on it. It panics with what f has panicked with, see the package comment.
func (m *Memo[T]) Get(r *Reader) T {
	m.read(r)
	v := m.value
	m.src.g.kick()
	return v
}

// Peek gives the value without depending on it. The memo's own f must not call it: it would wait for itself.
func (m *Memo[T]) Peek() T { return m.Get(nil) }

// Graph is the graph it belongs to.
func (m *Memo[T]) Graph() *Graph { return m.src.g }

func (m *Memo[T]) work(r *Reader) (changed bool) {
	m.next = m.f(r)
	return !m.has || m.equal == nil || !m.equal(m.value, m.next)
}

func (m *Memo[T]) commit(changed bool) {
	if changed {
		m.value, m.has = m.next, true
	}
	var none T
	m.next = none
}

// memo is a memo of any type.
type memo struct {
	src     source
	o       observer
	w       worker
	checked uint64      // the clock when it was up to date last
	fault   *PanicError // what its last run has panicked with
}

// worker knows the type.
type worker interface {
	// work works the next value out, without the lock, and tells whether it differs from the last.
	work(*Reader) (changed bool)
	// commit puts it in place of the last, with the lock held.
	commit(changed bool)
}

func (m *memo) init(g *Graph, w worker) {
	m.src = source{g: g, memo: m}
	m.o = observer{g: g, memo: m, stale: true}
	m.w = w
}

// read brings the value up to date and notes that it is read. It returns with the lock held.
func (m *memo) read(r *Reader) {
	g := m.src.g
	g.mu.Lock()
	r.check(g)
	returns := false
	defer func() {
		if !returns { // it panics, or the goroutine ends
			g.kick()
		}
	}()
	err := m.refresh(r.observer())
	r.track(&m.src) // of a cycle too, so that r's run is told when it is cut
	if err != nil {
		panic(err)
	}
	if m.fault != nil {
		panic(m.fault)
	}
	returns = true
}

// refresh brings the value up to date, for an observer or nobody. The lock is given up while the value is worked out.
func (m *memo) refresh(by *observer) error {
	g := m.src.g
	for m.o.running {
		if by != nil && m.o.needs(by) {
			return ErrCycle
		}
		by.waitFor(&m.o)
		g.ready.Wait()
		by.done(&m.o)
	}
	if m.current() {
		m.checked = g.clock
		return nil
	}
	m.o.running, m.o.stale = true, false
	now := g.clock
	by.waitFor(&m.o)
	done := false
	defer func() {
		if !done { // the goroutine ends: the next reader tries again
			m.src.version = 0
			m.o.unsettle()
		}
		by.done(&m.o)
		m.o.running = false
		g.ready.Broadcast()
	}()
	g.hold++
	defer g.letGo()
	if m.src.version == 0 || m.o.changed() {
		m.evaluate()
	}
	m.checked = now
	done = true
	return nil
}

// current reports whether the value is up to date. Where there is a subscription it knows, and the clock is not asked: that
// could hide that what it has read is stale, which must be looked at before it tells of changes again.
func (m *memo) current() bool {
	switch {
	case m.src.version == 0:
		return false
	case m.o.live:
		return !m.o.stale
	}
	return m.checked == m.src.g.clock
}

func (m *memo) evaluate() {
	g := m.src.g
	left := m.o.leave()
	if left != nil && g.tell(left) {
		left = nil
	}
	changed, p := m.call()
	if p == nil {
		p = left
	}
	if changed || p != nil || m.fault != nil || m.src.version == 0 {
		m.src.version = g.nextVersion()
	}
	m.w.commit(changed)
	m.fault = p
}

// call works the next value out, without the lock.
func (m *memo) call() (changed bool, p *PanicError) {
	g := m.src.g
	r := m.o.begin()
	defer m.o.end()
	g.mu.Unlock()
	defer g.mu.Lock()
	p = try(func() { changed = m.w.work(r) })
	return changed, p
}
