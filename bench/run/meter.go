package run

import (
	"os"
	"time"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/load"
	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/report"
)

// tooBusy is from how many processors in others' hands on a round is marked: a tenth of a machine of two is what the
// kernel's own threads and a desktop take.
const tooBusy = 0.2

// meter is the state of all clocks at one moment.
type meter struct {
	server, client, machine time.Duration
	at                      time.Time
}

// read reads the clocks. Asking the server costs it something, so that is done outside of the measured time.
func read(c *child.Child) (m meter, err error) {
	if m.server, err = c.CPU(); err != nil {
		return m, err
	}
	if m.client, err = proc.CPU(os.Getpid()); err != nil {
		return m, err
	}
	if m.machine, err = proc.Busy(); err != nil {
		return m, err
	}
	m.at = time.Now()
	return m, nil
}

// metered carries a load out between two readings.
func metered(c *child.Child, do func() (load.Result, error)) (report.Round, error) {
	before, err := c.Stats()
	if err != nil {
		return report.Round{}, err
	}
	from, err := read(c)
	if err != nil {
		return report.Round{}, err
	}
	res, err := do()
	if err != nil {
		return report.Round{}, err
	}
	to, err := read(c)
	if err != nil {
		return report.Round{}, err
	}
	after, err := c.Stats()
	if err != nil {
		return report.Round{}, err
	}
	n, wall := float64(res.Messages), to.at.Sub(from.at)
	server, client := to.server-from.server, to.client-from.client
	x := report.Round{
		CPU:    micros(server) / n,
		Rate:   n / res.Elapsed.Seconds(),
		P50:    micros(res.Latency.Quantile(0.5)),
		P99:    micros(res.Latency.Quantile(0.99)),
		Allocs: -1,
		Server: share(server, wall),
		Client: share(client, wall),
		Others: max(0, share(to.machine-from.machine-server-client, wall)),
		Count:  res.Messages,
	}
	if after.Mallocs > 0 {
		x.Allocs = float64(after.Mallocs-before.Mallocs) / n
	}
	x.Noisy = x.Others > tooBusy
	return x, nil
}

func micros(d time.Duration) float64      { return float64(d) / float64(time.Microsecond) }
func share(d, wall time.Duration) float64 { return float64(d) / float64(wall) }
