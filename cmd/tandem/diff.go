package main

import (
	"fmt"
	"strings"
)

// maxShown bounds what a diff shows: who sees more than a screen of it generates the file anew.
const maxShown = 40

// maxCompared bounds the lines that are compared, because the cost is their square: a million steps.
const maxCompared = 1000

// diff shows the lines that differ: those of the file with -, those that belong there with +.
func diff(got, want string) string {
	a, b := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	before := 0
	for before < min(len(a), len(b)) && a[before] == b[before] {
		before++
	}
	a, b = a[before:], b[before:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
	lengths := common(a, b)
	var out strings.Builder
	shown, place := 0, -1
	line := func(sign string, at int, text string) {
		if shown++; shown > maxShown {
			return
		}
		if place != at {
			fmt.Fprintf(&out, "@@ line %d\n", before+at+1)
		}
		place = at + 1
		if sign == "+" {
			place = at
		}
		out.WriteString(sign + strings.TrimSuffix(text, "\n") + "\n")
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && lengths[i+1][j] >= lengths[i][j+1]:
			line("-", i, a[i])
			i++
		default:
			line("+", i, b[j])
			j++
		}
	}
	if shown > maxShown {
		fmt.Fprintf(&out, "and %d lines more\n", shown-maxShown)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// common gives the length of the longest common subsequence of a[i:] and b[j:].
func common(a, b []string) [][]int {
	lengths := make([][]int, len(a)+1)
	lengths[len(a)] = make([]int, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		lengths[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}
