package run

import (
	"context"
	"time"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/load"
	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// idle measures what silent connections cost: fresh and after a raw message in one process, after a typed message in
// another, because what a program has once needed it keeps.
func (r *Runner) idle(ctx context.Context, w Workload, name string) (*report.Memory, error) {
	m := new(report.Memory)
	rawWork, typedWork := w, w
	rawWork.Size = 32
	typedWork.App = rival.App{Codec: "json", Message: "ten"}
	err := r.quiet(ctx, rawWork, name, func(use func() (report.Usage, error), speak func() error, _ func() (int64, error)) (err error) {
		if m.Fresh, err = use(); err != nil {
			return err
		}
		if err = speak(); err != nil {
			return err
		}
		m.Raw, err = use()
		return err
	})
	if err != nil {
		return nil, err
	}
	err = r.quiet(ctx, typedWork, name, func(use func() (report.Usage, error), speak func() error, rss func() (int64, error)) (err error) {
		if err = speak(); err != nil {
			return err
		}
		if m.Unswept, err = rss(); err != nil {
			return err
		}
		m.Typed, err = use()
		return err
	})
	return m, err
}

// warmConns come and go before the server's own memory is measured.
const warmConns = 64

// quiet starts a server, connects, and lets do measure. use and rss give bytes for each connection, above what the
// server took before; speak exchanges one message on each connection.
func (r *Runner) quiet(ctx context.Context, w Workload, name string, do func(use func() (report.Usage, error), speak func() error, rss func() (int64, error)) error) error {
	c, err := child.Start(ctx, name, rivals.Options{}, r.servers)
	if err != nil {
		return err
	}
	defer c.Stop()
	op, payload, err := w.request(r.random)
	if err != nil {
		return err
	}
	ring := frame.NewRing(op, payload, 1, r.rng)
	o := load.Options{Path: w.path(name)}
	warm, err := load.Dial(c.Addr, warmConns, o)
	if err != nil {
		return err
	}
	reply, err := warm.Probe(op, payload)
	if err == nil {
		_, err = warm.Echo(ring, int64(len(reply)), 1, 10*time.Millisecond)
	}
	warm.Close()
	if err != nil {
		return err
	}
	base, err := Total(c)
	if err != nil {
		return err
	}
	conns, err := load.Dial(c.Addr, w.Conns, o)
	if err != nil {
		return err
	}
	defer conns.Close()
	n := int64(w.Conns)
	return do(
		func() (report.Usage, error) {
			now, err := Total(c)
			return report.Usage{RSS: (now.RSS - base.RSS) / n, Heap: (now.Heap - base.Heap) / n, Stack: (now.Stack - base.Stack) / n}, err
		},
		func() error {
			_, err := conns.Echo(ring, int64(len(reply)), 1, 0)
			return err
		},
		func() (int64, error) {
			rss, err := c.RSS()
			return (rss - base.RSS) / n, err
		},
	)
}

// Total is what a server takes when it has collected its garbage. It is asked twice, because connections that have
// just been closed leave their memory to the next collection.
func Total(c *child.Child) (report.Usage, error) {
	if _, err := c.Collect(); err != nil {
		return report.Usage{}, err
	}
	s, err := c.Collect()
	if err != nil {
		return report.Usage{}, err
	}
	rss, err := c.RSS()
	return report.Usage{RSS: rss, Heap: s.Heap, Stack: s.Stack}, err
}
