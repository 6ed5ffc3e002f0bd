package session

import "time"

// maxWait is how long a ping may stay without any answer.
const maxWait = 10 * time.Second

// life watches whether anything comes in on a socket. A beat of 0 is off.
type life struct {
	beat   time.Duration
	pinged bool
	since  time.Time // when the ping went out, or else when something was heard last
	n      uint64    // number of the last ping
}

func (l *life) start(now time.Time) { l.since, l.pinged = now, false }

// hear notes a sign of life.
func (l *life) hear(now time.Time) { l.since, l.pinged = now, false }

// due is when to look again.
func (l *life) due() (time.Time, bool) {
	switch {
	case l.beat == 0:
		return time.Time{}, false
	case l.pinged:
		return l.since.Add(min(l.beat, maxWait)), true
	}
	return l.since.Add(l.beat), true
}

// tick tells whether a ping is due, or the peer is to be given up.
func (l *life) tick(now time.Time) (ping, dead bool) {
	at, on := l.due()
	switch {
	case !on || now.Before(at):
		return false, false
	case l.pinged:
		return false, true
	}
	l.pinged, l.since = true, now
	l.n++
	return true, false
}
