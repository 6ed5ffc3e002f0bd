package teaws

import (
	"sync"
	"time"
)

// frame is the time between two pictures: what comes faster nobody sees. Bubble Tea draws 60 of them in a second, but calls
// View after each message.
const frame = time.Second / 60

// turn has commands wait one after the other: each message is numbered, and lets one command wait for the next.
type turn struct {
	mu      sync.Mutex
	last    uint64 // the number of the last message; 0 before the first
	waiting bool   // somebody waits for the next
}

// take begins to wait for what follows message n. It reports false to whoever must not.
func (t *turn) take(n uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting || t.last != n {
		return false
	}
	t.waiting = true
	return true
}

// pass ends that, and gives the number of the message that comes of it.
func (t *turn) pass() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = false
	t.last++
	return t.last
}

// wake tells who waits on a channel with room for one that there is something to see.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has been told, and has not looked yet
	}
}
