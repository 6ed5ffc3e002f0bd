package hist_test

import (
	"math"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/bench/hist"
)

func TestHist_quantiles(t *testing.T) {
	var h hist.Hist
	const n = 100_000
	for i := range n {
		h.Record(time.Duration(i) * time.Microsecond)
	}
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		want := q * n * 1e3
		if got := float64(h.Quantile(q)); math.Abs(got-want) > want*0.02 {
			t.Errorf("quantile %v: %v, want %v within 2 %%", q, got, want)
		}
	}
	if h.Count() != n || h.Max() != (n-1)*time.Microsecond || h.Quantile(1) != h.Max() {
		t.Errorf("count %d, max %v, quantile 1 %v", h.Count(), h.Max(), h.Quantile(1))
	}
}

func TestHist_edges(t *testing.T) {
	var h hist.Hist
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("median of nothing: %v", got)
	}
	for _, d := range []time.Duration{-1, 0, 1, 63, 64, 65, math.MaxInt64} {
		h.Record(d)
	}
	if got := h.Quantile(0.5); got != 63 {
		t.Errorf("median %v, want 63ns", got)
	}
	if got := h.Quantile(1); got != math.MaxInt64 {
		t.Errorf("quantile 1 is %v", got)
	}
}
