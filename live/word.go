package live

import (
	"context"
	"sync"
)

// word is how Send tells the reader of a session of gaps: of Recv and Send only one is told, and it is the reader that knows
// where in what is received the next conversation begins. Of a plain connection it is nil.
type word struct {
	mu   sync.Mutex // guards the rest
	gaps []*fresh
	ctx  context.Context // ends when there is one
	stop context.CancelFunc
}

func newWord() *word {
	w := &word{}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// say has the reader hear of a gap.
func (w *word) say(f *fresh) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gaps = append(w.gaps, f)
	w.stop()
}

// context is that of the reader's calls. They lose nothing when it ends.
func (w *word) context() context.Context {
	if w == nil {
		return context.Background()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx
}

// heard gives the first gap that was told, nil if none was.
func (w *word) heard() *fresh {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.gaps) == 0 {
		return nil
	}
	return w.gaps[0]
}

// taken forgets that gap.
func (w *word) taken() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gaps = w.gaps[1:]; len(w.gaps) == 0 {
		w.gaps = nil
		w.ctx, w.stop = context.WithCancel(context.Background())
	}
}
