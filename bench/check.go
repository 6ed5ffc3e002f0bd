package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/bench/memory"
	"github.com/tandem-ws/tandem/bench/report"
)

// check holds tandem in memory against its budgets.
func check(ctx context.Context, names string) error {
	debug.SetMemoryLimit(2 << 30) // the collector rests during short runs, but not at any price
	outcomes, err := memory.Check(ctx, budgets(names), os.Stderr)
	if err != nil {
		return err
	}
	cells := [][]string{{"in memory", "ns/message", "floor ns", "ratio", "gate", "promised", "reach for", "allocs over floor", "gate", ""}}
	missed := 0
	for _, o := range outcomes {
		verdict := "kept"
		if !o.Kept() {
			verdict = "MISSED"
			missed++
		}
		promised := number(o.Promise)
		if !o.Promised() {
			promised += " missed"
		}
		cells = append(cells, []string{
			o.Name, fmt.Sprintf("%.1f", o.Cost), fmt.Sprintf("%.1f", o.Base), fmt.Sprintf("%.2f", o.Ratio()), number(o.Gate), promised, number(o.Reach),
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
		return fmt.Errorf("%d of %d gates missed", missed, len(outcomes))
	}
	return nil
}

// budgets are those whose names begin with one of the words between commas.
func budgets(names string) []memory.Budget {
	return slices.DeleteFunc(slices.Clone(memory.Budgets), func(b memory.Budget) bool {
		return !slices.ContainsFunc(strings.Split(names, ","), func(name string) bool { return strings.HasPrefix(b.Name, name) })
	})
}

func number(r float64) string {
	if r == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r)
}
