package run

import (
	"strings"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/load"
	"github.com/tandem-ws/tandem/bench/report"
)

// fanout measures one round of a broadcast. The payload is a JSON string, because one server wraps it in JSON.
func (r *Runner) fanout(w Workload, c *child.Child) (report.Round, error) {
	o := load.Options{Path: w.path(c.Name)}
	if c.Name == "centrifuge" {
		o.Hello = []byte(`{"id":1,"connect":{}}`)
	}
	conns, err := load.Dial(c.Addr, w.Conns, o)
	if err != nil {
		return report.Round{}, err
	}
	defer conns.Close()
	payload := []byte(`"` + strings.Repeat("x", w.Size-2) + `"`)
	length, err := conns.FaninLength(c.Publisher(payload, 1))
	if err != nil {
		return report.Round{}, err
	}
	publish := c.Publisher(payload, w.InFlight)
	if _, err := conns.Fanin(publish, length, w.InFlight, r.s.Duration/warmShare); err != nil {
		return report.Round{}, err
	}
	return metered(c, func() (load.Result, error) { return conns.Fanin(publish, length, w.InFlight, r.s.Duration) })
}

// churn measures one round of connecting and closing.
func (r *Runner) churn(w Workload, c *child.Child) (report.Round, error) {
	if _, err := load.Churn(c.Addr, w.path(c.Name), w.Conns, r.s.Duration/warmShare); err != nil {
		return report.Round{}, err
	}
	return metered(c, func() (load.Result, error) { return load.Churn(c.Addr, w.path(c.Name), w.Conns, r.s.Duration) })
}
