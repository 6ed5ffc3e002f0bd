package run

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/load"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/report"
)

// warmShare of a round's duration is played before it is measured: buffers and stacks grow then.
const warmShare = 4

// echo measures one round of an echo.
func (r *Runner) echo(ctx context.Context, w Workload, c *child.Child) (report.Round, error) {
	op, payload, err := w.request(r.random)
	if err != nil {
		return report.Round{}, err
	}
	ring := frame.NewRing(op, payload, w.InFlight, r.rng)
	o := load.Options{Path: w.path(c.Name)}
	var echo func(*frame.Ring, int64, int, time.Duration) (load.Result, error)
	length := int64(len(payload))
	if w.TLS {
		conns, err := load.DialTLS(ctx, c.Addr, w.Conns, o)
		if err != nil {
			return report.Round{}, err
		}
		defer conns.Close()
		echo = conns.Echo
	} else {
		conns, err := load.Dial(c.Addr, w.Conns, o)
		if err != nil {
			return report.Round{}, err
		}
		defer conns.Close()
		reply, err := conns.Probe(op, payload)
		if err != nil {
			return report.Round{}, err
		}
		if err := checkReply(w, payload, reply); err != nil {
			return report.Round{}, err
		}
		length, echo = int64(len(reply)), conns.Echo
	}
	if _, err := echo(ring, length, w.InFlight, r.s.Duration/warmShare); err != nil {
		return report.Round{}, err
	}
	return metered(c, func() (load.Result, error) { return echo(ring, length, w.InFlight, r.s.Duration) })
}

// checkReply makes sure that a server does what the others do: the same bytes, or the same value.
func checkReply(w Workload, sent, got []byte) error {
	if w.App.Raw() {
		if !bytes.Equal(sent, got) {
			return errors.New("the reply is not the message")
		}
		return nil
	}
	again, err := msg.Echo(msg.Codecs[msg.Ours(w.App.Codec)], w.App.Message)()(nil, got)
	if err != nil {
		return fmt.Errorf("the reply: %w", err)
	}
	if !bytes.Equal(sent, again) {
		return errors.New("the reply is another value than the message")
	}
	return nil
}

func (r *Runner) random(b []byte) {
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, r.rng.Uint64())
		b = b[8:]
	}
	for i := range b {
		b[i] = byte(r.rng.Uint32())
	}
}
