package signals_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

type point struct{ x, y int }

// The text of a panic is that of its value, or else the name of its type.
func TestPanicError_Error(t *testing.T) {
	for _, row := range []struct {
		value any
		text  string
	}{
		{"text", "text"}, {io.EOF, "EOF"}, {true, "true"}, {-7, "-7"}, {int64(8), "8"}, {1.5, "1.5"},
		{signals.Ready, "Ready"}, {point{1, 2}, "a value of type signals_test.point"}, {&point{}, "a value of type *signals_test.point"},
	} {
		assert.Equal(t, (&signals.PanicError{Value: row.value}).Error(), "signals: panic: "+row.text)
	}
}

func TestRecovered(t *testing.T) {
	var p *signals.PanicError
	func() {
		defer func() { p = signals.Recovered(recover()) }()
		panic(io.EOF)
	}()
	assert.True(t, errors.Is(p, io.EOF), "%v", p)
	assert.True(t, strings.Contains(string(p.Stack), "TestRecovered"), "%s", p.Stack)
	assert.True(t, signals.Recovered(p) == p, "one that was recovered before stays what it is")
}
