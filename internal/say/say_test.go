package say_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/say"
)

type named string

// It says what fmt says.
func TestSprintf(t *testing.T) {
	for _, row := range []struct {
		format string
		args   []any
	}{
		{"", nil},
		{"100 %% of it", nil},
		{"%s and %q", []any{"a", "b\n\"c\" \xff ü"}},
		{"%d %d %d", []any{-1, uint8(2), int64(math.MaxInt64)}},
		{"%v %v %v %v", []any{1.5, math.NaN(), float32(0.1), 1e30}},
		{"%v %v", []any{true, false}},
		{"%s: %v", []any{reflect.TypeFor[struct{ A int }](), time.Second}},
		{"%q %q", []any{'x', byte('\n')}},
		{"%T %T %T", []any{"", (*int)(nil), nil}},
		{"%v %s", []any{io.EOF, io.EOF}},
		{"%v", []any{nil}},
		{"%s %q", []any{named("n"), named("m")}},
		{"%s", []any{[]byte("bytes")}},
		{"%s", nil},
		{"no verb %", nil},
	} {
		assert.Equal(t, say.Sprintf(row.format, row.args...), fmt.Sprintf(row.format, row.args...), "%s", row.format)
	}
}

// What fmt would show in a way of its own is shown as such.
func TestSprintf_unknown(t *testing.T) {
	assert.Equal(t, say.Sprintf("%v", []int{1}), "%!([]int)")
}

func TestErrorf(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	err := say.Errorf("path %q: %w", "/x", one)
	assert.Equal(t, err.Error(), `path "/x": one`)
	assert.ErrorIs(t, err, one)
	assert.True(t, errors.Unwrap(err) == one, "it wraps one")
	both := say.Errorf("%w, %w", one, two)
	assert.ErrorIs(t, both, one)
	assert.ErrorIs(t, both, two)
	assert.True(t, !errors.Is(say.Errorf("%v", one), one), "%%v does not wrap")
	assert.Equal(t, say.Errorf("plain").Error(), "plain")
}
