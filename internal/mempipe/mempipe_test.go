package mempipe_test

import (
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/internal/mempipe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair returns a connection that is closed when the test ends.
func pair(t testing.TB, o *mempipe.Options) (a, b *mempipe.Conn) {
	t.Helper()
	a, b = mempipe.Pair(o)
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

// write may run in any goroutine, so it does not stop the test.
func write(t testing.TB, w io.Writer, s string) {
	t.Helper()
	if n, err := io.WriteString(w, s); n != len(s) || err != nil {
		t.Errorf("Write(%q) = %d, %v", s, n, err)
	}
}

func read(t testing.TB, r io.Reader, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if n, err := io.ReadFull(r, buf); err != nil || string(buf) != want {
		t.Fatalf("read %q, %v, want %q", buf[:n], err, want)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}
