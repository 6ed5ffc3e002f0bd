// Package run carries out workloads: it starts the servers of a table, hits them in shuffled rounds, and measures.
package run

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Kind is what connections do in a workload.
type Kind string

// The kinds of workloads.
const (
	Echo   Kind = "echo"   // each message is answered with one
	Fanout Kind = "fanout" // one message goes to all
	Churn  Kind = "churn"  // connect and close
	Idle   Kind = "idle"   // nothing: what does silence cost
)

// Workload is what the servers of one table are measured with.
type Workload struct {
	Name     string    `json:"name"`
	Kind     Kind      `json:"kind"`
	App      rival.App `json:"app"`
	Size     int       `json:"size,omitempty"` // payload of raw messages
	Conns    int       `json:"conns"`
	InFlight int       `json:"in_flight,omitempty"` // messages per connection; in a fanout, messages published at once
	TLS      bool      `json:"tls,omitempty"`
	Wrap     bool      `json:"wrap,omitempty"`
	AllCPUs  bool      `json:"all_cpus,omitempty"` // GOMAXPROCS of all processors instead of 1
	Few      bool      `json:"-"`                  // the servers worth a curve only
}

func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dB", n)
}

func raw(group string, bytes, conns, inFlight int) Workload {
	return Workload{
		Name: fmt.Sprintf("%s/raw/%s/%dc/x%d", group, size(bytes), conns, inFlight),
		Kind: Echo, Size: bytes, Conns: conns, InFlight: inFlight,
	}
}

func typed(group, codec, message string, conns, inFlight int) Workload {
	return Workload{
		Name: fmt.Sprintf("%s/%s/%s/%dc/x%d", group, codec, message, conns, inFlight),
		Kind: Echo, App: rival.App{Codec: codec, Message: message}, Conns: conns, InFlight: inFlight,
	}
}

func fanout(conns, times int) Workload {
	return Workload{Name: fmt.Sprintf("fanout/%dc/x%d", conns, times), Kind: Fanout, Size: 200, Conns: conns, InFlight: times}
}

func idle(group string, conns int) Workload {
	return Workload{Name: fmt.Sprintf("%s/%dc", group, conns), Kind: Idle, Conns: conns}
}

// maxInFlight bounds the bytes in flight of one workload: the kernel holds them, twice.
const maxInFlight = 128 << 20

// All are the workloads of a full run, growth last.
func All(conns []int, idleConns int) []Workload {
	var list []Workload
	add := func(w Workload) {
		bytes := w.Size
		if w.App.Message == "big" {
			bytes = 64 << 10
		}
		if w.Kind != Echo || bytes*w.Conns*w.InFlight <= maxInFlight {
			list = append(list, w)
		}
	}
	for _, bytes := range []int{32, 1 << 10, 64 << 10} {
		for _, c := range conns {
			for _, depth := range []int{1, 16} {
				add(raw("echo", bytes, c, depth))
			}
		}
	}
	for _, codec := range []string{"json", "cbor", "msgpack"} {
		for _, c := range conns {
			for _, depth := range []int{1, 16} {
				add(typed("echo", codec, "ten", c, depth))
			}
		}
		for _, message := range []string{"small", "big"} {
			add(typed("echo", codec, message, 64, 1))
			add(typed("echo", codec, message, 64, 16))
		}
	}
	for _, codec := range []string{"stdjson", "fxcbor", "vmsgpack"} {
		add(typed("field", codec, "ten", 64, 1))
		add(typed("field", codec, "ten", 64, 16))
	}
	for _, c := range []int{1000, 5000} {
		add(fanout(c, 1))
		add(fanout(c, 16))
	}
	add(Workload{Name: "churn/64c", Kind: Churn, Conns: 64})
	add(idle("idle", idleConns))
	for _, depth := range []int{1, 16} {
		w := raw("tls", 32, 64, depth)
		w.TLS = true
		add(w)
		w = raw("wrapped", 32, 64, depth)
		w.Wrap = true
		add(w)
		w = raw("allcpus", 32, 64, depth)
		w.AllCPUs = true
		add(w)
		w = typed("allcpus", "json", "ten", 64, depth)
		w.AllCPUs = true
		add(w)
	}
	return append(list, Growth()...)
}

// Growth are the workloads whose results are drawn as curves.
func Growth() []Workload {
	var list []Workload
	for _, c := range []int{10, 100, 1000, 10_000} {
		list = append(list, raw("growth/conns", 32, c, 1), idle("growth/memory", c))
	}
	for bytes := 32; bytes <= 1<<20; bytes *= 4 {
		list = append(list, raw("growth/size", bytes, 16, 1))
	}
	list = append(list, raw("growth/size", 1<<20, 16, 1))
	for depth := 1; depth <= 64; depth *= 2 {
		list = append(list, raw("growth/depth", 32, 64, depth))
	}
	for i := range list {
		list[i].Few = true
	}
	return list
}

// Quick are the workloads that tell most in little time.
func Quick() []Workload {
	return []Workload{
		raw("echo", 32, 64, 1), raw("echo", 32, 64, 16), raw("echo", 64<<10, 16, 1),
		typed("echo", "json", "ten", 64, 1), typed("echo", "cbor", "ten", 64, 16), typed("field", "stdjson", "ten", 64, 1),
		idle("idle", 1000),
		fanout(1000, 1), fanout(1000, 16),
		{Name: "churn/64c", Kind: Churn, Conns: 64},
	}
}

// Select keeps the workloads that a list of patterns names: the beginning of a name up to a slash, or a pattern of
// path.Match. An empty list keeps all but growth.
func Select(all []Workload, patterns string) ([]Workload, error) {
	var picked []Workload
	for _, w := range all {
		if patterns == "" {
			if !w.Few {
				picked = append(picked, w)
			}
			continue
		}
		for p := range strings.SplitSeq(patterns, ",") {
			ok, err := path.Match(p, w.Name)
			if err != nil {
				return nil, fmt.Errorf("-workloads %s: %w", p, err)
			}
			if p == "all" || ok || w.Name == p || strings.HasPrefix(w.Name, strings.TrimSuffix(p, "/")+"/") {
				picked = append(picked, w)
				break
			}
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf("-workloads %s names none; -list shows all", patterns)
	}
	return picked, nil
}

// path is where a server serves the workload. By the field's codecs servers by hand are measured; this repository's
// own server has its own.
func (w Workload) path(server string) string {
	if w.Kind == Fanout {
		return rival.FanoutPath
	}
	app := w.App
	if server == subject {
		app.Codec = msg.Ours(app.Codec)
	}
	return app.Path()
}

// request is the payload of an echo's messages, and the opcode they go out with.
func (w Workload) request(random func([]byte)) (op byte, payload []byte, err error) {
	if !w.App.Raw() {
		codec := msg.Codecs[msg.Ours(w.App.Codec)]
		payload, err = msg.Encode(codec, w.App.Message)
		return byte(codec.FrameKind()), payload, err
	}
	payload = make([]byte, w.Size)
	random(payload)
	return w.App.Op(), payload, nil
}

// Unit is what a result counts.
func (w Workload) Unit() string {
	return cmp.Or(map[Kind]string{Fanout: "delivery", Churn: "connection"}[w.Kind], "message")
}
