package session_test

import (
	"testing"

	"github.com/tandem-ws/tandem/bench/session"
)

// TestMeasure runs every comparison for a moment: nothing here depends on how long it takes.
func TestMeasure(t *testing.T) {
	rows, err := session.Measure(t.Context(), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Plain <= 0 || r.Session <= 0 || r.Ratio <= 0 {
			t.Errorf("%+v", r)
		}
	}
}
