package signals

// Reader says who reads. Each run of a memo or effect gets one; what is read with it is what the memo or effect depends on.
// Once the run has ended it notes nothing any more. A nil *Reader notes nothing either.
type Reader struct {
	o     *observer
	run   uint64
	quiet bool
}

// Readable is a value that can be read: a [Signal], a [Memo], a [Resource], or what other packages make of them.
type Readable[T any] interface {
	// Get reads the value, and has r's run depend on it.
	Get(r *Reader) T
	// Peek reads the value without depending on it.
	Peek() T
	// Graph is the graph it belongs to.
	Graph() *Graph
}

// Untracked is a Reader for reading what the run is not to depend on. It differs from none, and from Peek, in that a memo
// which needs itself is found out, instead of waiting for itself for ever.
func (r *Reader) Untracked() *Reader {
	if r == nil {
		return nil
	}
	return &Reader{o: r.o, run: r.run, quiet: true}
}

// Scope is that of the run: what is made in it ends before the next run, or when the effect ends. After the run it has ended.
func (r *Reader) Scope() *Scope {
	g := r.o.g
	g.mu.Lock()
	defer g.mu.Unlock()
	if !r.current() {
		return &Scope{g: g, over: true}
	}
	if r.o.scope == nil {
		r.o.scope = &Scope{g: g, of: r.o.effect}
	}
	return r.o.scope
}

// OnCleanup has f called before the next run, or when the effect ends. After the run it is called at once.
func (r *Reader) OnCleanup(f func()) { r.Scope().OnCleanup(f) }

func (r *Reader) current() bool { return r.o.tracks && r.o.run == r.run }

// observer is who waits for what is read with the Reader; nil for nobody.
func (r *Reader) observer() *observer {
	if r == nil || !r.current() {
		return nil
	}
	return r.o
}

// check panics when something of another graph is read. It is called with the lock of g held, and gives it up before.
func (r *Reader) check(g *Graph) {
	if r != nil && r.o.g != g {
		g.mu.Unlock()
		panic("signals: a value is read with a Reader of another graph")
	}
}

// track notes that a source is read, with the lock held.
func (r *Reader) track(s *source) {
	if r != nil && !r.quiet && r.current() {
		r.o.track(s)
	}
}
