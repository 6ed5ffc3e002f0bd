package engine

import (
	"sync"
	"time"
)

// Patrol looks after connections that nobody receives on for the moment, in place of a timer of each: where messages come
// seldom, arming that and having it fire cost 2 us for each message, a third of what ten thousand connections with one
// message in flight cost altogether. The connections of an endpoint share one, in [Config].
type Patrol struct {
	mu    sync.Mutex
	fresh []*Conn // since the last round
	due   []*Conn // in the next
	walks bool    // a round is planned
}

// patrolEvery is half of watchDelay: whoever comes to the patrol is visited in the round after the next, so between once and
// twice this time later.
const patrolEvery = watchDelay / 2

// add has a connection visited.
func (p *Patrol) add(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh = append(p.fresh, c)
	if !p.walks {
		p.walks = true
		time.AfterFunc(patrolEvery, p.round)
	}
}

// round visits the connections that are due, and goes on while there are others.
func (p *Patrol) round() {
	p.mu.Lock()
	visit := p.due
	p.due, p.fresh = p.fresh, nil
	p.walks = len(p.due) > 0
	if p.walks {
		time.AfterFunc(patrolEvery, p.round)
	}
	p.mu.Unlock()
	for _, c := range visit {
		if c.ka.lives() {
			c.ka.watch()
		}
	}
}

// lives tells that the connection has not ended.
func (k *keepalive) lives() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.timer != nil
}
