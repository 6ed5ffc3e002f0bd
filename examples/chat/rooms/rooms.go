// Package rooms is the server of the chat example: who is in which room, what was said there, and who is told.
//
// A room has one lock, under which it changes and everybody in it is told so: hence all are told the same in the same order.
// That takes no longer than to encode what is told and to queue it, because nobody is waited for: who does not take what is
// sent, be it that their client is slow or that their network has been lost for too long, is closed with 1013 when the window of
// the session is full, by the endpoint's Limits.Overflow.
//
// All is in memory: a restart begins with no rooms. What is told is encoded for each member anew, because there is no way yet
// to send the same to many: 0.3 us for a line of text (BenchmarkSaid).
package rooms

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/api"
)

// Options bound what the rooms may cost. A nil *Options means the defaults.
type Options struct {
	// MaxRooms is how many rooms there may be at once. One more takes the place of the room that has been empty for
	// longest; if none is, who wants to enter it is closed with api.CodeFull. Default 200.
	MaxRooms int
	// MaxMembers is how many may be in one room at once. Each is told of each, so what a room costs grows with the square.
	// One more is closed with api.CodeFull. Default 100.
	MaxMembers int
	// Keep is how long an empty room is kept, with what was said in it. Default 10 min.
	Keep time.Duration
}

// Rooms are the rooms of a server. Its methods may be called from any goroutine.
type Rooms struct {
	o Options

	mu    sync.Mutex // guards the rest
	rooms map[string]*place
}

// place is a room, and what decides how long it is there.
type place struct {
	room
	taken   int         // by people who are in, or about to enter or to leave
	emptied time.Time   // when the last has left, if none is
	drop    *time.Timer // runs while it is empty
}

// conn is the server's end of a connection.
type conn = tandem.Conn[api.ClientEvent, api.ServerEvent]

// New makes a server without rooms.
func New(o *Options) *Rooms {
	s := &Rooms{rooms: map[string]*place{}}
	if o != nil {
		s.o = *o
	}
	s.o.MaxRooms = cmp.Or(s.o.MaxRooms, 200)
	s.o.MaxMembers = cmp.Or(s.o.MaxMembers, 100)
	s.o.Keep = cmp.Or(s.o.Keep, 10*time.Minute)
	return s
}

// Handle serves the endpoint.
func (s *Rooms) Handle(mux *http.ServeMux, hub *tandem.Hub) {
	mux.Handle(api.Chat.Handler(s.serve, &tandem.ServeOptions{
		Hub:          hub,
		RefuseInBand: true, // pages are to know why
	}))
}

// serve has the conversation with one client.
func (s *Rooms) serve(ctx context.Context, p api.Params, c *conn) error {
	if !validRoom(p.Room) {
		return &tandem.CloseError{Code: api.CodeRoom, Reason: "a room is 1 to 32 of a-z, 0-9 and -"}
	}
	name, refusal := cleanName(p.Name)
	if refusal != "" {
		return &tandem.CloseError{Code: api.CodeName, Reason: "a name is 1 to 32 characters that can be seen"}
	}
	at, err := s.enter(p.Room)
	if err != nil {
		return err
	}
	defer s.leave(at)
	r := &at.room
	m := r.join(ctx, name, c)
	defer func() { r.part(m, context.Cause(ctx)) }()
	defer watch(ctx, c.Session(), func() { r.look(m) })()
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		r.look(m) // who speaks is back, also where the watcher has not seen it yet
		switch msg := msg.(type) {
		case api.Say:
			r.say(m, msg.Text)
		case api.Rename:
			r.rename(m, msg.Name)
		case api.Typing:
			r.typing(m)
		}
	}
	return nil
}

// watch calls f whenever something happens to a session, until stop is called. To none nothing happens.
func watch(ctx context.Context, s *tandem.Session, f func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for range s.Watch(ctx) {
			f()
		}
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// enter takes a place in the room of a name.
func (s *Rooms) enter(name string) (*place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.rooms[name]
	switch {
	case p == nil && len(s.rooms) >= s.o.MaxRooms && !s.dropOne():
		return nil, &tandem.CloseError{Code: api.CodeFull, Reason: "there are too many rooms"}
	case p == nil:
		p = &place{}
		s.rooms[name] = p
		p.drop = time.AfterFunc(s.o.Keep, func() { s.expire(name, p) })
	case p.taken >= s.o.MaxMembers:
		return nil, &tandem.CloseError{Code: api.CodeFull, Reason: "the room is full"}
	}
	p.drop.Stop()
	p.taken++
	return p, nil
}

// leave gives the place back.
func (s *Rooms) leave(p *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.taken--; p.taken == 0 {
		p.emptied = time.Now()
		p.drop.Reset(s.o.Keep)
	}
}

// expire drops a room, unless somebody has entered it, and may have left it, since its time was up.
func (s *Rooms) expire(name string, p *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[name] == p && p.taken == 0 && time.Since(p.emptied) >= s.o.Keep {
		delete(s.rooms, name)
	}
}

// dropOne drops the room that has been empty for longest, and reports whether there was one.
func (s *Rooms) dropOne() bool {
	oldest := ""
	for name, p := range s.rooms {
		if p.taken == 0 && (oldest == "" || p.emptied.Before(s.rooms[oldest].emptied)) {
			oldest = name
		}
	}
	if oldest == "" {
		return false
	}
	s.rooms[oldest].drop.Stop()
	delete(s.rooms, oldest)
	return true
}
