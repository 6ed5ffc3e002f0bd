// Package assert holds the few checks that the tests of this repository are written with.
//
// Every check ends the test when it fails (testing.TB.FailNow), so it must be called from the goroutine that
// runs the test or the benchmark; another goroutine hands its result over, in a channel for example. The
// arguments behind the required ones say what was being done, in the manner of fmt.Sprint, or of
// fmt.Sprintf when the first is a format string with more behind it:
//
//	assert.NoError(t, err, "dial")
//	assert.Equal(t, got, want, "row %d", i)
//
// The package is small on purpose: there is no negated form, no fluent form, and no check that waits. What a
// test needs only once is better written out with an if.
package assert

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// Equal checks that got and want are deeply equal, in the sense of reflect.DeepEqual: a nil slice differs from
// an empty one. The failure message names the places where they differ.
func Equal[T any](t testing.TB, got, want T, context ...any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	t.Fatalf("%s%s", prefix(context), Diff(got, want))
}

// True checks that a condition holds. The context should say which one: the message has nothing else to show.
func True(t testing.TB, condition bool, context ...any) {
	t.Helper()
	if !condition {
		t.Fatalf("%scondition is false", prefix(context))
	}
}

// NoError checks that err is nil.
func NoError(t testing.TB, err error, context ...any) {
	t.Helper()
	if err != nil {
		t.Fatalf("%sunexpected error: %s", prefix(context), describe(err))
	}
}

// ErrorIs checks that errors.Is(err, target). A nil err fails.
func ErrorIs(t testing.TB, err, target error, context ...any) {
	t.Helper()
	if err == nil {
		t.Fatalf("%sno error, want one that is %q", prefix(context), target)
	}
	if !errors.Is(err, target) {
		t.Fatalf("%swrong error\n got: %s\nwant: %s", prefix(context), describe(err), describe(target))
	}
}

// ErrorAs checks that an error of type E is in err's chain, and returns the first. A nil err fails.
func ErrorAs[E error](t testing.TB, err error, context ...any) E {
	t.Helper()
	if err == nil {
		t.Fatalf("%sno error, want a %v", prefix(context), reflect.TypeFor[E]())
	}
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("%swrong error\n got: %s\nwant: a %v", prefix(context), describe(err), reflect.TypeFor[E]())
	}
	return found
}

// RequireAll reports whether the run forbids tests to be skipped: the environment variable TANDEM_REQUIRE_ALL
// is 1, as .ci/run sets it.
func RequireAll() bool { return os.Getenv("TANDEM_REQUIRE_ALL") == "1" }

// Missing skips a test because something it needs is not there: a program, a browser. Where [RequireAll]
// forbids skipping, the test fails instead.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if RequireAll() {
		t.Fatalf("%s, and TANDEM_REQUIRE_ALL=1 forbids to skip", reason)
	}
	note(t.Name() + ": " + reason)
	t.Skip(reason)
}

// note tells .ci/test about a skipped test, because go test is silent about it unless it runs with -v.
// Nothing depends on it, so errors are ignored.
func note(line string) {
	name := os.Getenv("TANDEM_SKIPPED")
	if name == "" {
		return
	}
	//nolint:gosec // the name comes from whoever runs the tests
	if f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_, _ = fmt.Fprintln(f, line)
		_ = f.Close()
	}
}

// prefix renders the optional arguments of a check, with a colon behind.
func prefix(context []any) string {
	if len(context) == 0 {
		return ""
	}
	if format, ok := context[0].(string); ok && len(context) > 1 && strings.Contains(format, "%") {
		return fmt.Sprintf(format, context[1:]...) + ": "
	}
	return fmt.Sprint(context...) + ": "
}

// describe shows an error's text and the types in its chain, because a failing ErrorIs is most often a wrap
// that has been lost.
func describe(err error) string {
	if err == nil {
		return "nil"
	}
	var types []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		types = append(types, fmt.Sprintf("%T", e))
	}
	return fmt.Sprintf("%q (%s)", err, strings.Join(types, " > "))
}
