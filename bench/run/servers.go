package run

import (
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/rivals/coder"
	"github.com/tandem-ws/tandem/bench/rivals/dioxus"
	"github.com/tandem-ws/tandem/bench/rivals/limit"
	"github.com/tandem-ws/tandem/bench/rivals/script"
)

const (
	floor   = rivals.Floor
	subject = rivals.Subject
	before  = subject + "-before" // of another build
)

// few are the servers of the curves.
var few = []string{"limit", "limit-co", "tandem", "gws", "gorilla", "coder-cancel", "node-ws", "bun"}

// optional are the servers that are measured only where they are asked for by name: cargo builds them for minutes.
var optional = []string{dioxus.Name}

// Servers are those that can carry a workload out.
func Servers(w Workload) []string {
	var names []string
	for _, r := range rivals.Go {
		switch {
		case w.Few && !slices.Contains(few, r.Name):
		case w.Kind == Fanout && r.Fanout == nil, w.Kind != Fanout && r.Echo == nil:
		case w.Kind != Echo && r.Name == coder.Reuse.Name:
		case w.Kind == Churn && (r.Name == limit.Coalescing.Name || r.Name == coder.Cancel.Name):
		default:
			names = append(names, r.Name)
		}
	}
	if !w.TLS && !w.Wrap && !w.AllCPUs && (w.App.Raw() || strings.Contains(w.App.Codec, "json")) {
		names = append(names, script.Names...)
	}
	if !w.TLS && !w.Wrap && (w.Kind == Echo || w.Kind == Idle) && w.App.Codec == msg.Ours(w.App.Codec) {
		names = append(names, dioxus.Name)
	}
	return names
}
