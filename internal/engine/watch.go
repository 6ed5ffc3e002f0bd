package engine

import "sync/atomic"

// armed is a flag that one of several goroutines sets.
type armed struct{ v atomic.Bool }

func (a *armed) is() bool  { return a.v.Load() }
func (a *armed) set() bool { return !a.v.Load() && a.v.CompareAndSwap(false, true) }
func (a *armed) clear()    { a.v.Store(false) }

// watch starts the watcher if nobody receives and nothing has been received for a while.
func (k *keepalive) watch() {
	rd := &k.c.rd
	k.armed.clear()
	if rd.receiving.Load() || rd.pending.Load() || k.c.down.Load() {
		return // Done arms it again
	}
	k.mu.Lock()
	progress := rd.progress.Load()
	moved := progress != k.seen
	k.seen = progress
	k.mu.Unlock()
	if moved {
		k.armWatch()
		return
	}
	if rd.mu.TryLock() {
		k.watching.set()
		go k.runWatcher()
	}
}

// runWatcher is the watcher's goroutine. It holds the right to read until somebody wants it or a message arrives.
func (k *keepalive) runWatcher() {
	rd := &k.c.rd
	defer rd.mu.Unlock()
	defer k.watching.clear()
	for {
		message, err := rd.parse(control)
		if err == nil && message {
			rd.pending.Store(true)
			rd.releaseEmpty()
			if rd.answered {
				rd.answered = false
				k.c.wr.mu.Lock()
				k.c.wr.kick()
			}
			return
		}
		if err == nil {
			err = rd.wait(nil)
		}
		if err != nil {
			k.c.readFailed(err)
			return
		}
	}
}
