package engine

import "context"

// watch starts the watcher if nobody receives and nothing has been received for a while.
func (k *keepalive) watch() {
	rd := &k.c.rd
	k.armed.Store(false)
	if k.c.down.Load() {
		k.c.linger()
		return
	}
	if rd.right.is(receiver) || rd.pending.Load() {
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
	k.watchNow()
}

// watchNow starts the watcher, unless somebody reads or a message lies in the way.
func (k *keepalive) watchNow() {
	if rd := &k.c.rd; !rd.pending.Load() && rd.right.try(watcher) {
		go k.runWatcher()
	}
}

// runWatcher is the watcher's goroutine. It holds the right to read until somebody wants it or a message arrives. A
// message that a cancelled Next has left half-read it reads to its end, and leaves for the next call.
func (k *keepalive) runWatcher() {
	if k.untilMessage() && k.c.own != nil {
		k.c.own.Pending()
	}
}

// noContext is the watcher's.
var noContext context.Context

// untilMessage reads until there is a message.
func (k *keepalive) untilMessage() bool {
	rd := &k.c.rd
	defer rd.right.give()
	for {
		message, err := rd.parse(control)
		if err == nil && message {
			rd.pending.Store(true)
			rd.toWait()
			rd.shrink()
			if rd.answered {
				rd.answered = false
				k.c.wr.flushSoon()
			}
			return true
		}
		if err == nil {
			err = rd.wait(noContext)
			rd.pause()
		}
		if err != nil {
			k.c.readFailed(err)
			return false
		}
	}
}
