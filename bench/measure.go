package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/bench/plot"
	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/run"
)

// measure carries the chosen workloads out, prints and saves the results.
func measure(ctx context.Context, o options) error {
	workloads, err := o.chosen()
	if err != nil {
		return err
	}
	if o.list {
		for _, w := range workloads {
			fmt.Printf("%-32s %s\n", w.Name, strings.Join(run.Servers(w), " "))
		}
		return nil
	}
	r, err := run.New(run.Settings{
		Rounds: o.rounds, Duration: o.duration, Budget: o.budget, Seed: o.seed, Only: o.only(), Profile: o.serve.Profile, Before: o.before, Log: os.Stderr,
	})
	if err != nil {
		return err
	}
	base := o.base()
	results := &report.Run{
		Name: filepath.Base(base), Date: time.Now().UTC().Format(time.DateOnly), Command: command(), Commit: commit(ctx),
		Seed: o.seed, Machine: proc.ThisMachine(), Versions: versions(ctx),
	}
	for i, w := range workloads {
		fmt.Fprintf(os.Stderr, "%d/%d %s\n", i+1, len(workloads), w.Name)
		t, err := r.Table(ctx, w, len(workloads)-i-1)
		if err != nil {
			return err
		}
		results.Tables = append(results.Tables, t)
		fmt.Printf("\n%s\n%s", w.Name, t.Text())
		if err := results.Save(base); err != nil { // as it goes, so that an interrupted run leaves what it has
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "written: %s.json and .md\n", base)
	if err := draw(o, results); err != nil {
		return err
	}
	if r.Failed > 0 {
		return fmt.Errorf("%d measurements failed", r.Failed)
	}
	return nil
}

// redraw prints results that were saved.
func redraw(o options) error {
	results, err := report.Load(o.from)
	if err != nil {
		return err
	}
	if o.plots == "" {
		fmt.Print(results.Markdown())
	}
	return draw(o, results)
}

// printBudgets prints what became of each budget in some runs, and where others win.
func printBudgets(files string) error {
	var runs []*report.Run
	for file := range strings.SplitSeq(files, ",") {
		r, err := report.Load(file)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	fmt.Printf("%s\nWhere others take less CPU than tandem: tandem's as a multiple of theirs, bold beyond the noise.\n\n%s",
		report.Promises(runs), report.Beaten(runs))
	return nil
}

func draw(o options, results *report.Run) error {
	if o.plots == "" {
		return nil
	}
	charts := report.Charts(results)
	for _, name := range slices.Sorted(maps.Keys(charts)) {
		if err := plot.Save(filepath.Join(o.plots, name+".svg"), charts[name]); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%d plots in %s\n", len(charts), o.plots)
	return nil
}

// base is where results go, without the ending.
func (o *options) base() string {
	if o.out != "" {
		return strings.TrimSuffix(o.out, ".json")
	}
	name := "full"
	if o.quick {
		name = "quick"
	}
	dir := "results"
	if _, err := os.Stat(filepath.Join("bench", "go.mod")); err == nil {
		dir = filepath.Join("bench", dir)
	}
	return filepath.Join(dir, name)
}

// command is how to run this again.
func command() string { return strings.Join(append([]string{"go run ./bench"}, os.Args[1:]...), " ") }

// commit is the state of the repository, as far as git knows it.
func commit(ctx context.Context) string {
	b, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// rivalModules are the modules whose versions matter.
var rivalModules = []string{
	"github.com/gobwas/ws", "github.com/gorilla/websocket", "github.com/lxzan/gws", "github.com/coder/websocket", "github.com/olahol/melody",
	"github.com/centrifugal/centrifuge", "github.com/fxamacker/cbor/v2", "github.com/vmihailenco/msgpack/v5",
}

func versions(ctx context.Context) map[string]string {
	v := map[string]string{"npm ws": "8.23.0", "Bun": "1.4.5", "Dioxus": "0.7.10"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if slices.Contains(rivalModules, d.Path) {
				v[d.Path] = d.Version
			}
		}
	}
	if b, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		v["Node"] = strings.TrimSpace(string(b))
	}
	return v
}
