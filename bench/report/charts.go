package report

import (
	"math"
	"strings"

	"github.com/tandem-ws/tandem/bench/plot"
)

// curve is a chart to be drawn from the growth workloads of a run.
type curve struct {
	name, workloads string
	title           string
	x, y            plot.Axis
	at              func(*Table) float64
	value           func(t *Table, r *Row) float64
}

var (
	cpu    = func(_ *Table, r *Row) float64 { return r.summary().CPU }
	tail   = func(_ *Table, r *Row) float64 { return r.summary().P99 }
	memory = func(t *Table, r *Row) float64 {
		if r.Memory == nil {
			return math.NaN()
		}
		return float64(r.Memory.Typed.RSS) * float64(t.Conns)
	}
	conns = func(t *Table) float64 { return float64(t.Conns) }
	size  = func(t *Table) float64 { return float64(t.Size) }
	depth = func(t *Table) float64 { return float64(t.Depth) }

	xConns = plot.Axis{Label: "connections"}
	xSize  = plot.Axis{Label: "size of a message", Bytes: true}
	xDepth = plot.Axis{Label: "messages in flight on each connection"}
	yCPU   = plot.Axis{Label: "server CPU, microseconds per message"}
)

var curves = []curve{
	{"cpu-connections", "growth/conns/", "Echo of 32 bytes, one in flight: CPU by connections", xConns, yCPU, conns, cpu},
	{"latency-connections", "growth/conns/", "Echo of 32 bytes, one in flight: latency by connections", xConns, plot.Axis{Label: "99th percentile, microseconds"}, conns, tail},
	{"cpu-size", "growth/size/", "Echo on 16 connections, one in flight: CPU by size", xSize, yCPU, size, cpu},
	{"cpu-depth", "growth/depth/", "Echo of 32 bytes on 64 connections: CPU by messages in flight", xDepth, yCPU, depth, cpu},
	{"latency-depth", "growth/depth/", "Echo of 32 bytes on 64 connections: latency by messages in flight", xDepth, plot.Axis{Label: "99th percentile, microseconds"}, depth, tail},
	{"memory-connections", "growth/memory/", "Idle connections after a typed message each: memory of the server", xConns, plot.Axis{Label: "resident memory", Bytes: true}, conns, memory},
}

// Charts are the curves for which a run has at least two points, by the name of their file.
func Charts(r *Run) map[string]*plot.Chart {
	charts := map[string]*plot.Chart{}
	for _, c := range curves {
		chart := &plot.Chart{Title: c.title, X: c.x, Y: c.y}
		points := 0
		index := map[string]int{}
		for _, t := range r.Tables {
			if !strings.HasPrefix(t.Workload, c.workloads) {
				continue
			}
			points++
			for _, row := range t.Rows {
				v := c.value(t, row)
				if !(v > 0) {
					continue
				}
				i, ok := index[row.Server]
				if !ok {
					i = len(chart.Lines)
					index[row.Server] = i
					chart.Lines = append(chart.Lines, plot.Line{Name: row.Server, Strong: row.Server == Names.Subject})
				}
				chart.Lines[i].Points = append(chart.Lines[i].Points, plot.Point{X: c.at(t), Y: v})
			}
		}
		if points > 1 {
			charts[c.name] = chart
		}
	}
	return charts
}
