package signals_test

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func BenchmarkSignal_Get(b *testing.B) {
	s := signals.New(signals.NewGraph(nil), 1)
	b.ReportAllocs()
	for b.Loop() {
		s.Get(nil)
	}
}

func BenchmarkSignal_Set(b *testing.B) {
	s := signals.New(signals.NewGraph(nil), 1)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		s.Set(i)
	}
}

func BenchmarkSignal_Set_oneEffect(b *testing.B) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { s.Get(r); runs++ })
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		s.Set(i)
	}
	assert.Equal(b, runs, i+1)
}

func BenchmarkMemo_Get_upToDate(b *testing.B) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	m := signals.NewMemo(g, func(r *signals.Reader) int { return s.Get(r) })
	b.ReportAllocs()
	for b.Loop() {
		m.Get(nil)
	}
}

func BenchmarkGraph_Batch_hundredSignals(b *testing.B) {
	g := signals.NewGraph(nil)
	var all []*signals.Signal[int]
	for range 100 {
		all = append(all, signals.New(g, 0))
	}
	runs := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) {
		for _, s := range all {
			s.Get(r)
		}
		runs++
	})
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		g.Batch(func() {
			for _, s := range all {
				s.Set(i)
			}
		})
	}
	assert.Equal(b, runs, i+1)
}

func BenchmarkEffect_makeAndEnd(b *testing.B) {
	g := signals.NewGraph(nil)
	s := signals.New(g, 0)
	scope := signals.NewScope(g)
	b.ReportAllocs()
	for b.Loop() {
		signals.Effect(scope, func(r *signals.Reader) { s.Get(r) })()
	}
}

func BenchmarkList_Append(b *testing.B) {
	g := signals.NewGraph(nil)
	l := signals.NewList[int](g, 1000)
	n := 0
	signals.Effect(signals.NewScope(g), func(r *signals.Reader) { n += l.Len(r) })
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		l.Append(i)
		i++
	}
}

// Many goroutines write signals of the same graph, which has one lock.
func BenchmarkSignal_Update_parallel(b *testing.B) {
	s := signals.New(signals.NewGraph(nil), 0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.Update(func(v int) int { return v + 1 })
		}
	})
	assert.Equal(b, s.Peek(), b.N)
}
