package fault

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// settings are the faults of one direction.
type settings struct {
	delay, jitter        time.Duration
	bandwidth            int // bytes per second, 0: no limit
	slice                int // longest piece, 0: as they come
	corrupt              float64
	cutAfter, resetAfter int64 // -1: never
	cutIdle              time.Duration
	held                 bool
}

var noFaults = settings{cutAfter: -1, resetAfter: -1}

// String is empty without faults, else it begins with a space.
func (s settings) String() string {
	var list []string
	add := func(on bool, format string, args ...any) {
		if on {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(s.delay > 0 || s.jitter > 0, "delay %v±%v", s.delay, s.jitter)
	add(s.bandwidth > 0, "%d bytes/s", s.bandwidth)
	add(s.slice > 0, "slices up to %d", s.slice)
	add(s.corrupt > 0, "corrupt %v", s.corrupt)
	add(s.cutAfter >= 0, "cut after %d", s.cutAfter)
	add(s.resetAfter >= 0, "reset after %d", s.resetAfter)
	add(s.cutIdle > 0, "cut idle %v", s.cutIdle)
	add(s.held, "held")
	if list == nil {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// control is settings that goroutines can wait on.
type control struct {
	mu      sync.Mutex // guards everything below
	now     settings
	changed chan struct{} // closed at the next change
}

func (c *control) init() {
	c.now, c.changed = noFaults, make(chan struct{})
}

// get returns the settings and a channel that is closed when they change.
func (c *control) get() (settings, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now, c.changed
}

func (c *control) change(f func(*settings)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.now)
	close(c.changed)
	c.changed = make(chan struct{})
}
