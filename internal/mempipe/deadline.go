package mempipe

import (
	"sync"
	"time"
)

// deadline wakes the waiters of a condition when its time has come. The condition's lock guards it.
type deadline struct {
	at      time.Time // zero: none
	expired bool
	timer   *time.Timer // made once and moved from then on: moving a deadline does not allocate
}

func (d *deadline) set(at time.Time, c *sync.Cond) {
	d.at, d.expired = at, false
	if at.IsZero() {
		d.stop()
		return
	}
	left := time.Until(at)
	switch {
	case left <= 0:
		d.stop()
		d.expired = true
		c.Broadcast()
	case d.timer == nil:
		d.timer = time.AfterFunc(left, func() { d.fire(c) })
	default:
		d.timer.Reset(left)
	}
}

// fire may run late, after the deadline was moved, or early, when the deadline has no monotonic reading and the wall
// clock was set. So it asks the clock again.
func (d *deadline) fire(c *sync.Cond) {
	c.L.Lock()
	defer c.L.Unlock()
	if d.at.IsZero() || d.expired {
		return
	}
	if left := time.Until(d.at); left > 0 {
		d.timer.Reset(left)
		return
	}
	d.expired = true
	c.Broadcast()
}

// stop ends the timer. An expired deadline stays expired.
func (d *deadline) stop() {
	d.at = time.Time{}
	if d.timer != nil {
		d.timer.Stop()
	}
}
