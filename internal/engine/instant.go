package engine

import "time"

// instant is a point in time in 8 bytes, where a time.Time takes 24: nanoseconds since the program began. 0 is none.
type instant int64

var epoch = time.Now()

// now is the present instant. A test's fake clock has another distance to epoch, but the same one all the time.
func now() instant { return instant(time.Since(epoch)) }

func (t instant) add(d time.Duration) instant { return t + instant(d) }

func (t instant) sub(u instant) time.Duration { return time.Duration(t - u) }

// time is the instant as a deadline; none for 0.
func (t instant) time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	left := t.sub(now()) // first, so that the deadline is not before t
	return time.Now().Add(left)
}
