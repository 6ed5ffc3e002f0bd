package memory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
)

// Outcome is a budget and what was measured.
type Outcome struct {
	Budget
	Cost, Base float64 // nanoseconds per message, of the subject and the floor
	Extra      float64 // allocations beyond the floor's
}

// Ratio is the cost as a multiple of the floor's.
func (o Outcome) Ratio() float64 { return o.Cost / o.Base }

// Kept reports whether the budget is kept. Allocations are exact, but for what the runtime allocates by itself now and
// then.
func (o Outcome) Kept() bool { return o.Ratio() <= o.Gate && o.Extra <= o.Allocs+0.02 }

const (
	turns = 15 // short runs of each lane in a heat
	heats = 5  // at least, each with new connections: buffers that lie badly in memory cost a tenth
	most  = 10 // for a budget that is not kept
)

// Promised reports whether the cost is within what was promised, if anything was.
func (o Outcome) Promised() bool { return o.Promise == 0 || o.Ratio() <= o.Promise }

// Check measures the budgets. A regression survives any number of retries; a busy moment does not.
func Check(ctx context.Context, budgets []Budget, progress io.Writer) ([]Outcome, error) {
	var all []Outcome
	for _, b := range budgets {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		o, err := measure(b)
		if err != nil {
			return all, fmt.Errorf("%s: %w", b.Name, err)
		}
		all = append(all, o)
		_, _ = fmt.Fprint(progress, ".")
	}
	_, _ = fmt.Fprintln(progress)
	return all, nil
}

// measure takes the heat in the middle, because the floor too can be lucky with its memory.
func measure(b Budget) (Outcome, error) {
	var ran []Outcome
	middle := Outcome{Budget: b}
	allocs, base := math.Inf(1), math.Inf(1)
	for n := range most {
		if n >= heats && middle.Kept() {
			break
		}
		subject, floor, err := heat(b)
		if err != nil {
			return middle, err
		}
		ran = append(ran, Outcome{Budget: b, Cost: subject.Cost, Base: floor.Cost})
		slices.SortFunc(ran, func(a, b Outcome) int { return cmp.Compare(a.Ratio(), b.Ratio()) })
		middle = ran[(len(ran)-1)/2]
		allocs, base = min(allocs, subject.Allocs), min(base, floor.Allocs)
		middle.Extra = allocs - base
	}
	return middle, nil
}

// heat lets the two run against each other on new connections.
func heat(b Budget) (subject, floor *Lane, err error) {
	if subject, err = NewLane(b.Subject, b.Task); err != nil {
		return nil, nil, err
	}
	defer subject.Close()
	if floor, err = NewLane(b.Floor, b.Task); err != nil {
		return nil, nil, err
	}
	defer floor.Close()
	return subject, floor, Race([]*Lane{subject, floor}, turns)
}
