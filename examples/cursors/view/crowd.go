package view

import (
	"strconv"
	"sync"

	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/signals"
)

// crowd is who is there, and where.
type crowd struct {
	graph *signals.Graph
	list  *signals.Signal[[]*cursor] // all but the own
	bots  *signals.Signal[int]
	you   *signals.Signal[api.Cursor]

	mu     sync.Mutex // guards the rest
	byID   map[uint16]*cursor
	frame  *api.Frame // the newest, if it is not drawn yet
	frames int        // how many have come
}

// cursor is somebody's cursor, where it was drawn last.
type cursor struct {
	api.Cursor
	x, y *signals.Signal[int] // -1 until it is somewhere
}

func newCrowd(g *signals.Graph) *crowd {
	return &crowd{
		graph: g,
		list:  signals.NewFunc[[]*cursor](g, nil, nil),
		bots:  signals.New(g, 0),
		you:   signals.New(g, api.Cursor{}),
		byID:  map[uint16]*cursor{},
	}
}

// hear takes a message. Of frames only the newest is kept: a page that is not drawn, because it is out of sight, does nothing
// for them.
func (c *crowd) hear(msg api.ServerEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch msg := msg.(type) {
	case api.Welcome:
		clear(c.byID) // another conversation may be with another server
		c.frame = nil
		c.graph.Batch(func() {
			c.you.Set(msg.You)
			c.list.Set(nil)
		})
	case api.Change:
		c.change(msg)
	case api.Frame:
		c.frame = &msg
		c.frames++
	}
}

func (c *crowd) change(msg api.Change) {
	left := map[uint16]bool{}
	for _, id := range msg.Left {
		left[id] = true
		delete(c.byID, id)
	}
	var list []*cursor
	for _, there := range c.list.Peek() {
		if !left[there.ID] {
			list = append(list, there)
		}
	}
	for _, j := range msg.Joined {
		if j.ID == c.you.Peek().ID {
			continue
		}
		if last := c.byID[j.ID]; last != nil { // somebody else by now
			list = remove(list, last)
		}
		fresh := &cursor{j, signals.New(c.graph, -1), signals.New(c.graph, -1)}
		c.byID[j.ID] = fresh
		list = append(list, fresh)
	}
	c.graph.Batch(func() {
		c.list.Set(list)
		c.bots.Set(msg.Bots)
	})
}

func remove(list []*cursor, c *cursor) []*cursor {
	for i, other := range list {
		if other == c {
			return append(list[:i], list[i+1:]...)
		}
	}
	return list
}

// draw moves the cursors to where they are in the newest frame. Bots that are to stand still are moved only once.
func (c *crowd) draw(still bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frame == nil {
		return
	}
	places := c.frame.Places
	c.frame = nil
	c.graph.Batch(func() {
		for _, p := range places {
			cur := c.byID[p.ID]
			if cur == nil || still && cur.Bot && cur.x.Peek() >= 0 {
				continue
			}
			cur.x.Set(int(p.X))
			cur.y.Set(int(p.Y))
		}
	})
}

// heard is how many frames have come since it was asked last.
func (c *crowd) heard() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.frames
	c.frames = 0
	return n
}

// spot is where a cursor is, as the value of the style property translate. It is a signals.Readable[string].
type spot struct{ x, y *signals.Signal[int] }

func (s spot) Get(r *signals.Reader) string { return translate(s.x.Get(r), s.y.Get(r)) }
func (s spot) Peek() string                 { return s.Get(nil) }
func (s spot) Graph() *signals.Graph        { return s.x.Graph() }

// translate is a place in hundredths of the stage's width and height.
func translate(x, y int) string {
	if x < 0 {
		return "" // nowhere: the style sheet puts it out of sight
	}
	var room [32]byte
	b := append(hundredths(room[:0], x), "cqw "...)
	return string(append(hundredths(b, y), "cqh"...))
}

// full is all of the stage's width or height.
const full = 1<<16 - 1

// hundredths appends a share of full, with two decimals.
func hundredths(b []byte, v int) []byte {
	v = (v*10000 + full/2) / full
	b = strconv.AppendInt(b, int64(v/100), 10)
	return append(b, '.', byte('0'+v/10%10), byte('0'+v%10))
}
