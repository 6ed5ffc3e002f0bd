// Package hist counts durations in buckets whose width grows with the value, as HdrHistogram does: recording costs an
// increment, and a quantile is off by less than two per cent. A Hist belongs to one goroutine.
package hist

import (
	"math/bits"
	"time"
)

const (
	// subBits gives 64 buckets for each power of two: 1/64 is the error of a quantile.
	subBits = 6
	sub     = 1 << subBits
	// powers covers 2^40 ns, 18 minutes; what is longer counts as that.
	powers = 40 - subBits
)

// Hist is a histogram of durations. The zero value is empty and ready.
type Hist struct {
	counts [(powers + 1) * sub]uint64
	n      uint64
	max    time.Duration
}

// Record counts a duration. Negative ones count as zero.
func (h *Hist) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// Count is how many durations were recorded.
func (h *Hist) Count() uint64 { return h.n }

// Max is the longest duration recorded.
func (h *Hist) Max() time.Duration { return h.max }

// Quantile is the duration that the fraction q of all does not exceed; 0 when there are none.
func (h *Hist) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := uint64(q * float64(h.n))
	if rank >= h.n {
		return h.max
	}
	var seen uint64
	for i, c := range h.counts {
		if seen += c; seen > rank {
			return min(time.Duration(middle(i)), h.max)
		}
	}
	return h.max
}

// bucket is the index of a value: values below sub have one each, then sub of them share a power of two.
func bucket(v uint64) int {
	if v < sub {
		return int(v)
	}
	shift := min(bits.Len64(v)-subBits-1, powers-1)
	return min((shift+1)*sub+int(v>>shift)-sub, (powers+1)*sub-1)
}

// middle is the value in the middle of a bucket.
func middle(i int) uint64 {
	if i < sub {
		return uint64(i)
	}
	shift := i/sub - 1
	low := uint64(i%sub+sub) << shift
	return low + (uint64(1)<<shift)/2
}
