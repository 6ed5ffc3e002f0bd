package tree_test

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Compared with all there is to choose from.
func TestStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "n")
		numbers := make([]int, 12)
		for i := range numbers {
			numbers[i] = i
		}
		was := rapid.Permutation(numbers).Draw(t, "was")[:n]
		pin := -1
		for i := range was {
			if rapid.IntRange(0, 3).Draw(t, "new") == 0 {
				was[i] = -1
			} else if rapid.Bool().Draw(t, "pin") {
				pin = i
			}
		}
		most := 0
		for set := range 1 << n {
			if (pin < 0 || set>>pin&1 == 1) && ascends(was, func(i int) bool { return set>>i&1 == 1 }) {
				most = max(most, bits.OnesCount(uint(set)))
			}
		}
		stay := tree.Stay(was, pin)
		if !ascends(was, func(i int) bool { return stay[i] }) {
			t.Fatalf("%v with %d pinned: %v is not the order it was", was, pin, stay)
		}
		if pin >= 0 && !stay[pin] {
			t.Fatalf("%v with %d pinned: %v moves it", was, pin, stay)
		}
		count := 0
		for _, s := range stay {
			if s {
				count++
			}
		}
		if count != most {
			t.Fatalf("%v with %d pinned: %v leaves %d where they are, %d can be", was, pin, stay, count, most)
		}
	})
}

// ascends reports whether the chosen rows are old ones in the order they had.
func ascends(was []int, chosen func(int) bool) bool {
	last := -1
	for i, w := range was {
		if !chosen(i) {
			continue
		}
		if w <= last {
			return false
		}
		last = w
	}
	return true
}
