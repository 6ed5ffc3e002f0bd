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
	at      map[*Conn]int // where in members
	members []member
	joined  bool    // somebody has, behind what is pending
	pending *frames // published and not yet handed out
	spare   *frames
	running bool // the deliverer
	room    sync.Cond

	// The deliverer's.
	list    []member
	attempt attempt
}

type member struct {
	c     *Conn
	first int // the first of the pending messages that is for it; 0 but for those who joined behind others
}

// What may be pending: more than a write takes, and no more than what is worth being kept in memory for all.
const (
	pendingMsgs  = 1024
	pendingBytes = 256 << 10
)

// NewGroup makes a group without members.
func NewGroup() *Group {
	g := &Group{at: make(map[*Conn]int)}
	g.room.L = &g.mu
	g.attempt.init()
	return g
}

// Join adds a connection, which gets what is published from now on.
func (g *Group) Join(c *Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.at[c]; ok {
		return
	}
	m := member{c: c}
	if g.pending != nil {
		m.first = len(g.pending.ends)
		g.joined = true
	}
	g.at[c] = len(g.members)
	g.members = append(g.members, m)
}

// Leave removes a connection. It may still get what has been published before.
func (g *Group) Leave(c *Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.at[c]
	if !ok {
		return
	}
	delete(g.at, c)
	last := len(g.members) - 1
	if at < last {
		moved := g.members[last]
		g.members[at], g.at[moved.c] = moved, at
	}
	g.members[last] = member{}
	g.members = g.members[:last]
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
		g.list = append(g.list[:0], g.members...)
		if g.joined {
			g.joined = false
			for i := range g.members {
				g.members[i].first = 0
			}
		}
		g.mu.Unlock()

		for _, m := range g.list {
			if m.first < len(f.ends) && m.c.sendFrames(f, m.first, &g.attempt) == wire.ErrQueueFull {
				why := wire.Violated(wire.CodeTryAgain, "too slow")
				m.c.StartClose(why, why.Code, why.Reason)
			}
		}
		clear(g.list)
		if cap(f.b) <= pooledBuffer {
			f.b, f.ends = f.b[:0], f.ends[:0]
			g.mu.Lock()
			g.spare = f
			g.mu.Unlock()
		}
	}
}
