package assert_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// recorder stands in for the test that a check is expected to end.
type recorder struct {
	testing.TB
	failed, skipped string
}

func (*recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Skip(args ...any) {
	r.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

// run gives check a test of its own and waits until it has returned or ended that test.
func run(t *testing.T, check func(testing.TB)) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(r)
	}()
	<-done
	return r
}

func TestChecksThatHold(t *testing.T) {
	r := run(t, func(tb testing.TB) {
		assert.Equal(tb, []int{1}, []int{1})
		assert.Equal(tb, map[string]any{"a": nil}, map[string]any{"a": nil})
		assert.True(tb, true)
		assert.NoError(tb, nil)
		assert.ErrorIs(tb, fmt.Errorf("read: %w", io.EOF), io.EOF)
		found := assert.ErrorAs[*fs.PathError](tb, fmt.Errorf("open: %w", &fs.PathError{Op: "x", Err: io.EOF}))
		assert.Equal(tb, found.Op, "x")
	})
	if r.failed != "" {
		t.Fatal(r.failed)
	}
}

func TestChecksThatFail(t *testing.T) {
	for name, row := range map[string]struct {
		check func(testing.TB)
		want  []string
	}{
		"equal": {
			func(tb testing.TB) { assert.Equal(tb, 1, 2, "row %d", 7) },
			[]string{"row 7: ", "got: 1", "want: 2"},
		},
		"context without a format": {
			func(tb testing.TB) { assert.Equal(tb, 1, 2, "100% of ", 7) },
			[]string{"got: 1"},
		},
		"true":         {func(tb testing.TB) { assert.True(tb, false, "is open") }, []string{"is open: condition is false"}},
		"no error":     {func(tb testing.TB) { assert.NoError(tb, io.EOF) }, []string{`"EOF"`, "*errors.errorString"}},
		"error is nil": {func(tb testing.TB) { assert.ErrorIs(tb, nil, io.EOF) }, []string{"no error", "EOF"}},
		"error is another": {
			func(tb testing.TB) { assert.ErrorIs(tb, fmt.Errorf("read: %w", errors.ErrUnsupported), io.EOF) },
			[]string{"read: unsupported", "*fmt.wrapError > *errors.errorString", `"EOF"`},
		},
		"error as nil":     {func(tb testing.TB) { assert.ErrorAs[*fs.PathError](tb, nil) }, []string{"no error", "*fs.PathError"}},
		"error as another": {func(tb testing.TB) { assert.ErrorAs[*fs.PathError](tb, io.EOF) }, []string{"EOF", "want: a *fs.PathError"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, row.check)
			for _, want := range row.want {
				if !strings.Contains(r.failed, want) {
					t.Errorf("message %q lacks %q", r.failed, want)
				}
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("TANDEM_REQUIRE_ALL", "")
	log := filepath.Join(t.TempDir(), "skipped")
	t.Setenv("TANDEM_SKIPPED", log)
	r := run(t, func(tb testing.TB) { assert.Missing(tb, "no browser") })
	assert.Equal(t, r.skipped, "no browser")
	assert.Equal(t, r.failed, "")
	noted, err := os.ReadFile(log)
	assert.NoError(t, err)
	assert.Equal(t, string(noted), "TestMissing: no browser\n")

	t.Setenv("TANDEM_REQUIRE_ALL", "1")
	r = run(t, func(tb testing.TB) { assert.Missing(tb, "no browser") })
	assert.Equal(t, r.skipped, "")
	assert.True(t, strings.Contains(r.failed, "no browser"), r.failed)
}

func TestDiff(t *testing.T) {
	type inner struct{ name string }
	type outer struct {
		Items []*inner
		By    map[string]int
		Any   any
	}
	long := strings.Repeat("é", 100)
	cycle := func(n int) any {
		type node struct {
			next *node
			n    int
		}
		a := &node{n: n}
		a.next = a
		return a
	}
	for name, row := range map[string]struct {
		got, want any
		message   []string
	}{
		"nested":         {outer{Items: []*inner{{"a"}, {"b"}}}, outer{Items: []*inner{{"a"}, {"c"}}}, []string{"at .Items[1].name", `got: "b"`, `want: "c"`}},
		"length":         {[]int{1, 2}, []int{1}, []string{"len()", "2 of []int{1, 2}", "1 of []int{1}"}},
		"nil and empty":  {[]int(nil), []int{}, []string{"[]int(nil)", "[]int{}"}},
		"nil pointer":    {&inner{"a"}, (*inner)(nil), []string{`got: &assert_test.inner{name:"a"}`, "want: (*assert_test.inner)(nil)"}},
		"map":            {outer{By: map[string]int{"a": 1, "b": 2}}, outer{By: map[string]int{"a": 1, "c": 3}}, []string{`at .By["b"]`, "got: 2", `at .By["c"]`, "no such key"}},
		"nil map":        {map[string]int(nil), map[string]int{}, []string{"map[string]int(nil)"}},
		"dynamic type":   {outer{Any: int64(1)}, outer{Any: 1}, []string{"at .Any", "int64 1", "int 1"}},
		"nil interface":  {outer{Any: 1}, outer{}, []string{"at .Any", "nil"}},
		"bytes":          {[]byte{1, 2, 3}, []byte{1, 9, 3}, []string{"byte 1", "01 02 03", "01 09 03"}},
		"long string":    {long + "x", long + "y", []string{"differs at byte 200", `…"`, `éx"`, `éy"`}},
		"long prefix":    {long, long + "y", []string{"200 bytes", "201 bytes"}},
		"not a number":   {math.NaN(), math.NaN(), []string{"NaN"}},
		"functions":      {func() {}, func() {}, []string{"functions are equal only if both are nil"}},
		"cycle":          {cycle(1), cycle(2), []string{"at .n", "got: 1"}},
		"many":           {make([]int, 20), make([]bool, 20), []string{"[]int", "[]bool"}},
		"many in a list": {[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, make([]int, 10), []string{"at [7]", "and 2 more"}},
	} {
		t.Run(name, func(t *testing.T) {
			message := assert.Diff(row.got, row.want)
			for _, want := range row.message {
				if !strings.Contains(message, want) {
					t.Errorf("message lacks %q:\n%s", want, message)
				}
			}
		})
	}
}
