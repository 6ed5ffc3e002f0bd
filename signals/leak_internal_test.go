package signals

import (
	"runtime"
	"testing"
	"weak"

	"github.com/tandem-ws/tandem/internal/assert"
)

// held counts what a source knows of who has read it.
func held(s *source) (n int) {
	for l := s.first; l != nil; l = l.next {
		n++
	}
	if s.last != nil && n == 0 || s.recent != nil {
		n++
	}
	return n
}

// heap is the memory in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A million scopes, memos and effects come and go, four in a round.
func TestLeak_million(t *testing.T) {
	const rounds = 250_000
	g := NewGraph(nil)
	root := NewScope(g)
	a, b := New(g, 0), New(g, 0)
	sum := NewMemo(g, func(r *Reader) int { return a.Get(r) + b.Get(r) })
	round := func(i int) {
		scope := root.Child()
		own := NewMemo(g, func(r *Reader) int { return sum.Get(r) + 1 })
		Effect(scope, func(r *Reader) {
			if own.Get(r)%2 == 0 {
				b.Get(r)
			}
			Effect(r.Scope(), func(r *Reader) { sum.Get(r) })
		})
		if i%3 == 0 {
			a.Set(i)
		} else {
			own.Peek()
		}
		scope.Dispose()
	}
	for i := range rounds / 10 {
		round(i)
	}
	before := heap()
	for i := range rounds {
		round(i)
	}
	grown := heap() - before
	assert.True(t, grown < 64<<10, "the heap has grown by %d bytes", grown)
	assert.Equal(t, []int{held(&a.src), held(&b.src), held(&sum.src)}, []int{0, 0, 0}, "links left")
	assert.True(t, root.last == nil, "something is left in the scope")
	assert.True(t, g.first == nil && g.last == nil && len(g.written) == 0 && g.hold == 0, "the graph is not at rest")
	runtime.KeepAlive(root)
}

// What is created and ended while no effect runs does not pile up in the queue either.
func TestLeak_heldBack(t *testing.T) {
	g := NewGraph(nil)
	s := New(g, 0)
	g.Batch(func() {
		for i := range 1000 {
			scope := NewScope(g)
			Effect(scope, func(r *Reader) { s.Get(r) })
			s.Set(i)
			scope.Dispose()
		}
		assert.True(t, g.first == nil, "ended effects are queued")
		assert.Equal(t, len(g.written), 1, "signals noted")
	})
}

// A memo that nobody depends on, and an effect that has ended, are collected although the signal they have read lives.
func TestLeak_collected(t *testing.T) {
	g := NewGraph(nil)
	s := New(g, 0)
	var memos []weak.Pointer[Memo[int]]
	var effects []weak.Pointer[effect]
	func() {
		for range 3 {
			m := NewMemo(g, func(r *Reader) int { return s.Get(r) })
			m.Peek()
			memos = append(memos, weak.Make(m))
			scope := NewScope(g)
			e := newEffect(scope, func(r *Reader) { m.Get(r); s.Get(r) })
			e.start()
			s.Set(s.Peek() + 1)
			scope.Dispose()
			effects = append(effects, weak.Make(e))
		}
		unread := NewMemo(g, func(r *Reader) int { return s.Get(r) })
		unread.Peek()
		memos = append(memos, weak.Make(unread))
	}()
	runtime.GC()
	runtime.GC()
	for i, m := range memos {
		assert.True(t, m.Value() == nil, "memo %d is alive", i)
	}
	for i, e := range effects {
		assert.True(t, e.Value() == nil, "effect %d is alive", i)
	}
	runtime.KeepAlive(s)
}

// A list that keeps the last items lets go of the others.
func TestLeak_list(t *testing.T) {
	l := NewList[[]byte](NewGraph(nil), 8)
	before := heap()
	for range 10_000 {
		l.Append(make([]byte, 10<<10))
	}
	grown := heap() - before
	assert.True(t, grown < 32*(10<<10), "the heap has grown by %d bytes", grown)
	runtime.KeepAlive(l)
}

// An effect knows what it has read last, not what it has ever read; and when it has ended, nothing, even if it ended itself.
func TestLeak_sources(t *testing.T) {
	g := NewGraph(nil)
	from := New(g, 0)
	scope := NewScope(g)
	var e *effect
	e = newEffect(scope, func(r *Reader) {
		n := from.Get(r)
		for range 30 {
			New(g, n).Get(r)
		}
		if n == 100 {
			e.dispose()
			from.Get(r)
		}
	})
	e.start()
	for i := range 99 {
		from.Set(i + 1)
		assert.Equal(t, []int{len(e.o.sources), len(e.o.old), len(e.o.index)}, []int{31, 0, 31})
	}
	from.Set(100)
	assert.True(t, e.o.sources == nil && e.o.old == nil && e.o.index == nil, "it knows what it has read")
	assert.Equal(t, held(&from.src), 0, "links left")
}
