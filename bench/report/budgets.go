package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// promise is what tandem may cost in a workload, as a multiple of what another server costs in the same rounds.
type promise struct {
	what            string
	workload        string
	value           func(*Table) float64
	promised, reach float64
	atLeast         bool // the value is a gain, not a cost
}

// against gives the CPU of the subject as a multiple of a server's.
func against(server string) func(*Table) float64 {
	return func(t *Table) float64 { return t.ratio(Names.Subject, server) }
}

// gain gives the CPU of the floor as a multiple of the subject's.
func gain(t *Table) float64 { return t.ratio(Names.Floor, Names.Subject) }

// idleRSS gives KiB for each idle connection after a typed message.
func idleRSS(t *Table) float64 {
	m := t.row(Names.Subject).Memory
	if m == nil {
		return math.NaN()
	}
	return float64(m.Typed.RSS) / 1024
}

// tailRatio gives the 99th percentile of latency as a multiple of the median.
func tailRatio(t *Table) float64 {
	s := t.row(Names.Subject).summary()
	return s.P99 / s.P50
}

var promises = []promise{
	{"typed JSON, one in flight, CPU vs gws", "echo/json/ten/64c/x1", against("gws"), 1.00, 0.95, false},
	{"typed CBOR, one in flight, CPU vs gws", "echo/cbor/ten/64c/x1", against("gws"), 1.00, 0.95, false},
	{"typed MsgPack, one in flight, CPU vs gws", "echo/msgpack/ten/64c/x1", against("gws"), 1.00, 0.95, false},
	{"typed JSON, one in flight, CPU vs coder-cancel", "echo/json/ten/64c/x1", against("coder-cancel"), 0.80, 0.70, false},
	{"typed CBOR, one in flight, CPU vs coder-cancel", "echo/cbor/ten/64c/x1", against("coder-cancel"), 0.80, 0.70, false},
	{"typed MsgPack, one in flight, CPU vs coder-cancel", "echo/msgpack/ten/64c/x1", against("coder-cancel"), 0.80, 0.70, false},
	{"raw 32 B, 16 in flight, CPU vs limit", "echo/raw/32B/64c/x16", against("limit"), 0.15, 0.10, false},
	{"typed CBOR, 16 in flight, CPU vs gws", "echo/cbor/ten/64c/x16", against("gws"), 0.35, 0.28, false},
	{"raw 32 B, one in flight, CPU vs limit", "echo/raw/32B/64c/x1", against("limit"), 1.03, 1.00, false},
	{"idle connection after typed traffic, KiB", "idle/10000c", idleRSS, 8.0, 6.6, false},
	{"broadcast to 1000, one at a time, gain over limit", "fanout/1000c/x1", gain, 0.85, 0.95, true},
	{"broadcast to 5000, one at a time, gain over limit", "fanout/5000c/x1", gain, 0.85, 0.95, true},
	{"broadcast to 1000, 16 queued, gain over limit", "fanout/1000c/x16", gain, 7, 8.5, true},
	{"broadcast to 5000, 16 queued, gain over limit", "fanout/5000c/x16", gain, 7, 8.5, true},
	{"raw 32 B, 16 in flight, p99/p50", "echo/raw/32B/64c/x16", tailRatio, 15, 10, false},
}

// verdict says what becomes of a promise in some runs.
func (p *promise) verdict(values []float64) string {
	kept, reached, missing := 0, 0, 0
	sign := 1.0
	if p.atLeast {
		sign = -1
	}
	for _, v := range values {
		v = math.Round(v*100) / 100 // as it is printed
		switch {
		case math.IsNaN(v):
			missing++
		case sign*v <= sign*p.reach:
			reached++
			kept++
		case sign*v <= sign*p.promised:
			kept++
		}
	}
	switch known := len(values) - missing; {
	case known == 0:
		return "not measured"
	case reached == known:
		return "reached"
	case kept == known:
		return "kept"
	default:
		return fmt.Sprintf("kept in %d of %d", kept, known)
	}
}

// Promises prints what became of each promise in each run.
func Promises(runs []*Run) string {
	head := []string{"promise", "promised", "reach for"}
	for _, r := range runs {
		head = append(head, r.Name)
	}
	cells := [][]string{append(head, "verdict")}
	for _, p := range promises {
		sign := "<="
		if p.atLeast {
			sign = ">="
		}
		row := []string{p.what, sign + " " + ratio(p.promised), ratio(p.reach)}
		values := make([]float64, 0, len(runs))
		for _, r := range runs {
			v := math.NaN()
			if t := r.table(p.workload); t != nil {
				v = p.value(t)
			}
			values = append(values, v)
			row = append(row, ratio(v))
		}
		cells = append(cells, append(row, p.verdict(values)))
	}
	return Align(cells)
}

func (r *Run) table(workload string) *Table {
	i := slices.IndexFunc(r.Tables, func(t *Table) bool { return t.Workload == workload })
	if i < 0 {
		return nil
	}
	return r.Tables[i]
}

// Beaten lists the workloads in which a server that competes took less CPU than tandem by more than the noise, in one of the runs
// or in all of them taken together: the ratio of tandem's CPU to its, those beyond the noise in bold. The noise of a run's ratio is
// the sum of both spreads; the rounds of all runs together, which are more, give bounds of their own.
func Beaten(runs []*Run) string {
	head := []string{"workload", "server"}
	for _, r := range runs {
		head = append(head, r.Name)
	}
	cells := [][]string{append(head, "together")}
	for _, first := range runs[0].Tables {
		for _, server := range first.rivals() {
			if line, beaten := compare(runs, first.Workload, server); beaten {
				cells = append(cells, line)
			}
		}
	}
	if len(cells) == 1 {
		return "Nothing.\n"
	}
	return strings.TrimRight(Align(cells), "\n") + "\n"
}

// rivals are the servers that compete with tandem in a table, by name.
func (t *Table) rivals() []string {
	var servers []string
	for _, row := range t.Rows {
		if row.Server != Names.Subject && !Names.Hand(row.Server) && len(row.Rounds) > 0 {
			servers = append(servers, row.Server)
		}
	}
	slices.Sort(servers)
	return servers
}

// compare gives a server's line of Beaten, and whether it belongs there.
func compare(runs []*Run, workload, server string) (line []string, beaten bool) {
	line = []string{workload, server}
	var together []float64
	cell := func(v float64, beyond bool) {
		text := ratio(v)
		if beyond {
			beaten, text = true, "**"+text+"**"
		}
		line = append(line, text)
	}
	for _, r := range runs {
		t := r.table(workload)
		if t == nil {
			line = append(line, "-")
			continue
		}
		together = append(together, t.ratios(Names.Subject, server)...)
		v := t.ratio(Names.Subject, server)
		cell(v, v > 1+t.row(Names.Subject).summary().Spread+t.row(server).summary().Spread)
	}
	cell(Median(together), surely(together) > 1)
	return line, beaten
}
