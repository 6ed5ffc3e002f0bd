package signals_test

import (
	"flag"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/signals"
)

// TestMain asks rapid for longer runs than it makes by itself; flags on the command line win.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "1500")
	_ = flag.Set("rapid.steps", "80")
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // in js the runtime waits for events
}

// What can be read.
var (
	_ signals.Readable[int]                 = (*signals.Signal[int])(nil)
	_ signals.Readable[int]                 = (*signals.Memo[int])(nil)
	_ signals.Readable[signals.Result[int]] = (*signals.Resource[int])(nil)
	_ signals.Readable[[]int]               = (*signals.List[int])(nil)
)

// caught calls f and gives what it panics with.
func caught(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// aside calls f in a goroutine that f may end, and waits for its end.
func aside(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// exit ends the goroutine, as a failing check in a test does.
func exit() { runtime.Goexit() }
