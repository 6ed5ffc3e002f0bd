package sim_test

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var (
	seeds = flag.Int("seeds", 400, "how many worlds to simulate")
	first = flag.Uint64("first", 1, "the seed of the first")
	seed  = flag.Uint64("seed", 0, "simulate this one only, and tell what happens")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The promise of sessions holds in every world.
func TestPromise(t *testing.T) {
	if *seed != 0 {
		synctest.Test(t, func(t *testing.T) { simulate(t, *seed, true) })
		return
	}
	n := uint64(*seeds)
	if testing.Short() {
		n /= 10
	}
	var next atomic.Uint64
	var total sums
	began := time.Now()
	t.Run("worlds", func(t *testing.T) {
		for w := range 4 {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				for !t.Failed() {
					i := next.Add(1) - 1
					if i >= n {
						return
					}
					synctest.Test(t, func(t *testing.T) { total.add(simulate(t, *first+i, false)) })
				}
			})
		}
	})
	t.Logf("%d worlds, %.0f hours in %v: %s", n, time.Duration(total.time.Load()).Hours(), time.Since(began).Round(time.Second), &total)
	if !t.Failed() && n >= 400 { // else the simulation has gone blind
		for name, v := range map[string]*atomic.Int64{
			"messages": &total.taken, "answers": &total.got, "resumes": &total.resumes, "gaps": &total.gaps, "restarts": &total.stops, "kills": &total.kills,
		} {
			if v.Load() == 0 {
				t.Errorf("there were no %s", name)
			}
		}
	}
}

// pass lets time pass: that of the bubble.
func pass(d time.Duration) { time.Sleep(d) }

// sums are what happened in all worlds.
type sums struct {
	time, taken, got, told, gaps, resumes, stops, kills, thefts atomic.Int64
}

func (s *sums) add(w *world) {
	s.time.Add(int64(w.lasted))
	s.taken.Add(int64(w.taken))
	s.got.Add(int64(w.got))
	s.told.Add(int64(w.told))
	s.gaps.Add(int64(w.gaps))
	s.resumes.Add(int64(w.resumes))
	s.stops.Add(int64(w.stops))
	s.kills.Add(int64(w.kills))
	s.thefts.Add(int64(w.thefts))
}

func (s *sums) String() string {
	return fmt.Sprintf("%d messages taken, %d answers and pushes received, %d told in %d gaps, %d resumes, %d restarts, %d kills, %d thefts",
		s.taken.Load(), s.got.Load(), s.told.Load(), s.gaps.Load(), s.resumes.Load(), s.stops.Load(), s.kills.Load(), s.thefts.Load())
}
