package signals

import "sync"

// Graph is what belongs together: signals, and the memos and effects that read them. Nothing may depend on a signal of
// another graph.
type Graph struct {
	schedule Scheduler
	onPanic  func(*PanicError)

	mu    sync.Mutex // guards everything below, and what belongs to the graph; never held while user code runs
	ready *sync.Cond // a memo has been worked out

	clock   uint64    // counts changes of signals
	version uint64    // the last that was given to a value
	hold    int       // how many batches, memos and runs of effects are under way: other effects wait for them to end
	written []settler // signals that were written while effects were held back

	first, last *effect // to be run
	flushing    bool    // somebody runs them
	scheduled   bool    // the scheduler has been asked to
	due         func()  // what it is given

	causes  uint64 // counts changes that were not made by an effect that the graph runs
	cause   uint64 // what has led to the run of an effect that is under way; 0 if none is
	suspect uint64 // the cause that some effect has run for very often
}

// settler is a signal of any type.
type settler interface{ settle() }

// Scheduler has run called later, once, wherever effects are to run: on the thread of a user interface, for instance, with
// what its toolkit has for that. run does not block but for the effects themselves. Calls of a Scheduler may come from any
// goroutine, but not two for the same graph before the first has been answered by calling run.
type Scheduler func(run func())

// Sync runs effects at once, in the goroutine of who has written. It is the default.
func Sync(run func()) { run() }

// Options are a graph's. A nil *Options means the defaults.
type Options struct {
	// Scheduler says where and when effects run. The first run of each is in the call that makes it, in any case. Default
	// Sync.
	Scheduler Scheduler

	// OnPanic is told of the panics of effects and of cleanup functions; the effect runs again when something changes. It
	// is called where the effect ran. Default: the first panic goes on, as a *PanicError, in whoever has effects run, once
	// all the others have; with Sync that is Set. The panic of a first run goes on in the call of Effect, and ends the
	// effect. That of a memo's cleanup function goes on in whoever reads the memo.
	OnPanic func(*PanicError)
}

// NewGraph makes an empty graph.
func NewGraph(o *Options) *Graph {
	g := &Graph{schedule: Sync, clock: 1}
	g.ready = sync.NewCond(&g.mu)
	g.due = func() {
		g.mu.Lock()
		g.scheduled = false
		g.flush()
	}
	if o != nil {
		g.onPanic = o.OnPanic
		if o.Scheduler != nil {
			g.schedule = o.Scheduler
		}
	}
	return g
}

// Batch calls f and holds the effects of the whole graph back until it has returned, also by a panic. Whoever reads
// meanwhile sees what has been written. f should not wait for anything: no effect runs until then. Batches may lie in each
// other and run side by side; effects run when the last has ended.
func (g *Graph) Batch(f func()) {
	g.mu.Lock()
	g.hold++
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.kick()
		g.letGo()
	}()
	f()
}

// letGo ends a hold. It is called with the lock held, and gives it up while signals are compared.
func (g *Graph) letGo() {
	defer func() { g.hold-- }() // deferred, because comparing may end the goroutine
	if g.hold == 1 && len(g.written) > 0 {
		g.settle()
	}
}

// settle lets signals be unchanged that have their old values again. What others write meanwhile is settled another time:
// to wait for them could take for ever, and all it saves is a run.
func (g *Graph) settle() {
	written := g.written
	g.written = nil
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		if g.written == nil { // the room is used again: a batch of 100 writes took 9 allocations and 4.5 kB, now 1 of 24 B
			clear(written)
			g.written = written[:0]
		}
	}()
	for _, s := range written {
		s.settle()
	}
}

// kick asks for effects to be run if there are any. It is called with the lock held and gives it up.
func (g *Graph) kick() {
	ask := g.hold == 0 && g.first != nil && !g.flushing && !g.scheduled
	if ask {
		g.scheduled = true
	}
	g.mu.Unlock()
	if ask {
		g.schedule(g.due)
	}
}

// Flush runs the effects that are due, in the calling goroutine, without waiting for the scheduler to. It does nothing while
// they are being run already, or are held back by a batch.
func (g *Graph) Flush() {
	g.mu.Lock()
	g.flush()
}

// flush is Flush that is called with the lock held, and gives it up.
func (g *Graph) flush() {
	if g.flushing {
		g.mu.Unlock()
		return
	}
	g.flushing = true
	var first *PanicError
	defer func() { // deferred, because an effect may end the goroutine
		g.flushing = false
		g.kick()
		if first != nil {
			panic(first)
		}
	}()
	for g.hold == 0 {
		e := g.pop()
		if e == nil {
			break
		}
		if p := e.rerun(); p != nil && !g.tell(p) && first == nil {
			first = p
		}
	}
}

// push queues an effect that may have to run.
func (g *Graph) push(e *effect) {
	if e.queued {
		return
	}
	e.queued, e.cause = true, g.because()
	if e.before = g.last; g.last != nil {
		g.last.after = e
	} else {
		g.first = e
	}
	g.last = e
}

// drop takes an effect out of the queue, if it is in it.
func (g *Graph) drop(e *effect) {
	if !e.queued {
		return
	}
	e.queued = false
	if e.before != nil {
		e.before.after = e.after
	} else {
		g.first = e.after
	}
	if e.after != nil {
		e.after.before = e.before
	} else {
		g.last = e.before
	}
	e.before, e.after = nil, nil
}

// pop takes the next effect from the queue: that is the first, unless it was made inside another that is queued as well,
// which may be about to end it.
func (g *Graph) pop() *effect {
	next := g.first
	if next == nil {
		return nil
	}
	for outer := next.owner(); outer != nil; outer = outer.owner() {
		if outer.queued {
			next = outer
		}
	}
	g.drop(next)
	return next
}

// tell tells the program of a panic, and reports whether it wants to know. The lock is given up meanwhile.
func (g *Graph) tell(p *PanicError) bool {
	if g.onPanic == nil {
		return false
	}
	g.mu.Unlock()
	defer g.mu.Lock()
	g.onPanic(p)
	return true
}

// nextVersion gives a version that no value has had.
func (g *Graph) nextVersion() uint64 {
	g.version++
	return g.version
}
