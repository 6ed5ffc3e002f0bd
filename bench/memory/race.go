package memory

import (
	"math"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/tandem-ws/tandem/bench/proc"
)

// Lane is a subject with its connection.
type Lane struct {
	feed  *Feed
	chunk int // messages in a short run

	Cost   float64 // the least nanoseconds that a message took, over all short runs
	Allocs float64 // the least for each message
}

// sliver is how long a short run takes: many times a clock reading, and short enough that most runs meet no other
// process.
const sliver = 1500 * time.Microsecond

// Start starts a subject on a feed of its task.
func Start(s Subject, t Task) (*Feed, error) {
	op, payload, err := t.message()
	if err != nil {
		return nil, err
	}
	f := NewFeed(op, payload, max(t.Batch, 1))
	var conn net.Conn = f
	if t.Foreign {
		conn = Foreign{f}
	}
	if err := s(t, conn); err != nil {
		return nil, err
	}
	f.bytes.Store(0) // it has answered the handshake
	return f, f.Step(f.batch)
}

// NewLane starts a subject and finds out how many messages make a short run.
func NewLane(s Subject, t Task) (*Lane, error) {
	feed, err := Start(s, t)
	if err != nil {
		return nil, err
	}
	l := &Lane{feed: feed, Cost: math.Inf(1), Allocs: math.Inf(1)}
	for n := l.feed.batch; ; n *= 2 {
		took, err := l.step(n)
		if err != nil {
			return nil, err
		}
		if took > sliver/4 || n > 1<<20 {
			l.chunk = max(1, int(float64(n)*float64(sliver)/float64(took))/l.feed.batch) * l.feed.batch
			return l, nil
		}
	}
}

// step has n messages echoed and gives the processor time of the whole process.
func (l *Lane) step(n int) (time.Duration, error) {
	before, err := proc.CPU(os.Getpid())
	if err != nil {
		return 0, err
	}
	if err := l.feed.Step(n); err != nil {
		return 0, err
	}
	after, err := proc.CPU(os.Getpid())
	return after - before, err
}

// run is one short run.
func (l *Lane) run() error {
	var before, after runtime.MemStats
	took, err := l.step(l.chunk)
	if err != nil {
		return err
	}
	l.Cost = min(l.Cost, float64(took)/float64(l.chunk))
	runtime.ReadMemStats(&before)
	if err := l.feed.Step(l.chunk); err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	l.Allocs = min(l.Allocs, float64(after.Mallocs-before.Mallocs)/float64(l.chunk))
	return nil
}

// Close ends the subject.
func (l *Lane) Close() { _ = l.feed.Close() }

// Race lets lanes run in turns, on one processor and with the garbage collector at rest, so that whatever disturbs the
// machine disturbs all of them alike; each keeps its best.
func Race(lanes []*Lane, turns int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for range turns {
		runtime.GC()
		for _, l := range lanes {
			if err := l.run(); err != nil {
				return err
			}
		}
	}
	return nil
}
