package signals

// Effect calls f, and again whenever something has changed that f has read with its Reader, until the scope is disposed or
// the function that Effect returns is called, which may be done more than once. What f makes in [Reader.Scope] ends before
// it is called again, and so does what it has given to [Reader.OnCleanup].
//
// The first call is in the goroutine of Effect and over when it returns; the further ones are where the graph's [Scheduler]
// has effects run. f is not called twice at once. It should wait for nothing, because no other effect runs meanwhile.
//
// In a scope that was disposed Effect does nothing.
func Effect(s *Scope, f func(r *Reader)) (stop func()) {
	e := newEffect(s, f)
	if e == nil {
		return func() {}
	}
	e.start()
	return e.dispose
}

// effect is what does something when what it has read changes.
type effect struct {
	o   observer
	f   func(*Reader)
	own owned

	async  bool   // what is read with a run's Reader counts until the next run, not only until f returns
	queued bool   // it is in the graph's queue
	missed bool   // it was to run while it did
	flush  uint64 // in which it ran last
	runs   int    // how often it did in that
}

// newEffect makes an effect that has not run; nil in a scope that has ended.
func newEffect(s *Scope, f func(*Reader)) *effect {
	g := s.g
	e := &effect{f: f}
	e.o = observer{g: g, effect: e, live: true}
	e.own.what = e
	g.mu.Lock()
	defer g.mu.Unlock()
	if !s.add(&e.own) {
		return nil
	}
	return e
}

// owner is the effect in whose run this one was made, if any.
func (e *effect) owner() *effect {
	for s := e.own.in; s != nil; s = s.own.in {
		if s.of != nil {
			return s.of
		}
	}
	return nil
}

// start is the first run.
func (e *effect) start() {
	g := e.o.g
	g.mu.Lock()
	g.hold++
	var p *PanicError
	defer func() {
		told := p != nil && g.tell(p)
		g.letGo()
		if p == nil || told {
			g.kick()
			return
		}
		g.mu.Unlock()
		e.dispose()
		g.mu.Lock()
		g.kick()
		panic(p)
	}()
	p = e.call()
}

// maxRuns is how often an effect may run in one flush. Effects that settle something between them do it in a few; Preact
// stops after the same number.
const maxRuns = 100

// rerun runs the effect if something has changed. It is called with the lock held, which is given up while it runs.
func (e *effect) rerun() *PanicError {
	e.o.stale = false
	switch {
	case e.o.over:
		return nil
	case e.o.running: // elsewhere, for the first time
		e.missed = true
		return nil
	}
	if !e.changed() || e.o.over {
		return nil
	}
	if e.flush != e.o.g.flushes {
		e.flush, e.runs = e.o.g.flushes, 0
	}
	if e.runs++; e.runs > maxRuns {
		return &PanicError{Value: ErrLoop}
	}
	return e.call()
}

func (e *effect) changed() bool {
	e.o.running = true
	defer func() { e.o.running = false }()
	return e.o.changed()
}

// call ends what the last run has made and calls f.
func (e *effect) call() (p *PanicError) {
	g := e.o.g
	e.o.running = true
	defer func() { // deferred, because f may end the goroutine
		e.o.running = false
		if e.missed && !e.o.over {
			e.missed = false
			e.o.stale = true
			g.push(e)
		}
		if e.o.over {
			e.o.forgetAll()
		}
	}()
	if p = e.o.leave(); p != nil { // it would fail again each time
		g.mu.Unlock()
		e.dispose()
		g.mu.Lock()
		return p
	}
	if e.o.over {
		return nil
	}
	var r *Reader
	if e.async {
		r = e.o.restart()
	} else {
		r = e.o.begin()
		defer e.o.end()
	}
	g.mu.Unlock()
	defer g.mu.Lock()
	return try(func() { e.f(r) })
}

// dispose ends the effect, and what its last run has made.
func (e *effect) dispose() {
	g := e.o.g
	g.mu.Lock()
	e.own.leave()
	if e.o.over {
		g.mu.Unlock()
		return
	}
	e.o.over, e.o.live, e.queued = true, false, false
	if e.o.running {
		e.o.each((*link).unsubscribe) // its run notes on, and forgets them in the end
	} else {
		e.o.forgetAll()
	}
	p := e.o.leave()
	told := p == nil || g.tell(p)
	g.mu.Unlock()
	if !told {
		panic(p)
	}
}
