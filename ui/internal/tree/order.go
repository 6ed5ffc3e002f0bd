package tree

import "slices"

// Stay tells which rows of a list stay where they are when it gets another order, such that as few as possible are moved.
// was[i] is where the row that is to be at i was before, or -1 if it is new. The row at pin stays in any case; -1 is none.
func Stay(was []int, pin int) []bool {
	// The longest ascending subsequence: tails[n] is where the one of length n+1 ends that ends lowest, before is what comes
	// before a row in the one that ends with it.
	tails := make([]int, 0, len(was))
	before := make([]int, len(was))
	for i, w := range was {
		if w < 0 || pin >= 0 && (i < pin && w > was[pin] || i > pin && w < was[pin]) {
			continue
		}
		n, _ := slices.BinarySearchFunc(tails, w, func(t, w int) int { return was[t] - w })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	stay := make([]bool, len(was))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			stay[i] = true
		}
	}
	return stay
}
