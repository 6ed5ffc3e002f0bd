package signals

// Effect calls f, and again whenever something has changed that f has read with its Reader, until the scope is disposed or
// the function that Effect returns is called, which may be done more than once. What f makes in [Reader.Scope] ends before
// it is called again, and so does what it has given to [Reader.OnCleanup].
//
// The first call is in the goroutine of Effect and over when it returns; the further ones are where the graph's [Scheduler]
// has effects run. f is not called twice at once. It should wait for nothing, because no other effect runs meanwhile.
//
// Who ends an effect while it runs in another goroutine does not wait for that run; what it reads and makes from then on is
// for nothing.
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

	async bool // what is read with a run's Reader counts until the next run, not only until f returns

	queued        bool    // it is in the graph's queue
	before, after *effect // its place there
	cause         uint64  // what it was queued for

	ranFor uint64 // the cause of its last run
	runs   int    // how often it has run for that
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
	defer g.kick()
	if p := e.call(); p != nil && !g.tell(p) {
		_ = e.end()
		panic(p)
	}
}

// rerun runs the effect if something has changed. It is called with the lock held, which is given up while it runs.
func (e *effect) rerun() *PanicError {
	g := e.o.g
	e.o.stale = false
	g.cause = e.cause
	defer func() { g.cause = 0 }()
	if !e.changed() {
		return nil
	}
	if e.loops() {
		return &PanicError{Value: ErrLoop}
	}
	return e.call()
}

func (e *effect) changed() bool {
	e.o.running = true
	defer e.rest()
	returns := false
	defer func() {
		if !returns { // a memo ends the goroutine
			e.o.unsettle()
		}
	}()
	changed := e.o.changed()
	returns = true
	return changed
}

// rest notes that nobody has the effect run any more.
func (e *effect) rest() {
	e.o.running = false
	if e.o.over {
		e.o.forgetAll()
	}
}

// call ends what the last run has made and calls f. What f may do besides returning is to panic and to end the goroutine.
func (e *effect) call() (p *PanicError) {
	g := e.o.g
	e.o.running = true
	defer e.rest()
	g.hold++
	defer g.letGo()
	if p = e.o.leave(); p != nil { // it would fail again each time
		_ = e.end()
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
	defer g.mu.Unlock()
	if p := e.end(); p != nil && !g.tell(p) {
		panic(p)
	}
}

// end is dispose that is called with the lock held, gives it up for cleanup functions, and returns their panic.
func (e *effect) end() *PanicError {
	e.own.leave()
	if e.o.over {
		return nil
	}
	e.o.over, e.o.live, e.o.tracks = true, false, false
	e.o.g.drop(e)
	if e.o.running {
		e.o.each((*link).unsubscribe) // its run forgets them in the end
	} else {
		e.o.forgetAll()
	}
	return e.o.leave()
}
