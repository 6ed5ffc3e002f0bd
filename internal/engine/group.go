package engine

import (
	"sync"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Group sends the same messages to many connections of a server. A message is framed once, whatever the number of
// members, and what is published while others are being handed out leaves together: one write for each member.
//
// Nobody waits for a member: one that does not take its messages is closed with 1013, unless its overflow policy drops
// the oldest.
type Group struct {
	mu      sync.Mutex
	members map[*Conn]*member
	order   []*member // all of them
	pending *frames   // published and not yet handed out
	spare   *frames
	running bool // the deliverer
	room    sync.Cond
	list    []*member // the deliverer's
}

type member struct {
	c     *Conn
	at    int // in order
	first int // the first of the messages pending at Join that is for it; then the deliverer's
}

// What may be pending: more than a write takes, and no more than what is worth being kept in memory for all.
const (
	pendingMsgs  = 1024
	pendingBytes = 256 << 10
)

// NewGroup makes a group without members.
func NewGroup() *Group {
	g := &Group{members: make(map[*Conn]*member)}
	g.room.L = &g.mu
	return g
}

// Join adds a connection, which gets what is published from now on.
func (g *Group) Join(c *Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.members[c] != nil {
		return
	}
	m := &member{c: c, at: len(g.order)}
	if g.pending != nil {
		m.first = len(g.pending.ends)
	}
	g.members[c] = m
	g.order = append(g.order, m)
}

// Leave removes a connection. It may still get what has been published before.
func (g *Group) Leave(c *Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.members[c]
	if m == nil {
		return
	}
	delete(g.members, c)
	last := len(g.order) - 1
	g.order[m.at] = g.order[last]
	g.order[m.at].at = m.at
	g.order[last] = nil
	g.order = g.order[:last]
}

// Publish sends a message to all members, in the order of the calls. It returns before they have it, and waits only
// when so much is pending that the deliverer cannot keep up. It must not be called from an Owner.
func (g *Group) Publish(kind wire.Kind, payload []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.pending != nil && (len(g.pending.ends) >= pendingMsgs || len(g.pending.b) >= pendingBytes) {
		g.room.Wait()
	}
	if g.pending == nil {
		if g.pending, g.spare = g.spare, nil; g.pending == nil {
			g.pending = new(frames)
		}
	}
	g.pending.add(kind, payload)
	if !g.running {
		g.running = true
		go g.deliver()
	}
}

// deliver hands out what is pending until there is nothing more. It never blocks on a member.
func (g *Group) deliver() {
	for {
		g.mu.Lock()
		f := g.pending
		if f == nil {
			g.running = false
			g.mu.Unlock()
			return
		}
		g.pending = nil
		g.room.Broadcast()
		g.list = append(g.list[:0], g.order...)
		g.mu.Unlock()

		for i, m := range g.list {
			first := m.first
			m.first = 0
			if first < len(f.ends) && m.c.sendFrames(f, first) == wire.ErrQueueFull {
				why := wire.Violated(wire.CodeTryAgain, "too slow")
				m.c.StartClose(why, why.Code, why.Reason)
			}
			g.list[i] = nil
		}
		if cap(f.b) <= pooledBuffer {
			f.b, f.ends = f.b[:0], f.ends[:0]
			g.mu.Lock()
			g.spare = f
			g.mu.Unlock()
		}
	}
}
