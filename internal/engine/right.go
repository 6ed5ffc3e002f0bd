package engine

import (
	"sync"
	"sync/atomic"
)

// right is the right to read, which one party has at a time. It is a lock that tells who holds it, costs two atomic
// operations when nobody else wants it, and whose waiters wait on a sync.Cond: a test's fake clock goes on meanwhile,
// which it would not for a mutex.
type right struct {
	holder  atomic.Uint32 // a party
	waiting atomic.Int32  // calls of take that found it held
	mu      sync.Mutex
	freed   *sync.Cond // made for the first waiter
}

// party is who may hold the right to read.
type party = uint32

const (
	nobody   party = iota
	receiver       // in Next, or working on a message from it
	watcher
	closer
)

func (r *right) try(p party) bool { return r.holder.CompareAndSwap(nobody, p) }

func (r *right) is(p party) bool { return r.holder.Load() == p }

// take waits until the right is free.
func (r *right) take(p party) {
	if r.try(p) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.freed == nil {
		r.freed = sync.NewCond(&r.mu)
	}
	r.waiting.Add(1)
	for !r.try(p) {
		r.freed.Wait()
	}
	r.waiting.Add(-1)
}

// give frees the right. A waiter counts itself before it looks, so it is either seen here or sees the right free.
func (r *right) give() {
	r.holder.Store(nobody)
	if r.waiting.Load() > 0 {
		r.mu.Lock()
		r.freed.Broadcast()
		r.mu.Unlock()
	}
}
