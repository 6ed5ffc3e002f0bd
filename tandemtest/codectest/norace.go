//go:build !race

package codectest

// raceEnabled tells that pools drop some of what they are given, so that allocations cannot be counted.
const raceEnabled = false
