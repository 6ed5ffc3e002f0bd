package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/rivals"
)

// Settings say how much is measured.
type Settings struct {
	Rounds   int           // for each table
	Duration time.Duration // of a round
	Budget   time.Duration // for the whole run: rounds, and tables, are left out rather than exceed it; 0 for none
	Seed     uint64
	Only     func(server string) bool
	Profile  string    // a directory for CPU profiles of the servers; none when empty
	Before   string    // another build of this program, to compare its tandem with this one's; none when empty
	Log      io.Writer // progress
}

// Runner carries workloads out. It binds its process to one processor, and servers to the others' first.
type Runner struct {
	s       Settings
	rng     *rand.Rand
	servers []int // processors of servers
	all     []int
	until   time.Time
	Failed  int // servers that did not do what they should
}

// New makes a Runner and binds this process to the last processor.
func New(s Settings) (*Runner, error) {
	r := &Runner{s: s, rng: rand.New(rand.NewPCG(s.Seed, 1)), all: proc.CPUs()}
	if len(r.all) < 2 {
		return nil, errors.New("needs two processors: one for the servers, one for the load")
	}
	if _, err := proc.RaiseFiles(); err != nil {
		return nil, err
	}
	if s.Budget > 0 {
		r.until = time.Now().Add(s.Budget)
	}
	r.servers = r.all[:1]
	return r, proc.Pin(r.all[len(r.all)-1:])
}

// Table carries one workload out; left is how many follow.
func (r *Runner) Table(ctx context.Context, w Workload, left int) (*report.Table, error) {
	t := &report.Table{
		Workload: w.Name, Unit: w.Unit(), Conns: w.Conns, Size: w.Size, Depth: w.InFlight, Absent: map[string]string{},
	}
	if r.s.Budget > 0 && time.Now().After(r.until) {
		t.Absent["everything"] = "the time budget is used up"
		return t, nil
	}
	var names []string
	for _, name := range Servers(w) {
		if r.s.Only == nil && !slices.Contains(optional, name) || r.s.Only != nil && r.s.Only(name) {
			names = append(names, name)
		}
	}
	if w.Kind == Idle {
		for _, name := range names {
			m, err := r.idle(ctx, w, name)
			if err != nil {
				r.missing(t, name, err)
				continue
			}
			t.Rows = append(t.Rows, &report.Row{Server: name, Memory: m})
		}
		return t, ctx.Err()
	}
	return t, r.rounds(ctx, t, w, names, left)
}

func (r *Runner) missing(t *report.Table, name string, err error) {
	t.Absent[name] = err.Error()
	if !errors.Is(err, child.ErrAbsent) {
		r.Failed++
		_, _ = fmt.Fprintf(r.s.Log, "%s: %s: %v\n", t.Workload, name, err)
	}
}

// rounds starts all servers and measures them in shuffled order, again and again.
func (r *Runner) rounds(ctx context.Context, t *report.Table, w Workload, names []string, left int) error {
	cpus := r.servers
	if w.AllCPUs {
		cpus = r.all
	}
	var order []*server
	var stop []*child.Child
	defer func() {
		for _, c := range stop {
			c.Stop()
		}
	}()
	start := func(name, row, program string) {
		c, err := child.Start(ctx, name, rivals.Options{TLS: w.TLS, Wrap: w.Wrap, Profile: r.s.Profile, Program: program}, cpus)
		if err != nil {
			r.missing(t, row, err)
			return
		}
		stop = append(stop, c)
		s := &server{c, &report.Row{Server: row}}
		t.Rows = append(t.Rows, s.row)
		order = append(order, s)
	}
	for _, name := range names {
		start(name, name, "")
		if name == subject && r.s.Before != "" {
			start(name, before, r.s.Before)
		}
	}
	share := time.Until(r.until) / time.Duration(left+1)
	began := time.Now()
	for n := range r.s.Rounds {
		if spent := time.Since(began); r.s.Budget > 0 && n > 0 && spent+spent/time.Duration(n) > share {
			break
		}
		r.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for i := 0; i < len(order); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			s := order[i]
			x, err := r.measure(ctx, w, s.Child)
			if err != nil {
				r.missing(t, s.Name, err)
				t.Rows = without(t.Rows, s.row)
				order = append(order[:i], order[i+1:]...)
				i--
				continue
			}
			x.Round = n
			s.row.Rounds = append(s.row.Rounds, x)
		}
	}
	return nil
}

type server struct {
	*child.Child
	row *report.Row
}

func without(rows []*report.Row, row *report.Row) []*report.Row {
	var rest []*report.Row
	for _, r := range rows {
		if r != row {
			rest = append(rest, r)
		}
	}
	return rest
}

// measure is one server in one round. The load generator's collector rests meanwhile.
func (r *Runner) measure(ctx context.Context, w Workload, c *child.Child) (report.Round, error) {
	debug.FreeOSMemory()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	switch w.Kind {
	case Fanout:
		return r.fanout(w, c)
	case Churn:
		return r.churn(w, c)
	}
	return r.echo(ctx, w, c)
}
