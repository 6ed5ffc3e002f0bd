package link

import (
	"context"
	"time"
)

// Info describes a session.
type Info struct {
	SID     string
	Opened  time.Time
	Up      bool      // messages flow
	Since   time.Time // of Up
	Resumes int
	Why     error // it is over
}

// begun notes that a session has begun.
func (l *Link) begun() {
	l.opened, l.resumes = time.Now().UnixNano(), 0
	l.changes++
}

func (l *Link) info() Info {
	return Info{
		SID: l.end.SID(), Opened: time.Unix(0, l.opened), Up: l.up && l.why == nil, Since: time.Unix(0, l.since), Resumes: int(l.resumes), Why: l.why,
	}
}

// Info tells how the session is.
func (l *Link) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info()
}

// Watch waits until the session is not any more as it was when seen was returned, 0 for never. Of several changes in the
// meantime only the outcome is told. The error is the context's.
func (l *Link) Watch(ctx context.Context, seen uint64) (Info, uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.mark() == seen {
		if l.wait(ctx.Done()) {
			return Info{}, seen, ctx.Err()
		}
	}
	return l.info(), l.mark(), nil
}

// mark changes with what Info tells.
func (l *Link) mark() uint64 {
	m := 2*uint64(l.changes) + 2
	if l.why != nil {
		m++
	}
	return m
}
