package plot

import (
	"fmt"
	"math"
	"slices"
)

// scale maps values to pixels, logarithmically.
type scale struct{ lo, hi, from, to float64 }

// newScale covers the values with a little room.
func newScale(values []float64, from, to float64) scale {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v <= 0 || math.IsNaN(v) })
	if len(values) == 0 {
		values = []float64{1, 10}
	}
	lo, hi := math.Log(slices.Min(values)), math.Log(slices.Max(values))
	room := max(0.04*(hi-lo), 0.05)
	return scale{lo - room, hi + room, from, to}
}

func (s scale) at(v float64) float64 {
	if v <= 0 {
		return s.from
	}
	return s.from + (math.Log(v)-s.lo)/(s.hi-s.lo)*(s.to-s.from)
}

// ticks are round numbers on the axis: powers of the base and, where those are few, numbers between them.
func (s scale) ticks(bytes bool) []float64 {
	steps, base := [][]float64{{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 4, 5, 7}}, 10.0
	if bytes {
		steps, base = [][]float64{{1}, {1, 4}, {1, 2, 4, 8}}, 16
	}
	var ticks []float64
	for _, step := range steps {
		ticks = ticks[:0]
		for e := math.Floor(s.lo / math.Log(base)); e <= math.Ceil(s.hi/math.Log(base)); e++ {
			for _, m := range step {
				v := m * math.Pow(base, e)
				if l := math.Log(v); l >= s.lo && l <= s.hi {
					ticks = append(ticks, v)
				}
			}
		}
		if len(ticks) >= 4 {
			break
		}
	}
	return ticks
}

// format prints a tick in few characters.
func format(v float64, bytes bool) string {
	if bytes {
		for _, u := range []struct {
			size float64
			name string
		}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
			if v >= u.size {
				return fmt.Sprintf("%.4g %s", v/u.size, u.name)
			}
		}
		return fmt.Sprintf("%.4g B", v)
	}
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.4gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.4gk", v/1e3)
	}
	return fmt.Sprintf("%.4g", v)
}
