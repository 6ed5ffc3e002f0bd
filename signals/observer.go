package signals

// observer is who reads: what the graph knows of a memo or an effect.
type observer struct {
	g      *Graph
	memo   *memo // one of them
	effect *effect

	live    bool // its sources tell it of changes: an effect that has not ended, or a memo that somebody depends on
	stale   bool // one of them has
	running bool // somebody has it run, or looks whether it has to
	over    bool // it has ended

	run    uint64 // counts runs
	tracks bool   // what is read in the current run is noted

	sources []*link           // what it has read in the current run, or the last, in that order
	old     []*link           // during a run, what it has read in the one before
	at      int               // which of them comes next, if all is as it was
	index   map[*source]*link // both, once there are many; else nil

	waits []*observer // memos that are being worked out for it
	scope *Scope      // of the current run, or the last; nil if nobody has asked for it
}

// each calls f with each link.
func (o *observer) each(f func(*link)) {
	for _, l := range o.sources {
		f(l)
	}
	for _, l := range o.old {
		f(l)
	}
}

// tell tells the observer that something it has read may have changed.
func (o *observer) tell() {
	if o.stale {
		return // it knows, and so do those who depend on it
	}
	o.stale = true
	if o.effect != nil {
		o.g.push(o.effect)
	} else {
		o.memo.src.notify()
	}
}

// begin begins a run.
func (o *observer) begin() *Reader {
	o.run++
	o.tracks = true
	o.sources, o.old, o.at = o.old[:0], o.sources, 0
	return &Reader{o: o, run: o.run}
}

// end ends a run, and leaves what was not read in it any more.
func (o *observer) end() {
	o.tracks = false
	for i, l := range o.old {
		if l.run != o.run {
			o.forget(l)
		}
		o.old[i] = nil
	}
	o.old = o.old[:0]
}

// restart begins a run that has no end, which what is read in forgets all before.
func (o *observer) restart() *Reader {
	o.forgetAll()
	o.run++
	o.tracks = true
	return &Reader{o: o, run: o.run}
}

func (o *observer) forget(l *link) {
	l.unsubscribe()
	if o.index != nil {
		delete(o.index, l.src)
	}
}

func (o *observer) forgetAll() {
	o.each(o.forget)
	o.sources, o.old, o.index = nil, nil, nil
}

// track notes that a source is read.
func (o *observer) track(s *source) {
	l := o.find(s)
	if l == nil {
		l = &link{src: s, o: o}
		if o.index != nil {
			o.index[s] = l
		}
	}
	if o.live {
		s.recent = l
	}
	if l.run == o.run {
		return
	}
	l.run, l.version = o.run, s.version
	o.sources = append(o.sources, l)
	if o.at < len(o.old) && o.old[o.at] == l {
		o.at++
	}
	if o.live {
		l.subscribe()
	}
}

// fewSources is up to how many sources are searched one by one.
const fewSources = 16

// find finds the link to a source, if there is one.
func (o *observer) find(s *source) *link {
	if l := s.recent; l != nil && l.o == o {
		return l
	}
	if o.at < len(o.old) && o.old[o.at].src == s {
		return o.old[o.at]
	}
	if o.index == nil && len(o.sources)+len(o.old) > fewSources {
		o.index = make(map[*source]*link)
		o.each(func(l *link) { o.index[l.src] = l })
	}
	if o.index != nil {
		return o.index[s]
	}
	for _, list := range [...][]*link{o.sources, o.old} {
		for _, l := range list {
			if l.src == s {
				return l
			}
		}
	}
	return nil
}

// changed reports whether something that was read in the last run has another value now. It asks in the order in which it
// was read: what came later may have been read only because of what came before. The lock is given up while memos are
// worked out.
func (o *observer) changed() bool {
	for _, l := range o.sources {
		if m := l.src.memo; m != nil && m.refresh(o) != nil {
			return true // the run will find out
		}
		if l.version != l.src.version {
			return true
		}
	}
	return false
}

// unsettle has memos that are stale worked out anew by their next readers, because nobody will look at them now. Until that
// was noted they would not tell of further changes.
func (o *observer) unsettle() {
	o.each(func(l *link) {
		if m := l.src.memo; m != nil && m.o.stale && !m.o.running {
			m.o.stale, m.src.version = false, 0
			m.o.unsettle()
		}
	})
}

// needs reports whether an observer waits for another, directly or not.
func (o *observer) needs(other *observer) bool {
	if o == other {
		return true
	}
	for _, w := range o.waits {
		if w.needs(other) {
			return true
		}
	}
	return false
}

// waitFor notes that a memo is worked out for the observer, which may be nil, until done is called.
func (o *observer) waitFor(m *observer) {
	if o != nil {
		o.waits = append(o.waits, m)
	}
}

func (o *observer) done(m *observer) {
	if o == nil {
		return
	}
	for i, w := range o.waits {
		if w == m {
			last := len(o.waits) - 1
			o.waits[i] = o.waits[last]
			o.waits[last] = nil
			o.waits = o.waits[:last]
			return
		}
	}
}

// leave ends what the last run has made. The lock is given up meanwhile.
func (o *observer) leave() *PanicError {
	s := o.scope
	if s == nil {
		return nil
	}
	o.scope = nil
	o.g.mu.Unlock()
	defer o.g.mu.Lock()
	return s.end()
}
