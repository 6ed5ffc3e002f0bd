package sim_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/tandemtest"
)

// client sends notes, and keeps account of them.
type client struct {
	w   *world
	id  int
	rng *rand.Rand

	sent int // notes that Send has taken are 1 to sent, less what it refused

	mu     sync.Mutex
	unsent map[int]bool // those a gap told of; true for those the server may have got
	last   [2]int       // the highest answer and push
}

var eager = &tandem.Reconnect{Min: 10 * time.Millisecond, Max: 2 * time.Second, Stable: time.Second}

// live connects, sends and receives until it is to stop; then it leaves in order. A session that is over, because somebody
// has stolen it for instance, is followed by another.
func (c *client) live(stop <-chan struct{}) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		conn, err := c.w.end.Dial(ctx, tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: c.w.transport(), Reconnect: eager})
		cancel()
		if err == nil {
			c.use(conn, stop)
		}
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
	}
}

func (c *client) use(conn *clientConn, stop <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	var receiving sync.WaitGroup
	receiving.Go(func() {
		defer cancel()
		for {
			m, err := conn.Recv(ctx)
			if err == nil {
				c.got(m)
			} else if !c.told(err) || conn.Err() != nil {
				return
			}
		}
	})
	c.send(ctx, conn, stop)
	_ = c.told(conn.Close(tandem.CodeNormal, ""))
	_ = c.told(conn.Err())
	receiving.Wait()
	c.w.count(&c.w.resumes, conn.Session().Info().Resumes)
	cancel()
}

func (c *client) send(ctx context.Context, conn *clientConn, stop <-chan struct{}) {
	for {
		pause := time.Duration(c.rng.Int64N(int64(10 * time.Second)))
		if c.rng.IntN(3) > 0 { // in bursts
			pause /= 1000
		}
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		m := note{Client: c.id, Number: c.sent + 1, Text: strings.Repeat("x", c.rng.IntN(80))}
		within, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := conn.Send(within, m)
		cancel()
		if err == nil {
			c.sent++
			continue
		}
		c.told(err)
		if conn.Err() != nil {
			return
		}
	}
}

func (c *client) got(m note) {
	c.w.ledger.got(m)
	c.mu.Lock()
	defer c.mu.Unlock()
	stream := 0
	if m.Push {
		stream = 1
	}
	if m.Number <= c.last[stream] {
		c.w.failf("client %d: note %d of the server after %d", c.id, m.Number, c.last[stream])
	}
	c.last[stream] = m.Number
}

// told takes what a gap says. It reports false for anything else.
func (c *client) told(err error) bool {
	gap, ok := errors.AsType[*tandem.Gap[note]](err)
	if !ok {
		return false
	}
	c.w.logf("client %d: %v", c.id, gap)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.w.count(&c.w.gaps, 1)
	for _, u := range gap.Unsent {
		if _, again := c.unsent[u.Message.Number]; !again {
			c.w.count(&c.w.told, 1)
		}
		c.unsent[u.Message.Number] = u.Maybe
	}
	return true
}

// check compares what the ledger has with what the client knows.
func (c *client) check() {
	taken := c.w.ledger.taken[c.id]
	for n := 1; n <= c.sent; n++ {
		maybe, told := c.unsent[n]
		switch {
		case taken[n] == nil && !told:
			c.w.failf("client %d: %d of %d is lost, and it was not told", c.id, n, c.sent)
		case taken[n] != nil && told && !maybe:
			c.w.failf("client %d: %d told as certainly not delivered, and it was", c.id, n)
		}
	}
	for n := range taken {
		if n > c.sent {
			c.w.failf("client %d: %d was taken, and never sent", c.id, n)
		}
	}
}
