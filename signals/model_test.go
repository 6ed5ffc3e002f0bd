package signals_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tandem-ws/tandem/signals"
)

// TestModel compares a graph with one that works everything out anew each time: random memos with dependencies that come and
// go, some of which panic at times, and effects that come and go.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{t: t, g: signals.NewGraph(nil), known: map[int]any{}}
		for range rapid.IntRange(1, 4).Draw(t, "signals") {
			w.values = append(w.values, 0)
			w.nodes = append(w.nodes, &node{Readable: signals.New(w.g, 0)})
		}
		for range rapid.IntRange(1, 6).Draw(t, "memos") {
			w.addMemo()
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        w.check,
			"set":     w.set,
			"batch":   w.batch,
			"peek":    w.peek,
			"memo":    func(*rapid.T) { w.addMemo() },
			"observe": func(*rapid.T) { w.observe() },
			"stop":    w.stop,
		})
	})
}

type world struct {
	t       *rapid.T
	g       *signals.Graph
	nodes   []*node // signals first
	values  []int   // of the signals
	known   map[int]any
	effects []*observed
	mixed   string // what an effect has seen that it should not
	between bool   // somebody has read inside a batch
}

// node is a signal or a memo.
type node struct {
	signals.Readable[int]
	recipe
	runs int
}

// recipe is what a memo does or an effect sees: it reads some of its sources, which depend on what it reads first.
type recipe struct {
	sources []int
	modulus int // small, so that results are often equal
	fault   int // the result at which it panics; -1 for none
}

type fault struct{}

func (c recipe) work(read func(int) int) int {
	v := read(c.sources[0])
	for i := range v % len(c.sources) {
		v = 3*v + read(c.sources[(v+i)%len(c.sources)])
	}
	if v %= c.modulus; v == c.fault {
		panic(fault{})
	}
	return v
}

// outcome is what f gives, or a fault.
func outcome(f func() int) (v any) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fault:
			v = p
		case *signals.PanicError:
			v = p.Value
		default:
			panic(p)
		}
	}()
	return f()
}

// want is the value of a node, worked out anew.
func (w *world) want(i int) any {
	if i < len(w.values) {
		return w.values[i]
	}
	if _, ok := w.known[i]; !ok {
		w.known[i] = outcome(func() int { return w.nodes[i].work(w.mustWant) })
	}
	return w.known[i]
}

func (w *world) mustWant(i int) int {
	v, ok := w.want(i).(int)
	if !ok {
		panic(fault{})
	}
	return v
}

func (w *world) recipe() recipe {
	return recipe{
		sources: rapid.SliceOfN(rapid.IntRange(0, len(w.nodes)-1), 1, 5).Draw(w.t, "sources"),
		modulus: rapid.IntRange(1, 5).Draw(w.t, "modulus"),
		fault:   rapid.SampledFrom([]int{-1, -1, -1, 2}).Draw(w.t, "fault"),
	}
}

func (w *world) addMemo() {
	n := &node{recipe: w.recipe()}
	n.Readable = signals.NewMemo(w.g, func(r *signals.Reader) int {
		n.runs++
		return n.work(func(i int) int { return w.nodes[i].Get(r) })
	})
	w.nodes = append(w.nodes, n)
}

// observed is an effect.
type observed struct {
	recipe
	stop func()
	runs int
	seen map[int]any // what it has read in its last run

	before map[int]any // the same when it was checked last
}

func (w *world) observe() {
	e := &observed{recipe: w.recipe()}
	e.stop = signals.Effect(signals.NewScope(w.g), func(r *signals.Reader) {
		e.runs++
		e.seen = map[int]any{}
		_ = outcome(func() int {
			return e.work(func(i int) int {
				e.seen[i] = outcome(func() int { return w.nodes[i].Get(r) })
				if want := w.want(i); e.seen[i] != want {
					w.mixed = fmt.Sprintf("an effect has seen %v of %d, want %v", e.seen[i], i, want)
				}
				if e.seen[i] == (fault{}) {
					panic(fault{})
				}
				return e.seen[i].(int)
			})
		})
	})
	e.runs, e.before = 0, e.seen
	w.effects = append(w.effects, e)
}

func (w *world) stop(t *rapid.T) {
	if len(w.effects) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.effects)-1).Draw(t, "effect")
	e := w.effects[i]
	e.stop()
	w.effects = append(w.effects[:i:i], w.effects[i+1:]...)
	before := e.runs
	w.write(t)
	if e.runs != before {
		t.Fatal("an effect has run after its end")
	}
}

func (w *world) write(t *rapid.T) {
	i := rapid.IntRange(0, len(w.values)-1).Draw(t, "signal")
	v := rapid.IntRange(0, 3).Draw(t, "value")
	w.values[i], w.known = v, map[int]any{}
	w.nodes[i].Readable.(*signals.Signal[int]).Set(v)
}

func (w *world) set(t *rapid.T) { w.write(t) }

func (w *world) batch(t *rapid.T) {
	w.g.Batch(func() {
		before := append([]int(nil), w.values...)
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				w.write(t)
			case 2: // everything as it was
				for i, v := range before {
					w.values[i] = v
					w.nodes[i].Readable.(*signals.Signal[int]).Set(v)
				}
				w.known = map[int]any{}
			default:
				w.between = true
				w.peek(t)
			}
		}
	})
}

// peek reads a node twice; the second time nothing is worked out.
func (w *world) peek(t *rapid.T) {
	i := rapid.IntRange(0, len(w.nodes)-1).Draw(t, "node")
	w.read(t, i)
	runs := w.runs()
	w.read(t, i)
	if again := w.runs(); fmt.Sprint(again) != fmt.Sprint(runs) {
		t.Fatalf("reading %d again has run memos: %v, before %v", i, again, runs)
	}
}

func (w *world) read(t *rapid.T, i int) {
	if got, want := outcome(w.nodes[i].Peek), w.want(i); got != want {
		t.Fatalf("node %d is %v, want %v", i, got, want)
	}
}

func (w *world) runs() (runs []int) {
	for _, n := range w.nodes {
		runs = append(runs, n.runs)
	}
	return runs
}

// check is called after each step, which was at most one change.
func (w *world) check(t *rapid.T) {
	if w.mixed != "" {
		t.Fatal(w.mixed)
	}
	for i, e := range w.effects {
		for j, v := range e.seen {
			if want := w.want(j); v != want {
				t.Fatalf("effect %d has seen %v of %d last, want %v", i, v, j, want)
			}
		}
		least, most := 0, 0
		if w.between {
			most = 1 // a value may have come, been seen, and gone
		}
		for j, v := range e.before {
			if v != w.want(j) {
				least, most = 1, 1
			} else if v == (fault{}) {
				most = 1 // a panic differs from any other
			}
		}
		if e.runs < least || e.runs > most {
			t.Fatalf("effect %d has run %d times, want %d to %d", i, e.runs, least, most)
		}
		e.runs, e.before = 0, e.seen
	}
	w.between = false
}
