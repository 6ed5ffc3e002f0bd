package engine

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// keepalive owns the connection's one timer, which sends pings, judges a silent peer and bounds the close handshake. It
// starts the watcher too, where no [Patrol] does.
type keepalive struct {
	c *Conn

	mu       sync.Mutex
	timer    *time.Timer // nil once stopped
	due      [tasks]instant
	progress uint32 // the reader's when the ping was sent
	seen     uint32 // the reader's when the watcher was last thought of
	asked    bool   // a ping is out
	bounded  bool   // boundUnanswered has been called
	lastID   uint64
	waiting  map[uint64]chan struct{} // calls of Ping

	armed atomic.Bool // the watch is planned
}

// task is something the timer does.
type task int

const (
	taskPing task = iota
	taskWatch
	taskClose
	tasks
)

// watchDelay is how long nobody may be receiving before the watcher looks at the connection instead. It delays
// nothing but the answer to a ping and the news of a close, in handlers that only send.
const watchDelay = 100 * time.Millisecond

func (k *keepalive) start(c *Conn) {
	k.c = c
	k.mu.Lock()
	defer k.mu.Unlock()
	now := now()
	if c.cfg.PingInterval > 0 {
		k.due[taskPing] = now.add(pingDelay(c.cfg.PingInterval))
	}
	k.armed.Store(true)
	if p := c.cfg.Patrol; p != nil {
		p.add(c)
	} else {
		k.due[taskWatch] = now.add(watchDelay)
	}
	first := k.next(now)
	if first < 0 {
		first = math.MaxInt64 // until something is planned
	}
	k.timer = time.AfterFunc(first, k.tick)
}

// pingDelay spreads the pings of connections that began together.
func pingDelay(d time.Duration) time.Duration { return d - time.Duration(rand.Int64N(int64(d)/10+1)) }

// next is how soon something is due; negative when nothing is.
func (k *keepalive) next(now instant) time.Duration {
	var first instant
	for _, at := range k.due {
		if at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	if first == 0 {
		return -1
	}
	return max(0, first.sub(now))
}

// reset sets the timer to what is due first.
func (k *keepalive) reset(now instant) {
	if d := k.next(now); d >= 0 && k.timer != nil {
		k.timer.Reset(d)
	}
}

func (k *keepalive) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	for id, done := range k.waiting {
		close(done)
		delete(k.waiting, id)
	}
}

func (k *keepalive) plan(t task, d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := now()
	k.due[t] = now.add(d)
	k.reset(now)
}

// closeWithin drops the connection after d, unless it has ended by then, and sees to it that somebody waits for the
// peer's Close frame.
func (k *keepalive) closeWithin(d time.Duration) {
	k.plan(taskClose, d)
	k.plan(taskWatch, min(d, watchDelay))
}

// armWatch is called when a reader leaves. While messages keep coming it costs one atomic load.
func (k *keepalive) armWatch() {
	if k.armed.Load() || !k.armed.CompareAndSwap(false, true) {
		return
	}
	if p := k.c.cfg.Patrol; p != nil {
		p.add(k.c)
	} else {
		k.plan(taskWatch, watchDelay)
	}
}

// tick is the timer's function.
func (k *keepalive) tick() {
	k.mu.Lock()
	if k.timer == nil {
		k.mu.Unlock()
		return
	}
	present := now()
	var act [tasks]bool
	for t, at := range k.due {
		if at != 0 && at <= present {
			act[t] = true
			k.due[t] = 0
		}
	}
	k.mu.Unlock()

	if act[taskClose] {
		k.c.finish(wire.Lost(errNoClose))
		return
	}
	if act[taskWatch] {
		k.watch()
	}
	if act[taskPing] {
		k.ping()
	}
	k.mu.Lock()
	k.reset(now())
	k.mu.Unlock()
}

// ping sends a ping, or judges what came of the last one.
func (k *keepalive) ping() {
	c := k.c
	k.mu.Lock()
	progress := c.rd.progress.Load()
	if k.asked && progress == k.progress && k.listening() {
		k.mu.Unlock()
		c.finish(wire.Lost(errNoPong))
		return
	}
	wait := pingDelay(c.cfg.PingInterval)
	if k.asked {
		k.asked = false
		wait = max(0, wait-c.cfg.PongTimeout)
	} else {
		k.asked, k.progress = true, progress
		wait = c.cfg.PongTimeout
	}
	k.due[taskPing] = now().add(wait)
	send := k.asked
	if send {
		k.lastID++
	}
	id := k.lastID
	bound := send && !k.bounded && c.wr.raw != nil
	k.bounded = k.bounded || bound
	k.mu.Unlock()
	if bound {
		// Not when the connection begins: most are never as old as the first ping, and it is a system call.
		boundUnanswered(c.wr.raw, c.cfg.PingInterval+c.cfg.PongTimeout)
	}
	if send {
		_ = c.wr.sendControl(wire.Ping, binary.BigEndian.AppendUint64(nil, id))
	}
}

// listening reports whether somebody waits for bytes, so that silence is the peer's. A program that leaves messages
// lying unread, or is slow to work on them, cannot see a pong behind them; then TCP and the write deadline judge the
// peer.
func (k *keepalive) listening() bool {
	rd := &k.c.rd
	return rd.ahead.Load() == waiting && (rd.right.is(receiver) || rd.right.is(watcher))
}

// Ping sends a ping and waits for its pong. It needs nobody to be receiving, but if messages lie unread, the pong
// behind them is seen only once they have been received. It returns the round-trip time.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	k := &c.ka
	k.mu.Lock()
	if k.timer == nil {
		k.mu.Unlock()
		return 0, c.Err()
	}
	k.lastID++
	id, done := k.lastID, make(chan struct{})
	if k.waiting == nil {
		k.waiting = make(map[uint64]chan struct{})
	}
	k.waiting[id] = done
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.waiting, id)
		k.mu.Unlock()
	}()
	began := time.Now()
	if err := c.wr.sendControl(wire.Ping, binary.BigEndian.AppendUint64(nil, id)); err != nil {
		return 0, err
	}
	k.watchNow()
	select {
	case <-done:
		if err := c.closedErr(); err != nil {
			return 0, err
		}
		return time.Since(began), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// pong completes the calls whose ping it answers. A pong answers all pings before it too (RFC 6455, section 5.5.3).
func (k *keepalive) pong(payload []byte) {
	if len(payload) != 8 {
		return
	}
	answered := binary.BigEndian.Uint64(payload)
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, done := range k.waiting {
		if id <= answered {
			close(done)
			delete(k.waiting, id)
		}
	}
}
