package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
)

// client sends notes and keeps account of them.
type client struct {
	id   int
	base string

	mu     sync.Mutex
	sent   int          // notes that Send took are 1 to sent
	unsent map[int]bool // those a gap told of; true for those the server may have got
	last   int          // the highest answer
	wrong  int          // answers that came twice or out of order
	gaps   int
	failed error
}

// run sends until the context ends, then sees to it that everything is acknowledged or told.
func (c *client) run(ctx context.Context) {
	c.unsent = make(map[int]bool)
	background := context.Background()
	var conn *tandem.Conn[Note, Note]
	for conn == nil {
		var err error
		conn, err = Notes.Dial(ctx, c.base, struct{}{}, &tandem.DialOptions{
			Reconnect: &tandem.Reconnect{Min: 2 * time.Millisecond, Max: 100 * time.Millisecond},
		})
		if err != nil && !sleep(ctx, 10*time.Millisecond) {
			return
		}
	}
	var receiving sync.WaitGroup
	receiving.Go(func() {
		for {
			n, err := conn.Recv(background)
			if err != nil {
				if !c.told(err) {
					return
				}
				continue
			}
			c.mu.Lock()
			if n.Number <= c.last {
				c.wrong++
			}
			c.last = n.Number
			c.mu.Unlock()
		}
	})
	for n := 1; ctx.Err() == nil; {
		err := conn.Send(ctx, Note{c.id, n})
		switch {
		case err == nil:
			c.mu.Lock()
			c.sent = n
			c.mu.Unlock()
			n++
		case ctx.Err() == nil && !c.told(err):
			c.fail(err)
			return
		}
		if n%50 == 0 {
			sleep(ctx, time.Millisecond)
		}
	}
	if err := conn.Close(tandem.CodeNormal, ""); err != nil {
		c.told(err)
	}
	c.told(conn.Err())
	receiving.Wait()
}

// told takes what a gap says. It reports false for anything else.
func (c *client) told(err error) bool {
	gap, ok := errors.AsType[*tandem.Gap[Note]](err)
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gaps++
	for _, u := range gap.Unsent {
		c.unsent[u.Message.Number] = u.Maybe
	}
	return true
}

func (c *client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = err
	fmt.Fprintf(os.Stderr, "client %d: %v\n", c.id, err)
}
