package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/bench/report"
)

// table has a floor, the subject at half the floor's cost in each round, and a library at twice. Every second round is
// noisy and tells lies.
func table() *report.Table {
	t := &report.Table{Workload: "echo/test", Unit: "message", Conns: 10, Absent: map[string]string{"bun": "not here"}}
	for server, factor := range map[string]float64{"limit": 1, "tandem": 0.5, "gws": 2} {
		row := &report.Row{Server: server}
		for i := range 6 {
			x := report.Round{Round: i, CPU: factor * (10 + float64(i)), Allocs: -1}
			if i%2 == 1 {
				x.CPU, x.Others, x.Noisy = 1000*factor*factor, 1.5, true
			}
			row.Rounds = append(row.Rounds, x)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func TestTable_Summaries(t *testing.T) {
	rows, best := table().Summaries(report.Names)
	if best != "gws" {
		t.Errorf("best is %q", best)
	}
	for _, s := range rows {
		want := map[string][3]float64{"limit": {12, 1, 0.5}, "tandem": {6, 0.5, 0.25}, "gws": {24, 2, 1}}[s.Server]
		if s.CPU != want[0] || math.Abs(s.Floor-want[1]) > 1e-9 || math.Abs(s.Best-want[2]) > 1e-9 || s.Noisy != 3 || s.Rounds != 6 {
			t.Errorf("%+v, want CPU and ratios %v", s, want)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := report.Median([]float64{3, 1, 2, 10}); got != 2.5 {
		t.Errorf("median %v", got)
	}
	if !math.IsNaN(report.Median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestRun_savedAndLoaded(t *testing.T) {
	run := &report.Run{Name: "x", Command: "go run ./bench", Tables: []*report.Table{
		table(), {Workload: "idle", Rows: []*report.Row{{Server: "limit", Memory: &report.Memory{Fresh: report.Usage{RSS: 4000}}}}},
	}}
	base := t.TempDir() + "/sub/x"
	if err := run.Save(base); err != nil {
		t.Fatal(err)
	}
	again, err := report.Load(base + ".json")
	if err != nil {
		t.Fatal(err)
	}
	md := again.Markdown()
	if md != run.Markdown() {
		t.Error("the loaded run prints otherwise")
	}
	for _, want := range []string{"## echo/test", "| tandem |", "bun is absent: not here", "4000"} {
		if !strings.Contains(md, want) {
			t.Errorf("no %q in:\n%s", want, md)
		}
	}
}

func TestCharts(t *testing.T) {
	run := &report.Run{}
	for _, conns := range []int{10, 100} {
		x := table()
		x.Workload, x.Conns = "growth/conns/x", conns
		run.Tables = append(run.Tables, x)
	}
	charts := report.Charts(run)
	c := charts["cpu-connections"]
	if c == nil || len(c.Lines) != 3 || len(c.Lines[0].Points) != 2 {
		t.Fatalf("%+v", c)
	}
	if charts["cpu-size"] != nil {
		t.Error("a chart without points")
	}
}

func TestPromises(t *testing.T) {
	first, second := table(), table()
	first.Workload, second.Workload = "echo/cbor/ten/64c/x16", "echo/cbor/ten/64c/x16"
	runs := []*report.Run{{Name: "one", Tables: []*report.Table{first}}, {Name: "two", Tables: []*report.Table{second}}}
	text := report.Promises(runs)
	if !strings.Contains(text, "0.25 | 0.25 |      reached |") || !strings.Contains(text, "not measured") {
		t.Error(text)
	}
	for i := range second.Rows {
		if second.Rows[i].Server == "tandem" {
			for k := range second.Rows[i].Rounds {
				second.Rows[i].Rounds[k].CPU *= 2
			}
		}
	}
	if text := report.Promises(runs); !strings.Contains(text, "kept in 1 of 2 |") {
		t.Error(text)
	}
}

func TestBeaten(t *testing.T) {
	x := table()
	runs := []*report.Run{{Name: "one", Tables: []*report.Table{x}}}
	if text := report.Beaten(runs); text != "Nothing.\n" {
		t.Error(text)
	}
	for i := range x.Rows {
		if x.Rows[i].Server == "tandem" { // with the floor nobody competes
			for k := range x.Rows[i].Rounds {
				x.Rows[i].Rounds[k].CPU *= 12
			}
		}
	}
	if text := report.Beaten(runs); !strings.Contains(text, "|    gws | **3.00** |     3.00 |") || strings.Contains(text, "limit |") {
		t.Error(text)
	}
	if text := report.Beaten(append(runs, runs[0])); !strings.Contains(text, "|    gws | **3.00** | **3.00** | **3.00** |") {
		t.Error(text) // three quiet rounds cannot tell by themselves, six can
	}
}
