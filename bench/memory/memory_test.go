package memory_test

import (
	"testing"

	"github.com/tandem-ws/tandem/bench/memory"
)

// TestSubjects_answer runs every subject of the budgets for a moment: NewLane fails unless replies are as long as they
// should be, every time. Nothing here depends on how long it takes.
func TestSubjects_answer(t *testing.T) {
	for _, b := range memory.Budgets {
		for name, s := range map[string]memory.Subject{"subject": b.Subject, "floor": b.Floor} {
			lane, err := memory.NewLane(s, b.Task)
			if err != nil {
				t.Errorf("%s, %s: %v", b.Name, name, err)
				continue
			}
			lane.Close()
		}
	}
}

// BenchmarkMemory is the same loops under go test, for profiles and benchstat.
func BenchmarkMemory(b *testing.B) {
	for _, budget := range memory.Budgets {
		for name, s := range map[string]memory.Subject{"subject": budget.Subject, "floor": budget.Floor} {
			b.Run(budget.Name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				feed, err := memory.Start(s, budget.Task)
				if err != nil {
					b.Fatal(err)
				}
				defer feed.Close()
				b.ResetTimer()
				if err := feed.Step(max(1, b.N/max(1, budget.Task.Batch)) * max(1, budget.Task.Batch)); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
