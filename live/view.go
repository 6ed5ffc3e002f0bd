package live

import (
	"context"
	"errors"
)

// view is what others see of the machine.
type view struct {
	l     *link // to send on; nil while there is none
	down  bool  // it is a session without a socket
	id    int   // counts connections
	final bool  // there will be none, unless somebody changes something
	err   error // why
	asked bool  // because Close was called, or the scope is disposed
	gone  bool  // the latter
}

// publish shows others how it is, and wakes those who wait after that.
func (m *machine) publish(v view) {
	m.show()
	m.mu.Lock()
	defer m.mu.Unlock()
	v.id = max(v.id, m.view.id)
	m.view = v
	if v.asked {
		m.last = nil
	}
	switch { // with the lock held, so that revive comes before or after
	case !v.final:
		m.in.again()
	case m.last != nil:
		m.in.finish(v.err, v.asked, m.last.done)
	default:
		m.in.finish(v.err, v.asked, nil)
	}
	m.wake()
}

// revive is called before an event that has it connect again: who waits from then on waits for that. What was closed by
// Close stays so, unless that was asked for too.
func (m *machine) revive(asked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := &m.view
	if v.final && !v.gone && (asked || !v.asked) {
		m.in.again() // before those who look find it so
		*v = view{id: v.id}
		m.wake()
	}
}

// wake wakes those who wait for view to change. It is called with the lock held.
func (m *machine) wake() {
	if m.looked != nil {
		close(m.looked)
		m.looked = nil
	}
}

// wait waits until there is a connection to send on that is newer than one, or that is up, and gives it; or else why there
// will be none.
func (m *machine) wait(ctx context.Context, after int, up bool) (view, error) {
	for {
		m.mu.Lock()
		v := m.view
		if v.final || v.l != nil && v.id > after && !(up && v.down) {
			m.mu.Unlock()
			return v, v.err
		}
		looked := m.look()
		m.mu.Unlock()
		select {
		case <-looked:
		case <-ctx.Done():
			return view{}, ctx.Err()
		}
	}
}

// current gives the connection to send on; nil while there is none.
func (m *machine) current() conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.view.l == nil || m.view.final {
		return nil
	}
	return m.view.l.c
}

// again waits, where err is final, until it is not any more. It reports false when it remains so.
func (m *machine) again(ctx context.Context, err error) bool {
	if _, ok := errors.AsType[*Break](err); ok {
		return true
	}
	for {
		m.mu.Lock()
		v := m.view
		if v.gone || !v.final {
			m.mu.Unlock()
			return !v.gone
		}
		looked := m.look()
		m.mu.Unlock()
		select {
		case <-looked:
		case <-ctx.Done():
			return true // the next call tells
		}
	}
}

// look gives what is closed when view changes. It is called with the lock held.
func (m *machine) look() <-chan struct{} {
	if m.looked == nil {
		m.looked = make(chan struct{})
	}
	return m.looked
}
