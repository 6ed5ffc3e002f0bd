// Package report holds the results of a run, sums its rounds up and prints them.
package report

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/tandem-ws/tandem/bench/proc"
)

// Run is everything one run of the program has measured.
type Run struct {
	Name     string            `json:"name"`
	Date     string            `json:"date"`
	Command  string            `json:"command"`
	Commit   string            `json:"commit"`
	Seed     uint64            `json:"seed"`
	Machine  proc.Machine      `json:"machine"`
	Versions map[string]string `json:"versions"`
	Tables   []*Table          `json:"tables"`
}

// Table is one workload.
type Table struct {
	Workload string            `json:"workload"`
	Unit     string            `json:"unit"` // what is counted
	Conns    int               `json:"conns"`
	Size     int               `json:"size"` // bytes of a payload
	Depth    int               `json:"in_flight"`
	Rows     []*Row            `json:"rows"`
	Absent   map[string]string `json:"absent,omitempty"` // servers that were not measured, and why
}

// Row is one server in a table.
type Row struct {
	Server string  `json:"server"`
	Rounds []Round `json:"rounds,omitempty"`
	Memory *Memory `json:"memory,omitempty"`
}

// Round is one measurement.
type Round struct {
	Round  int     `json:"round"`
	CPU    float64 `json:"cpu_us"` // of the server, for each message
	Rate   float64 `json:"rate"`   // messages a second
	P50    float64 `json:"p50_us"` // latency
	P99    float64 `json:"p99_us"` // latency
	Allocs float64 `json:"allocs"` // of the server, for each message; below 0 when unknown
	Server float64 `json:"server"` // processors the server kept busy
	Client float64 `json:"client"` // processors the load generator kept busy
	Others float64 `json:"others"` // processors that everybody else kept busy
	Noisy  bool    `json:"noisy"`  // too busy others
	Count  int64   `json:"count"`  // messages
}

// Memory is what idle connections cost, in bytes for each.
type Memory struct {
	Fresh Usage `json:"fresh"`
	Raw   Usage `json:"raw"`   // after a raw message each
	Typed Usage `json:"typed"` // after a typed JSON message each
	// Unswept is the RSS after the typed messages and before garbage was collected.
	Unswept int64 `json:"typed_unswept_rss"`
}

// Usage is memory by its use; heap and stack are 0 when unknown.
type Usage struct {
	RSS   int64 `json:"rss"`
	Heap  int64 `json:"heap"`
	Stack int64 `json:"stack"`
}

// Load reads a run.
func Load(file string) (*Run, error) {
	b, err := os.ReadFile(file) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	r := new(Run)
	return r, json.Unmarshal(b, r)
}

// Save writes base.json and base.md.
func (r *Run) Save(base string) error {
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil { //nolint:gosec // results are for everyone
		return err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(base+".json", append(b, '\n'), 0o644); err != nil { //nolint:gosec // results are for everyone
		return err
	}
	return os.WriteFile(base+".md", []byte(r.Markdown()), 0o644) //nolint:gosec // results are for everyone
}
