package signals

import "runtime"

// maxRuns is how often an effect may run for one cause. Effects that settle something between them do it in a few; Preact
// stops after the same number.
const maxRuns = 100

// because is what an effect is queued for. A change made while an effect runs is taken to be made by it, and to have the
// cause that this had. Other goroutines make changes then as well, and if they are busy an effect runs again and again in
// one flush, for good reason. So after half of the runs, who makes the change is looked up.
func (g *Graph) because() uint64 {
	if g.cause == 0 || g.cause == g.suspect && !insideEffect() {
		g.causes++
		return g.causes
	}
	return g.cause
}

// loops counts a run that is about to begin, and reports whether it is one too many.
func (e *effect) loops() bool {
	if e.ranFor != e.cause {
		e.ranFor, e.runs = e.cause, 0
	}
	if e.runs++; e.runs == maxRuns/2 {
		e.o.g.suspect = e.cause
	}
	return e.runs > maxRuns
}

// rerunName is what the stack has while the graph runs an effect.
const rerunName = "github.com/tandem-ws/tandem/signals.(*effect).rerun"

// insideEffect reports whether the caller is called, directly or not, by an effect that the graph runs. It takes some
// microseconds.
func insideEffect() bool {
	var callers [64]uintptr
	for skip := 1; ; skip += len(callers) {
		n := runtime.Callers(skip, callers[:])
		for frames := runtime.CallersFrames(callers[:n]); ; {
			frame, more := frames.Next()
			if frame.Function == rerunName {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(callers) {
			return false
		}
	}
}
