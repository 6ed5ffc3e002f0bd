package view

import (
	"context"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

// conn is the client's end of a conversation.
type conn = tandem.Conn[api.ServerEvent, api.ClientEvent]

// sendEvery is how often the pointer's place is sent at most, but for a hair: at each frame of most screens, at each second or
// third of faster ones.
const sendEvery = time.Second/60 - 2*time.Millisecond

// pointer is the visitor's own cursor, and what else they tell the server.
type pointer struct {
	x, y   *signals.Signal[int]  // -1 until it is somewhere
	keys   *signals.Signal[bool] // it was moved with keys, so the browser shows none there
	paused *signals.Signal[bool]

	mu    sync.Mutex // guards the rest
	c     *conn      // nil while there is none
	moved bool       // since it was sent
	sent  time.Duration
	bots  int // how many are wanted and not asked for yet; -1 if nobody wants anything
}

func newPointer(g *signals.Graph) *pointer {
	return &pointer{
		x: signals.New(g, -1), y: signals.New(g, -1), bots: -1,
		keys: signals.New(g, false), paused: signals.New(g, false),
	}
}

// begin tells a server what it has to know of somebody who has been here already.
func (p *pointer) begin(ctx context.Context, c *conn) error {
	if p.paused.Peek() {
		if err := c.Send(ctx, api.Watch(false)); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.c, p.moved = c, p.x.Peek() >= 0
	return nil
}

// move notes where the pointer is: parts of the stage.
func (p *pointer) move(x, y float64, keys bool) {
	p.x.Set(clamp(x * full))
	p.y.Set(clamp(y * full))
	p.keys.Set(keys)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved = true
}

// step moves it by some of the stage, with keys.
func (p *pointer) step(dx, dy float64) {
	x, y := p.x.Peek(), p.y.Peek()
	if x < 0 {
		x, y = full/2, full/2
	}
	p.move(float64(x)/full+dx, float64(y)/full+dy, true)
}

func clamp(v float64) int { return int(min(max(v, 0), full)) }

// want notes how many bots are wanted.
func (p *pointer) want(bots int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bots = bots
}

// send sends what has changed, if it is time for that. A place that cannot be sent at once is not worth waiting for.
func (p *pointer) send(now time.Duration, ws *live.Socket[api.ServerEvent, api.ClientEvent]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.c == nil || now-p.sent < sendEvery {
		return
	}
	if p.moved {
		p.moved, p.sent = false, now
		_, _ = p.c.SendVolatile(api.Move{X: uint16(p.x.Peek()), Y: uint16(p.y.Peek())}) // the socket's status tells of errors
	}
	if p.bots >= 0 {
		ws.Post(api.Bots(p.bots))
		p.bots, p.sent = -1, now
	}
}
