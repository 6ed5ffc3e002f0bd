//go:build !js

package session_test

import (
	"bytes"
	"time"

	"pgregory.net/rapid"

	"github.com/tandem-ws/tandem/internal/session"
)

// store is what survives the server's process.
type store struct {
	records map[string]*record
	durable bool // sessions are stored before anything goes out
	lazy    bool // when is an event of its own; else at once
}

// record is a snapshot and, as one with it, the state of the application.
type record struct {
	snapshot []byte
	state    state
	rest     bool // the process had stopped
	over     bool
}

// state is what the application of one session knows: how much it has taken and sent.
type state struct{ up, down int }

func newStore(t *rapid.T) store {
	return store{
		records: map[string]*record{},
		durable: rapid.Bool().Draw(t, "durable"),
		lazy:    rapid.Bool().Draw(t, "lazy store"),
	}
}

func (m *model) config() *session.ServerConfig {
	return &session.ServerConfig{Window: modelWindow, Epoch: m.epoch, Beat: 8 * time.Second, Durable: m.store.durable}
}

func (l *log) state() state { return state{l.upTaken, len(l.down)} }

// settle has the server's applications say that they are in a state to go on from.
func (m *model) settle() {
	for _, n := range m.nodes {
		if n.Settle(); !n.IsOver() {
			m.logs[n.SID()].settled = m.logs[n.SID()].state()
		}
	}
}

// saveAll stores what is to be stored.
func (m *model) saveAll() {
	for _, n := range m.nodes {
		if n.Unsaved() {
			m.save(n, false)
		}
	}
}

func (m *model) save(n *session.Server, rest bool) {
	l := m.logs[n.SID()]
	r := &record{snapshot: n.Snapshot(nil), state: l.state(), rest: rest, over: n.IsOver() && !rest}
	if m.store.durable && !n.IsOver() {
		r.state = l.settled
	}
	m.store.records[n.SID()] = r
	n.Saved()
}

// watch holds what the server says against what is stored.
func (m *model) watch(n *session.Server) func() (session.Frame, bool) {
	return func() (session.Frame, bool) {
		f, ok := n.Next()
		if !ok {
			return f, ok
		}
		r := m.store.records[n.SID()]
		if r != nil && r.rest {
			m.t.Fatalf("%s says %s while its record is at rest", n.SID(), f.Kind)
		}
		if !m.store.durable {
			return f, ok
		}
		told := f.N
		if w, ok := f.Body.(*session.Welcome); ok && w.Resumed {
			told = w.RX
		} else if f.Kind != session.Ack {
			told = 0
		}
		if r == nil || !r.over && (f.Seq > uint64(r.state.down) || told > uint64(r.state.up)) {
			m.t.Fatalf("%s says %s %d %d, the record is %+v", n.SID(), f.Kind, f.Seq, told, r)
		}
		return f, ok
	}
}

// restart is an orderly one.
func (m *model) restart(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "seldom") != 0 {
		return
	}
	m.settle()
	for _, n := range m.nodes {
		m.logs[n.SID()].unread = nil
		n.Rest(m.now, 1012, "")
	}
	m.drainNodes()
	for _, n := range m.nodes {
		m.save(n, !m.logs[n.SID()].nodeTold)
	}
	m.wait(time.Duration(rapid.IntRange(0, 2).Draw(t, "s")) * time.Second)
	m.reborn()
}

// crash is one without warning. The records are as old as they are.
func (m *model) crash(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "seldom") == 0 {
		m.reborn()
	}
}

// reborn is another process, which has the store and nothing else.
func (m *model) reborn() {
	died := m.nodes
	m.nodes = nil
	for _, w := range m.wires {
		if w.node != nil {
			w.dead, w.node, w.server = true, nil, 0
		}
	}
	for _, n := range died {
		l := m.logs[n.SID()]
		l.unread = nil
		r := m.store.records[n.SID()]
		if r == nil { // whoever ran there is gone, and was told by its process ending
			l.nodeTold = true
			continue
		}
		again, err := session.Restore(m.config(), m.now, bytes.Clone(r.snapshot))
		if err != nil {
			m.t.Fatalf("restore %s: %v", n.SID(), err)
		}
		if !r.over {
			l.nodeTold = false // if it was, by a process that died
		}
		if m.store.durable && !r.over || r.rest { // what was not stored has not happened
			if l.downTaken > r.state.down {
				m.t.Fatalf("the client has taken %d messages, %d were stored", l.downTaken, r.state.down)
			}
			l.down, l.upTaken, l.downNever = l.down[:r.state.down], r.state.up, 0
		}
		l.settled, l.reborn = r.state, !r.rest
		m.nodes = append(m.nodes, again)
	}
	m.drain()
	for _, l := range m.logs {
		l.reborn = false
	}
}
