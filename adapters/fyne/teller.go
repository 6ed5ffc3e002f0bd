package fynews

import (
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/data/binding"
)

// frame is the time between two pictures, of which Fyne draws 60 in a second at most.
const frame = time.Second / 60

// listeners are who is told of the changes of a binding. They are called by fyne.Do alone; the lock is for drivers that call
// from several goroutines, as that of package test does.
type listeners struct {
	mu  sync.Mutex
	all []binding.DataListener
}

// AddListener has a listener told of changes, and at once.
func (l *listeners) AddListener(to binding.DataListener) {
	fyne.Do(func() {
		l.mu.Lock()
		l.all = append(l.all, to)
		l.mu.Unlock()
		to.DataChanged()
	})
}

// RemoveListener ends that.
func (l *listeners) RemoveListener(to binding.DataListener) {
	fyne.Do(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.all, to); i >= 0 {
			l.all = slices.Delete(l.all, i, i+1)
		}
	})
}

// tell tells all of them.
func (l *listeners) tell() {
	l.mu.Lock()
	all := slices.Clone(l.all)
	l.mu.Unlock()
	for _, to := range all {
		to.DataChanged()
	}
}

// teller has a function called through fyne.Do after changes, once in a frame at most.
type teller struct {
	tell func()

	mu    sync.Mutex
	due   bool // it will be called
	last  time.Time
	timer *time.Timer // nil until it was too early for the first time
	over  bool
}

// changed notes a change.
func (t *teller) changed() {
	t.mu.Lock()
	if t.due || t.over {
		t.mu.Unlock()
		return
	}
	t.due = true
	early := time.Until(t.last.Add(frame))
	if early > 0 {
		t.timer = time.AfterFunc(early, t.do)
	}
	t.mu.Unlock()
	if early <= 0 {
		t.do()
	}
}

func (t *teller) do() {
	fyne.Do(func() {
		t.mu.Lock()
		t.due, t.last = false, time.Now() // before it is called: what changes from now on is another change
		over := t.over
		t.mu.Unlock()
		if !over {
			t.tell()
		}
	})
}

// end has it not be called any more.
func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.timer != nil {
		t.timer.Stop()
	}
}

func (t *teller) ended() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}
