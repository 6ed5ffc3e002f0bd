package signals_test

import (
	"fmt"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

// The shapes of graphs with which the reactive libraries of JavaScript are compared: kairo's, and cellx. Each knows what its
// values are and how many runs a write takes, so they are tests as well.

// shape is a graph that is written again and again.
type shape struct {
	name string
	// build makes it. write makes the i-th change, i from 1 on, and value gives what is worked out.
	build func(b *builder) (write func(i int), value func() int)
	want  func(i int) int
	// How often something runs for each write.
	memos, effects int
}

// builder makes the parts and counts their runs.
type builder struct {
	g              *signals.Graph
	scope          *signals.Scope
	memos, effects int
}

func newBuilder() *builder {
	g := signals.NewGraph(nil)
	return &builder{g: g, scope: signals.NewScope(g)}
}

func (b *builder) memo(f func(r *signals.Reader) int) *signals.Memo[int] {
	return signals.NewMemo(b.g, func(r *signals.Reader) int { b.memos++; return f(r) })
}

// plus is a memo of a value and a number.
func (b *builder) plus(v signals.Readable[int], n int) *signals.Memo[int] {
	return b.memo(func(r *signals.Reader) int { return v.Get(r) + n })
}

func (b *builder) sum(of []signals.Readable[int]) *signals.Memo[int] {
	return b.memo(func(r *signals.Reader) (sum int) {
		for _, v := range of {
			sum += v.Get(r)
		}
		return sum
	})
}

func (b *builder) effect(v signals.Readable[int]) {
	signals.Effect(b.scope, func(r *signals.Reader) { b.effects++; v.Get(r) })
}

var shapes = []shape{
	{
		name: "avoidable", memos: 2, effects: 0, // nothing changes behind the second memo
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			first := b.plus(head, 0)
			zero := b.memo(func(r *signals.Reader) int { first.Get(r); return 0 })
			last := b.plus(b.plus(b.plus(zero, 1), 2), 3)
			b.effect(last)
			return head.Set, last.Peek
		},
		want: func(int) int { return 6 },
	},
	{
		name: "broad", memos: 100, effects: 50,
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			var last *signals.Memo[int]
			for i := range 50 {
				last = b.plus(b.plus(head, i), 1)
				b.effect(last)
			}
			return head.Set, last.Peek
		},
		want: func(i int) int { return i + 50 },
	},
	{
		name: "deep", memos: 50, effects: 1,
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			last := b.plus(head, 1)
			for range 49 {
				last = b.plus(last, 1)
			}
			b.effect(last)
			return head.Set, last.Peek
		},
		want: func(i int) int { return i + 50 },
	},
	{
		name: "diamond", memos: 6, effects: 1,
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			var sides []signals.Readable[int]
			for range 5 {
				sides = append(sides, b.plus(head, 1))
			}
			sum := b.sum(sides)
			b.effect(sum)
			return head.Set, sum.Peek
		},
		want: func(i int) int { return 5 * (i + 1) },
	},
	{
		name: "mux", memos: 102, effects: 1, // all look at what has come together, one of them sees a change
		build: func(b *builder) (func(int), func() int) {
			var heads []*signals.Signal[int]
			for range 100 {
				heads = append(heads, signals.New(b.g, 0))
			}
			mux := signals.NewMemoFunc(b.g, func(r *signals.Reader) []int {
				b.memos++
				values := make([]int, len(heads))
				for i, head := range heads {
					values[i] = head.Get(r)
				}
				return values
			}, nil)
			var outs []*signals.Memo[int]
			for i := range heads {
				one := b.memo(func(r *signals.Reader) int { return mux.Get(r)[i] })
				outs = append(outs, b.plus(one, 1))
				b.effect(outs[i])
			}
			written := 0
			write := func(i int) { written = i % 100; heads[written].Set(i) }
			return write, func() int { return outs[written].Peek() }
		},
		want: func(i int) int { return i + 1 },
	},
	{
		name: "repeated", memos: 1, effects: 1,
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			var same []signals.Readable[int]
			for range 30 {
				same = append(same, head)
			}
			sum := b.sum(same)
			b.effect(sum)
			return head.Set, sum.Peek
		},
		want: func(i int) int { return 30 * i },
	},
	{
		name: "triangle", memos: 10, effects: 1,
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			all := []signals.Readable[int]{head}
			for i := range 9 {
				all = append(all, b.plus(all[i], 1))
			}
			sum := b.sum(all)
			b.effect(sum)
			return head.Set, sum.Peek
		},
		want: func(i int) int { return 10*i + 45 },
	},
	{
		name: "unstable", memos: 2, effects: 1, // it depends on another memo each time
		build: func(b *builder) (func(int), func() int) {
			head := signals.New(b.g, 0)
			double := b.memo(func(r *signals.Reader) int { return 2 * head.Get(r) })
			inverse := b.memo(func(r *signals.Reader) int { return -head.Get(r) })
			sum := b.memo(func(r *signals.Reader) (sum int) {
				for range 20 {
					if head.Get(r)%2 == 1 {
						sum += double.Get(r)
					} else {
						sum += inverse.Get(r)
					}
				}
				return sum
			})
			b.effect(sum)
			return head.Set, sum.Peek
		},
		want: func(i int) int {
			if i%2 == 1 {
				return 40 * i
			}
			return -20 * i
		},
	},
}

func TestShapes(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			b := newBuilder()
			write, value := s.build(b)
			b.memos, b.effects = 0, 0
			for i := 1; i <= 500; i++ {
				write(i)
				assert.Equal(t, []int{b.memos, b.effects}, []int{i * s.memos, i * s.effects}, "runs after %d writes", i)
				assert.Equal(t, value(), s.want(i), "value after %d writes", i)
				assert.Equal(t, b.memos, i*s.memos, "runs after the value was read")
			}
		})
	}
}

func BenchmarkShapes(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			parts := newBuilder()
			write, value := s.build(parts)
			parts.memos, parts.effects = 0, 0
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				write(i)
			}
			assert.Equal(b, value(), s.want(i))
			assert.Equal(b, []int{parts.memos, parts.effects}, []int{i * s.memos, i * s.effects}, "runs")
		})
	}
}

// cells is layers of four values, each worked out of those in the layer before it, with an effect on every one.
type cells struct {
	*builder
	start [4]*signals.Signal[int]
	end   [4]*signals.Memo[int]
}

func newCells(layers int) *cells {
	c := &cells{builder: newBuilder()}
	var last [4]signals.Readable[int]
	for i := range c.start {
		c.start[i] = signals.New(c.g, i+1)
		last[i] = c.start[i]
	}
	for range layers {
		from := last
		c.end = [4]*signals.Memo[int]{
			c.memo(func(r *signals.Reader) int { return from[1].Get(r) }),
			c.memo(func(r *signals.Reader) int { return from[0].Get(r) - from[2].Get(r) }),
			c.memo(func(r *signals.Reader) int { return from[1].Get(r) + from[3].Get(r) }),
			c.memo(func(r *signals.Reader) int { return from[2].Get(r) }),
		}
		for i, m := range c.end {
			c.effect(m)
			last[i] = m
		}
	}
	return c
}

func (c *cells) set(values [4]int) {
	c.g.Batch(func() {
		for i, v := range values {
			c.start[i].Set(v)
		}
	})
}

func (c *cells) values() (values [4]int) {
	for i, m := range c.end {
		values[i] = m.Peek()
	}
	return values
}

// wantCells works it out without a graph: the values of the last layer, and how many memos and effects run when the first
// changes.
func wantCells(layers int, before, after [4]int) (values [4]int, memos, effects int) {
	next := func(v [4]int) [4]int { return [4]int{v[1], v[0] - v[2], v[1] + v[3], v[2]} }
	for range layers {
		var changed [4]bool
		for i := range changed {
			changed[i] = before[i] != after[i]
		}
		for _, reads := range [4]bool{changed[1], changed[0] || changed[2], changed[1] || changed[3], changed[2]} {
			if reads {
				memos++
			}
		}
		before, after = next(before), next(after)
		for i := range changed {
			if before[i] != after[i] {
				effects++
			}
		}
	}
	return after, memos, effects
}

var cellValues = [2][4]int{{1, 2, 3, 4}, {4, 3, 2, 1}}

func TestCells(t *testing.T) {
	for _, layers := range []int{10, 20, 50, 100, 1000, 2500} {
		c := newCells(layers)
		for i := range 4 {
			before, after := cellValues[i%2], cellValues[(i+1)%2]
			values, memos, effects := wantCells(layers, before, after)
			c.memos, c.effects = 0, 0
			c.set(after)
			assert.Equal(t, c.values(), values, "%d layers", layers)
			assert.Equal(t, []int{c.memos, c.effects}, []int{memos, effects}, "runs in %d layers", layers)
		}
	}
	// What the published benchmark expects of 1000 layers.
	values, _, _ := wantCells(1000, cellValues[1], cellValues[0])
	assert.Equal(t, values, [4]int{-3, -6, -2, 2})
	values, _, _ = wantCells(1000, cellValues[0], cellValues[1])
	assert.Equal(t, values, [4]int{-2, -4, 2, 3})
}

func BenchmarkCells(b *testing.B) {
	for _, layers := range []int{10, 1000} {
		b.Run(fmt.Sprint(layers), func(b *testing.B) {
			c := newCells(layers)
			c.memos, c.effects = 0, 0
			memos, effects := 0, 0
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				c.set(cellValues[(i+1)%2])
				i++
			}
			for j := range i {
				if j < 2 {
					_, m, e := wantCells(layers, cellValues[j], cellValues[1-j])
					memos, effects = memos+m*((i+1-j)/2), effects+e*((i+1-j)/2)
				}
			}
			assert.Equal(b, []int{c.memos, c.effects}, []int{memos, effects}, "runs")
		})
	}
}
