package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/tandem-ws/tandem/bench/memory"
	"github.com/tandem-ws/tandem/bench/report"
)

// check holds tandem in memory against its budgets.
func check(ctx context.Context) error {
	debug.SetMemoryLimit(2 << 30) // the collector rests during short runs, but not at any price
	outcomes, err := memory.Check(ctx, os.Stderr)
	if err != nil {
		return err
	}
	cells := [][]string{{"in memory", "ns/message", "floor ns", "ratio", "budget", "reach for", "allocs over floor", "budget", ""}}
	missed := 0
	for _, o := range outcomes {
		verdict := "kept"
		if !o.Kept() {
			verdict = "MISSED"
			missed++
		}
		cells = append(cells, []string{
			o.Name, fmt.Sprintf("%.1f", o.Cost), fmt.Sprintf("%.1f", o.Base), fmt.Sprintf("%.2f", o.Ratio()), fmt.Sprintf("%.2f", o.Max), reach(o.Reach),
			fmt.Sprintf("%.2f", max(0, o.Extra)), fmt.Sprintf("%.0f", o.Allocs), verdict,
		})
	}
	fmt.Print(report.Align(cells))
	for _, o := range outcomes {
		if !o.Kept() {
			fmt.Printf("\n%s: %s.\n", o.Name, o.Why)
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d budgets missed", missed, len(outcomes))
	}
	return nil
}

func reach(r float64) string {
	if r == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r)
}
