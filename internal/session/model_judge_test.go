//go:build !js

package session_test

import (
	"time"

	"github.com/tandem-ws/tandem/internal/session"
)

// drain moves what both ends say to the sockets, and looks at what they tell.
func (m *model) drain() {
	if at, ok := m.client.Due(); ok && at.IsZero() {
		m.client.Tick(m.now)
	}
	m.pump(m.client.Next, func(s session.Socket) (*[]session.Frame, *int) {
		for _, w := range m.wires {
			if !w.thief && w.client == s {
				return &w.in, &w.inShut
			}
		}
		return nil, nil
	}, m.client.NextEvent, m.client.Socket, m.clientTold)
	if !m.store.lazy {
		m.settle()
		m.saveAll()
	}
	m.drainNodes()
}

func (m *model) drainNodes() {
	for _, n := range m.nodes {
		if at, ok := n.Due(); ok && at.IsZero() {
			n.Tick(m.now)
		}
		m.pump(m.watch(n), func(s session.Socket) (*[]session.Frame, *int) {
			for _, w := range m.wires {
				if w.node == n && w.server == s {
					return &w.out, &w.outShut
				}
			}
			return nil, nil
		}, n.NextEvent, n.Socket, func(e session.Event) { m.nodeTold(n, e) })
	}
}

func (m *model) pump(next func() (session.Frame, bool), queue func(session.Socket) (*[]session.Frame, *int),
	event func() (session.Event, bool), current func() session.Socket, told func(session.Event),
) {
	var last []session.Frame // frames of an end that is over go before its Shut
	for f, ok := next(); ok; f, ok = next() {
		if h, ok := f.Body.(*session.Hello); ok {
			m.hello = session.Frame{Body: h}
		}
		if q, _ := queue(current()); q != nil {
			*q = append(*q, f)
		} else {
			last = append(last, f)
		}
	}
	for e, ok := event(); ok; e, ok = event() {
		if e.Kind != session.Shut {
			told(e)
			continue
		}
		if q, code := queue(e.Socket); q != nil {
			*q = append(*q, last...)
			*code = e.Code
		}
	}
}

func (m *model) clientTold(e session.Event) {
	switch e.Kind {
	case session.Opened:
		m.sending = m.adopt(e.SID, m.sending.up)
	case session.Gap:
		m.judge(e, &m.sending.up, m.sending.upEver, &m.sending.upNever)
		m.sending.clientTold = true
		m.sending = m.adopt(e.SID, nil)
	case session.Over:
		m.judge(e, &m.sending.up, m.sending.upEver, &m.sending.upNever)
		m.sending.clientTold, m.over = true, true
	}
}

func (m *model) adopt(sid string, up []string) *log {
	l := m.logs[sid]
	l.up = up
	return l
}

func (m *model) nodeTold(n *session.Server, e session.Event) {
	if e.Kind == session.Over {
		l := m.logs[n.SID()]
		if l.nodeTold {
			m.t.Fatalf("%s is told twice", n.SID())
		}
		l.nodeTold = true
		sent := l.down
		if l.reborn && (e.Why == session.WhyCrashed || e.Why == session.WhyEpoch) {
			sent = sent[:min(len(sent), l.settled.down)] // the record knows no more
			m.judge(e, &sent, l.downTaken, new(uint64))  // what a process that died was told may have been more exact
			return
		}
		m.judge(e, &sent, l.downTaken, &l.downNever)
	}
}

// judge holds what a sender is told against what was taken.
func (m *model) judge(e session.Event, sent *[]string, taken int, never *uint64) {
	first := len(*sent) - len(e.Unsent)
	if first < 0 || first > taken {
		m.t.Fatalf("%s: told that %d of %d are not acknowledged, but %d were taken", e.Why, len(e.Unsent), len(*sent), taken)
	}
	for i, u := range e.Unsent {
		if u.Seq != uint64(first+i+1) || string(u.Payload) != (*sent)[first+i] {
			m.t.Fatalf("%s: told of number %d, %s, instead of %s", e.Why, u.Seq, u.Payload, (*sent)[first+i])
		}
		if !u.Maybe && *never == 0 {
			*never = u.Seq
		} else if u.Maybe && *never != 0 {
			m.t.Fatalf("%s: number %d maybe delivered, but not an earlier one", e.Why, u.Seq)
		}
	}
	if *never != 0 && uint64(taken) >= *never {
		m.t.Fatalf("%s: told that number %d was not delivered, but %d were taken", e.Why, *never, taken)
	}
}

// bounded holds the queues against the window.
func (m *model) bounded() {
	for sid, l := range m.logs {
		if len(l.unread) > int(modelWindow.N) {
			m.t.Fatalf("%d messages wait in %s", len(l.unread), sid)
		}
	}
}

// calm lets the network heal. Then the client's session has everything exactly once, or its end was told.
func (m *model) calm() {
	m.store.lazy = false
	for range 12 {
		for _, w := range m.wires {
			if w.cut {
				m.client.Lost(w.client)
				m.serverNotices(w)
			}
		}
		if m.client.Socket() == 0 && !m.over {
			m.connect()
		}
		for _, w := range m.wires {
			for !w.thief && m.up(w) {
			}
			for !w.thief && m.down(w) {
			}
		}
		for len(m.unread) > 0 {
			m.clientTakes()
		}
		for range modelWindow.N {
			m.serverTakes()
		}
		m.wait(300 * time.Millisecond)
	}
	n := m.current()
	l := m.logs[m.client.SID()]
	if !m.over {
		if n == nil || n.IsOver() || !m.client.Flowing() {
			m.t.Fatalf("the client has no session in the end")
		}
		if l.upTaken != len(l.up) || l.downTaken != len(l.down) || !m.client.Drained() || !n.Drained() {
			m.t.Fatalf("taken %d of %v and %d of %v", l.upTaken, l.up, l.downTaken, l.down)
		}
	}
	for _, w := range m.wires {
		if w.client != m.client.Socket() || w.thief {
			m.serverNotices(w)
		}
	}
	m.wait(31 * time.Second)
	for sid, l := range m.logs {
		if sid != m.client.SID() && !l.nodeTold || m.over && !l.nodeTold {
			m.t.Fatalf("the server was not told of the end of %s", sid)
		}
		if l.nodeTold && sid == m.client.SID() && !m.over {
			m.t.Fatalf("the client was not told of the end of %s", sid)
		}
	}
}
