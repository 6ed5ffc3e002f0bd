package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/tandem-ws/tandem"
	bolt "go.etcd.io/bbolt"
)

// maxTogether bounds the changes of one write, and maxSweep those that time asks for: a write that holds the others up
// for long helps nobody.
const (
	maxTogether = 256
	maxSweep    = 1024
)

// change is something to be written. What do leaves behind counts when done has given no error.
type change struct {
	do   func(tx *bolt.Tx, now time.Time) error
	err  error // of this change alone
	done chan error
}

// submit has a change written, together with others that wait. When the context ends first, nobody knows what became of
// the change.
func (s *Store) submit(ctx context.Context, c *change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.done = make(chan error, 1)
	select {
	case s.changes <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write is the goroutine that writes. Close ends it.
func (s *Store) write() {
	defer close(s.closed)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var batch []*change
		select {
		case c := <-s.changes:
			batch = s.gather(c)
		case <-timer.C:
		case <-s.closing:
			return
		}
		next, err := s.commit(batch)
		for _, c := range batch {
			if err != nil {
				c.err = err
			}
			c.done <- c.err
		}
		if err != nil {
			next = time.Now().Add(time.Second) // a full disk may have room by then
		}
		timer.Reset(time.Until(next))
	}
}

// gather takes what else waits.
func (s *Store) gather(c *change) []*change {
	batch := []*change{c}
	for len(batch) < maxTogether {
		select {
		case c := <-s.changes:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// idle is when to look at the clock if nothing is due: the wall clock may have been set.
const idle = time.Minute

// commit writes a batch and what time asks for. It tells when it has something to do next.
func (s *Store) commit(batch []*change) (next time.Time, err error) {
	tells := false
	next = time.Now().Add(idle)
	if len(batch) == 0 && !s.anyDue(&next) {
		return next, nil
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		now := time.Now()
		if tells, err = sweep(tx, now); err != nil {
			return err
		}
		for _, c := range batch {
			if c.err = c.do(tx, now); c.err != nil && !errors.Is(c.err, tandem.ErrConflict) && !errors.Is(c.err, errDamaged) {
				return c.err // it may be half done
			}
		}
		nextDue(tx, &next)
		return nil
	})
	if err == nil && tells {
		s.mu.Lock()
		close(s.notice)
		s.notice = make(chan struct{})
		s.mu.Unlock()
	}
	return next, err
}

// anyDue looks without writing. It brings next forward.
func (s *Store) anyDue(next *time.Time) bool {
	now := time.Now()
	_ = s.db.View(func(tx *bolt.Tx) error { nextDue(tx, next); return nil })
	return !now.Before(*next)
}

func nextDue(tx *bolt.Tx, next *time.Time) {
	if k, _ := tx.Bucket(bucketDue).Cursor().First(); k != nil {
		if at := time.Unix(0, int64(binary.BigEndian.Uint64(k))); at.Before(*next) {
			*next = at
		}
	}
}

// sweep does what is due: what is to be told is listed, the rest goes.
func sweep(tx *bolt.Tx, now time.Time) (tells bool, err error) {
	limit := uint64(now.UnixNano())
	for range maxSweep {
		k, _ := tx.Bucket(bucketDue).Cursor().First()
		if k == nil || binary.BigEndian.Uint64(k) > limit {
			return tells, nil
		}
		sid := string(k[8:])
		e, err := get(tx, sid)
		if err != nil || e == nil { // nobody can use it, and the others shall not wait for it
			if err := errors.Join(tx.Bucket(bucketDue).Delete(k), tx.Bucket(bucketRecords).Delete([]byte(sid))); err != nil {
				return tells, err
			}
			continue
		}
		if e.phase == phaseLive && !e.notify || e.phase == phaseExpired {
			err = e.remove(tx, sid)
		} else {
			err = e.unlist(tx, sid)
			e.phase, e.at = phaseExpired, now.Add(tandem.NoticeTime).UnixNano()
			err = errors.Join(err, e.put(tx, sid))
			tells = true
		}
		if err != nil {
			return tells, err
		}
	}
	return tells, nil
}
