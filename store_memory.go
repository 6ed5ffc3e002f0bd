package tandem

import (
	"bytes"
	"container/heap"
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// MemoryStore is a [Store] in the memory of the process: a Save that has returned survives the session's connections and
// nothing else. The zero value is empty and ready. It runs no goroutine; what has expired goes when it is next used.
type MemoryStore struct {
	mu      sync.Mutex
	epoch   string
	version uint64 // the last one given
	records map[string]*memoryRecord
	due     dueHeap         // all records, the next to change first
	expired []*memoryRecord // to be handed out, oldest first
	waiting int             // callers in Expired
	wake    chan struct{}   // closed when the head of due has changed; not nil while somebody waits
}

// phase is what a record is waiting for.
type phase uint8

const (
	phaseLive    phase = iota // its time to run out
	phaseExpired              // somebody who tells
	phaseClaimed              // the one who tells
	phaseGone                 // it was removed
)

type memoryRecord struct {
	sid   string
	rec   Record
	phase phase
	at    time.Time // when the phase ends
	index int       // in due
}

// Epoch is another one for each MemoryStore.
func (s *MemoryStore) Epoch(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == "" {
		s.epoch = strconv.FormatUint(rand.Uint64(), 36) + strconv.FormatUint(rand.Uint64(), 36)
	}
	return s.epoch, nil
}

// Load is that of [Store].
func (s *MemoryStore) Load(ctx context.Context, sid string) (*Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sweep(now)
	m := s.records[sid]
	if m == nil || m.phase != phaseLive {
		return nil, ErrNoSession
	}
	return m.copied(m.at.Sub(now)), nil
}

// Save is that of [Store].
func (s *MemoryStore) Save(ctx context.Context, sid string, r *Record) (version uint64, err error) {
	if err := r.Check(sid); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sweep(now)
	m := s.records[sid]
	if !m.is(r.Version) {
		return 0, ErrConflict
	}
	if m == nil {
		m = &memoryRecord{sid: sid}
		if s.records == nil {
			s.records = map[string]*memoryRecord{}
		}
		s.records[sid] = m
		heap.Push(&s.due, m)
	}
	s.version++
	m.rec = *r
	m.rec.Version, m.rec.Session, m.rec.State = s.version, bytes.Clone(r.Session), bytes.Clone(r.State)
	s.move(m, phaseLive, now.Add(r.TTL))
	return s.version, nil
}

// Delete is that of [Store].
func (s *MemoryStore) Delete(ctx context.Context, sid string, version uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(time.Now())
	m := s.records[sid]
	if m == nil || !m.is(version) {
		return ErrConflict
	}
	s.remove(m)
	return nil
}

// Expired is that of [Store].
func (s *MemoryStore) Expired(ctx context.Context) (sid string, r *Record, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return "", nil, err
		}
		m, wake, next := s.claim()
		if m != nil {
			return m.sid, m.copied(0), nil
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer:
		}
		s.mu.Lock()
		s.waiting--
		s.mu.Unlock()
	}
}

// claim takes the oldest of the records that are to be told, as a copy. If there is none, the caller counts as waiting,
// until wake is closed or at next, when something else is due.
func (s *MemoryStore) claim() (m *memoryRecord, wake <-chan struct{}, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sweep(now)
	for len(s.expired) > 0 {
		m, s.expired = s.expired[0], s.expired[1:]
		if m.phase != phaseExpired {
			continue
		}
		s.version++
		m.rec.Version = s.version
		s.move(m, phaseClaimed, now.Add(ClaimTime))
		taken := *m
		return &taken, nil, next
	}
	s.waiting++
	if s.wake == nil {
		s.wake = make(chan struct{})
	}
	if len(s.due) > 0 {
		next = s.due[0].at
	}
	return nil, s.wake, next
}

// sweep does what is due.
func (s *MemoryStore) sweep(now time.Time) {
	for len(s.due) > 0 && !now.Before(s.due[0].at) {
		switch m := s.due[0]; {
		case m.phase == phaseLive && m.rec.Notify, m.phase == phaseClaimed:
			s.expired = append(s.expired, m)
			s.move(m, phaseExpired, now.Add(NoticeTime))
			s.rouse()
		default:
			s.remove(m)
		}
	}
}

// move puts a record into another phase.
func (s *MemoryStore) move(m *memoryRecord, p phase, until time.Time) {
	m.phase, m.at = p, until
	heap.Fix(&s.due, m.index)
	if m.index == 0 {
		s.rouse()
	}
}

func (s *MemoryStore) rouse() {
	if s.waiting > 0 && s.wake != nil {
		close(s.wake)
		s.wake = nil
	}
}

func (s *MemoryStore) remove(m *memoryRecord) {
	heap.Remove(&s.due, m.index)
	delete(s.records, m.sid)
	m.phase, m.rec = phaseGone, Record{}
}

// is tells whether somebody who has seen that version, 0 for none, may write. m is nil for none.
func (m *memoryRecord) is(version uint64) bool {
	if m == nil {
		return version == 0
	}
	return m.phase != phaseExpired && m.rec.Version == version
}

func (m *memoryRecord) copied(left time.Duration) *Record {
	r := m.rec
	r.TTL, r.Session, r.State = left, bytes.Clone(r.Session), bytes.Clone(r.State)
	return &r
}

// dueHeap is for container/heap.
type dueHeap []*memoryRecord

func (h *dueHeap) Len() int           { return len(*h) }
func (h *dueHeap) Less(i, j int) bool { return (*h)[i].at.Before((*h)[j].at) }
func (h *dueHeap) Swap(i, j int) {
	q := *h
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (h *dueHeap) Push(x any) {
	m := x.(*memoryRecord)
	m.index = len(*h)
	*h = append(*h, m)
}

func (h *dueHeap) Pop() any {
	old := *h
	m := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return m
}
