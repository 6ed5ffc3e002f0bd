// Command bench measures websocket servers: tandem, a hand-written floor, and its rivals. README.md says how and why.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/run"
)

// options are the command line.
type options struct {
	quick, check, list bool
	session            bool
	workloads, servers string
	conns, out, plots  string
	from, budgets      string
	idle, rounds       int
	duration, budget   time.Duration
	seed               uint64
	before             string
	server             string
	serve              rivals.Options
}

// quickBudget keeps -quick below two minutes, with what building takes and the table that is begun when it ends.
const quickBudget = 80 * time.Second

func main() {
	o := parse()
	if o.server != "" {
		rivals.Main(o.server, o.serve)
	}
	if err := act(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func act(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch {
	case o.check:
		return check(ctx, o.workloads)
	case o.session:
		return sessions(ctx, o)
	case o.from != "":
		return redraw(o)
	case o.budgets != "":
		return printBudgets(o.budgets)
	}
	return measure(ctx, o)
}

func parse() options {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "the workloads that tell most, in less than two minutes")
	flag.BoolVar(&o.check, "check", false, "compare tandem in memory with its budgets; exit 1 past them")
	flag.BoolVar(&o.session, "session", false, "compare sessions with plain connections")
	flag.BoolVar(&o.list, "list", false, "print the names of the workloads and measure nothing")
	flag.StringVar(&o.workloads, "workloads", "", "which, separated by commas: beginnings of names or patterns; all for all, default all but growth")
	flag.StringVar(&o.servers, "servers", "", "which, separated by commas; default all")
	flag.IntVar(&o.rounds, "rounds", 0, "rounds of each table; default 5, with -quick 3")
	flag.DurationVar(&o.duration, "duration", 0, "of each round; default 250ms, with -quick 150ms")
	flag.StringVar(&o.conns, "conns", "1,64,1000", "numbers of connections of the echo workloads")
	flag.IntVar(&o.idle, "idle", 10_000, "idle connections")
	flag.DurationVar(&o.budget, "budget", 0, "leave rounds out rather than take longer; default no bound, with -quick 80s")
	flag.Uint64Var(&o.seed, "seed", 1, "of the order of servers, the masks and the payloads")
	flag.StringVar(&o.before, "before", "", "another build of this program, whose tandem is measured as well, but for memory: tandem-before")
	flag.StringVar(&o.out, "out", "", "results go to this path with .json and .md; default bench/results/full or quick")
	flag.StringVar(&o.plots, "plots", "", "draw curves of the growth workloads as SVG into this directory")
	flag.StringVar(&o.from, "from", "", "measure nothing: print this .json again, and draw it with -plots")
	flag.StringVar(&o.budgets, "budgets", "", "measure nothing: print what became of each budget in these .json, separated by commas, and where others win")
	flag.StringVar(&o.server, "server", "", "internal: run as this server")
	flag.BoolVar(&o.serve.TLS, "tls", false, "internal: serve TLS")
	flag.BoolVar(&o.serve.Wrap, "wrap", false, "internal: serve connections of an unknown type")
	flag.StringVar(&o.serve.Profile, "profile", "", "write CPU profiles of the servers in Go into this directory")
	flag.Parse()
	if o.rounds == 0 {
		o.rounds = 5
		if o.quick {
			o.rounds = 3
		}
	}
	if o.duration == 0 {
		o.duration = 250 * time.Millisecond
		if o.quick {
			o.duration = 150 * time.Millisecond
		}
	}
	if o.quick && o.budget == 0 {
		o.budget = quickBudget
	}
	return o
}

// chosen are the workloads of the command line.
func (o *options) chosen() ([]run.Workload, error) {
	if o.quick && o.workloads == "" {
		return run.Quick(), nil
	}
	var conns []int
	for s := range strings.SplitSeq(o.conns, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-conns %s: not numbers above 0", o.conns)
		}
		conns = append(conns, n)
	}
	return run.Select(run.All(conns, o.idle), o.workloads)
}

// only tells whether a server was asked for.
func (o *options) only() func(string) bool {
	if o.servers == "" {
		return nil
	}
	names := strings.Split(o.servers, ",")
	return func(name string) bool { return slices.Contains(names, name) }
}
