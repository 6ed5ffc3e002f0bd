// Package room is the server of the cursors example: who is there, where they are, and who is told.
//
// Nothing is queued for anybody. Each tick makes a [moment], which is not changed any more; each connection has a goroutine
// that looks at the newest when it is done with the last, and sends what is new in it. Who is there is sent as the difference
// to what the client knows, and waits for the client if it must; where everybody is, is sent if that can be done at once. So
// a slow client gets fewer frames, nobody waits for it, and all that a room keeps for it is one list that others have too.
//
// A frame is encoded for each connection anew, because there is no way yet to send the same to many: 3 us and 1.4 kB for 150
// cursors, 10 us and 4.7 kB for 500 (BenchmarkFrame), where making it takes 40 us once for all (BenchmarkTick). So with 100
// people and 500 bots 6 % of a processor are spent on saying the same again, besides what writing it takes.
package room

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/api"
)

// Rate is how many ticks there are in a second.
const Rate = 60

// Room is a room. Its methods may be called from any goroutine.
type Room struct {
	now atomic.Pointer[moment]

	mu      sync.Mutex // guards the rest
	people  []*person
	flock   flock
	bots    []api.Cursor // of the flock
	taken   map[uint16]bool
	last    uint16 // the ID that was given last
	stirred bool   // somebody has come or gone since the last moment
}

// person is somebody who is connected.
type person struct {
	cursor api.Cursor
	away   atomic.Bool // no frames are wanted

	at     api.Place // guarded by the room's lock, as placed
	placed bool      // it has been somewhere
}

// moment is how things are at a time.
type moment struct {
	version uint64 // counts changes of who is there
	there   []api.Cursor
	bots    int
	frame   api.ServerEvent
	tick    uint32
	next    chan struct{} // closed when there is a newer one
}

// New makes a room with so many bots, as far as there can be so many.
func New(bots int) *Room {
	r := &Room{taken: map[uint16]bool{}}
	r.now.Store(&moment{frame: api.Frame{}, next: make(chan struct{})})
	r.setBots(bots)
	return r
}

// Handle serves the room's endpoint.
func (r *Room) Handle(mux *http.ServeMux, hub *tandem.Hub) {
	mux.Handle(api.Cursors.Handler(r.serve, &tandem.ServeOptions{Hub: hub}))
}

// Run ticks until ctx ends.
func (r *Room) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second / Rate)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.tick()
		case <-ctx.Done():
			return
		}
	}
}

// serve has the conversation with one client.
func (r *Room) serve(ctx context.Context, who api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
	p := r.join(who.Name)
	defer r.leave(p)
	told := make(chan struct{})
	telling, stop := context.WithCancel(ctx)
	go func() {
		defer close(told)
		_ = tell(telling, r, p, c) // it fails only if receiving does
	}()
	defer func() {
		stop()
		<-told
	}()
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		switch msg := msg.(type) {
		case api.Move:
			r.move(p, msg)
		case api.Bots:
			r.setBots(int(msg))
		case api.Watch:
			p.away.Store(!bool(msg))
		}
	}
	return nil
}

// tell tells a client what is new, until ctx ends.
func tell(ctx context.Context, r *Room, p *person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
	if err := c.Send(ctx, api.Welcome{You: p.cursor}); err != nil {
		return err
	}
	known, seen := &moment{}, r.now.Load()
	for {
		select {
		case <-seen.next:
		case <-ctx.Done():
			return ctx.Err()
		}
		seen = r.now.Load()
		if seen.version != known.version {
			if err := c.Send(ctx, difference(known, seen)); err != nil {
				return err
			}
			known = seen
		}
		if late := r.now.Load() != seen; !late && !p.away.Load() {
			if _, err := c.SendVolatile(seen.frame); err != nil {
				return err
			}
		}
	}
}

// difference is what has changed from one moment to another.
func difference(from, to *moment) api.Change {
	change := api.Change{Bots: to.bots}
	before := make(map[uint16]api.Cursor, len(from.there))
	for _, c := range from.there {
		before[c.ID] = c
	}
	for _, c := range to.there {
		if before[c.ID] != c {
			change.Joined = append(change.Joined, c)
		}
		delete(before, c.ID)
	}
	for _, c := range from.there {
		if _, gone := before[c.ID]; gone {
			change.Left = append(change.Left, c.ID)
		}
	}
	return change
}

func (r *Room) join(name string) *person {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.take()
	p := &person{cursor: api.Cursor{ID: id, Name: nameOf(name, id), Color: uint8(id % api.Colors)}}
	r.people = append(r.people, p)
	r.stirred = true
	return p
}

func (r *Room) leave(p *person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.people {
		if other == p {
			r.people = append(r.people[:i], r.people[i+1:]...)
			break
		}
	}
	delete(r.taken, p.cursor.ID)
	r.stirred = true
}

func (r *Room) move(p *person, to api.Move) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.at, p.placed = api.Place{ID: p.cursor.ID, X: to.X, Y: to.Y}, true
}

// setBots makes the bots so many, as far as there can be so many.
func (r *Room) setBots(n int) {
	n = min(max(n, 0), api.MaxBots)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stirred = r.stirred || n != len(r.bots)
	for len(r.bots) > n {
		last := len(r.bots) - 1
		delete(r.taken, r.bots[last].ID)
		r.bots = r.bots[:last]
	}
	for len(r.bots) < n {
		i := len(r.bots)
		r.bots = append(r.bots, api.Cursor{
			ID: r.take(), Name: "bot " + strconv.Itoa(i+1), Color: uint8(i % api.Colors), Bot: true,
		})
	}
	r.flock.resize(n)
}

// take gives an ID that nobody has. The last to be free again comes last, so that nobody is taken for who has just left.
func (r *Room) take() uint16 {
	for {
		if r.last++; !r.taken[r.last] {
			r.taken[r.last] = true
			return r.last
		}
	}
}

// tick makes the next moment. While nobody is there, time stands still.
func (r *Room) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.people) == 0 {
		return
	}
	last := r.now.Load()
	next := *last
	next.tick++
	next.next = make(chan struct{})
	places := make([]api.Place, 0, len(r.people)+len(r.bots))
	var pointers []point
	for _, p := range r.people {
		if p.placed {
			places = append(places, p.at)
			pointers = append(pointers, point{float64(p.at.X) / full, float64(p.at.Y) / full})
		}
	}
	r.flock.step(pointers)
	for i, b := range r.flock.bots {
		places = append(places, api.Place{ID: r.bots[i].ID, X: part(b.at.x), Y: part(b.at.y)})
	}
	next.frame = api.Frame{Tick: next.tick, Places: places}
	if r.stirred {
		r.stirred = false
		next.version++
		next.bots = len(r.bots)
		next.there = make([]api.Cursor, 0, cap(places))
		for _, p := range r.people {
			next.there = append(next.there, p.cursor)
		}
		next.there = append(next.there, r.bots...)
	}
	r.now.Store(&next)
	close(last.next)
}

// full is all of the page's width or height.
const full = 1<<16 - 1

// part is a part of that.
func part(v float64) uint16 { return uint16(min(max(v, 0), 1) * full) }
