package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/rivals/dioxus"
	"github.com/tandem-ws/tandem/bench/rivals/script"
)

// Names are the roles in the tables of this program.
var Names = Roles{
	Floor: rivals.Floor, Subject: rivals.Subject, Hand: rivals.Hand,
	Foreign: func(s string) bool { return s == dioxus.Name || slices.Contains(script.Names, s) },
}

// Markdown prints a run for reading.
func (r *Run) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmark results: %s\n\n", r.Name)
	fmt.Fprintf(&b, "`%s`, %s, commit %s, seed %d.\n", r.Command, r.Date, r.Commit, r.Seed)
	fmt.Fprintf(&b, "%s, %d cores, %d MB, %s, %s.\n\n", r.Machine.CPU, r.Machine.Cores, r.Machine.MemoryMB, r.Machine.System, r.Machine.Go)
	var versions []string
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		versions = append(versions, name+" "+r.Versions[name])
	}
	fmt.Fprintf(&b, "Versions: %s.\n\nWhat the columns mean is in bench/README.md.\n", strings.Join(versions, ", "))
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s", t.Workload, t.Text())
	}
	return b.String()
}

// Text prints a table; it is Markdown too.
func (t *Table) Text() string {
	var cells [][]string
	note := ""
	if len(t.Rows) > 0 && t.Rows[0].Memory != nil {
		cells = t.memoryCells()
	} else {
		cells, note = t.loadCells()
	}
	var b strings.Builder
	if len(t.Rows) > 0 {
		b.WriteString(Align(cells) + note)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Absent)) {
		fmt.Fprintf(&b, "\n%s is absent: %s.\n", name, t.Absent[name])
	}
	return b.String()
}

func (t *Table) loadCells() (cells [][]string, note string) {
	sums, best := t.Summaries(Names)
	cells = [][]string{{"server", "CPU us/" + t.Unit, "+-", "x limit", "x best", "rate k/s", "p50 us", "p99 us", "allocs", "server %", "client %", "noisy"}}
	for _, s := range sums {
		cells = append(cells, []string{
			s.Server, number(s.CPU), percent(s.Spread), ratio(s.Floor), ratio(s.Best), number(s.Rate / 1000), number(s.P50), number(s.P99),
			allocs(s.Allocs), percent(s.Busy), percent(s.Client), fmt.Sprintf("%d/%d", s.Noisy, s.Rounds),
		})
	}
	if best != "" {
		note = fmt.Sprintf("\nBest Go library besides tandem: %s.\n", best)
	}
	return cells, note
}

func (t *Table) memoryCells() [][]string {
	cells := [][]string{{
		"server, bytes/connection", "fresh RSS", "heap", "stack", "after raw RSS", "heap", "stack", "after typed RSS", "heap", "stack", "typed RSS before GC",
	}}
	for _, r := range t.Rows {
		m := r.Memory
		row := []string{r.Server}
		for _, u := range []Usage{m.Fresh, m.Raw, m.Typed} {
			row = append(row, whole(u.RSS), whole(u.Heap), whole(u.Stack))
		}
		cells = append(cells, append(row, whole(m.Unswept)))
	}
	return cells
}

// Align prints cells as a Markdown table whose columns line up. The first column is text, the others are numbers.
func Align(cells [][]string) string {
	width := make([]int, len(cells[0]))
	for _, row := range cells {
		for i, c := range row {
			width[i] = max(width[i], len(c))
		}
	}
	var b strings.Builder
	for n, row := range cells {
		for i, c := range row {
			if i == 0 {
				fmt.Fprintf(&b, "| %-*s ", width[i], c)
			} else {
				fmt.Fprintf(&b, "| %*s ", width[i], c)
			}
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for i := range row {
			if i == 0 {
				b.WriteString("|" + strings.Repeat("-", width[i]+2))
			} else {
				b.WriteString("|" + strings.Repeat("-", width[i]+1) + ":")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// number prints three digits that count.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func ratio(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

func percent(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) }

func allocs(v float64) string {
	if v < 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", v)
}

func whole(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}
