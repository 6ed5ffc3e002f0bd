package fault

import (
	"net"
	"sync"
	"time"
)

const (
	// settle is the time a receiver has to read the bytes before a reset or cut, and to answer them. In a synctest
	// bubble any time is enough, because the clock only moves when every goroutine waits.
	settle = time.Millisecond

	// linger is how long a cut connection takes in, and forgets, what its ends still send. Closing a TCP socket with
	// unread bytes in it would send RST where FIN was meant.
	linger = 100 * time.Millisecond
)

// link is one connection through the proxy.
type link struct {
	proxy *Proxy
	lanes [2]*lane      // by Direction.index
	done  chan struct{} // closed when the link is over

	mu    sync.Mutex // guards everything below
	ended [2]bool    // nothing more will be delivered in this direction
	cut   bool
	over  bool
}

func newLink(p *Proxy, number uint64, client, server net.Conn) *link {
	l := &link{proxy: p, done: make(chan struct{})}
	l.lanes[0] = newLane(l, ClientToServer, number, client, server)
	l.lanes[1] = newLane(l, ServerToClient, number, server, client)
	return l
}

// end notes that a direction is finished. The link is over when both are.
func (l *link) end(d Direction) {
	l.mu.Lock()
	l.ended[d.index()] = true
	over := l.ended[0] && l.ended[1]
	l.mu.Unlock()
	if over {
		l.finish(false)
	}
}

// beginCut makes the next end of stream a close of the receiver's connection, in either direction.
func (l *link) beginCut() {
	l.mu.Lock()
	l.cut = true
	l.mu.Unlock()
	for _, lane := range l.lanes {
		lane.queue.seal(time.Now())
	}
}

func (l *link) isCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// finish ends the link now, whatever is under way.
func (l *link) finish(reset bool) {
	l.mu.Lock()
	over := l.over
	l.over = true
	l.mu.Unlock()
	if over {
		return
	}
	l.proxy.forget(l) // first, so that whoever hears the end finds it in Proxy.Conns
	close(l.done)
	for _, lane := range l.lanes {
		if reset {
			abort(lane.dst)
		} else {
			_ = lane.dst.Close()
		}
	}
}

// abort closes c with a reset if it can.
func abort(c net.Conn) {
	if c, ok := c.(interface{ SetLinger(sec int) error }); ok {
		_ = c.SetLinger(0)
	}
	_ = c.Close()
}

// closeWrite reports false if c has no half close.
func closeWrite(c net.Conn) bool {
	half, ok := c.(interface{ CloseWrite() error })
	if ok {
		_ = half.CloseWrite()
	}
	return ok
}
