// Package session measures what a session costs beside a plain connection: both ends in this process, over loopback,
// plain and session in turns.
package session

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/proc"
)

// Row is one comparison.
type Row struct {
	Name           string
	Plain, Session float64 // microseconds of processor time for an echo, both ends
	Ratio          float64 // the median of those of the turns
}

// Depths are how many messages are in flight.
var Depths = []int{1, 16}

// Measure compares the two for each codec, in so many turns of this length. Go gets one processor: with two, a goroutine
// that is woken on the other one now and then has both ends on different processors for a while, and a message costs half as
// much again, which says nothing about either.
func Measure(ctx context.Context, turns int, turn time.Duration) ([]Row, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var rows []Row
	for _, codec := range []string{"cbor", "json"} {
		for _, depth := range Depths {
			row, err := compare(ctx, codec, depth, turns, turn)
			if err != nil {
				return nil, fmt.Errorf("%s x%d: %w", codec, depth, err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func compare(ctx context.Context, codec string, depth, turns int, turn time.Duration) (Row, error) {
	e := &tandem.Endpoint[struct{}, msg.Ten, msg.Ten]{Path: "/echo", Codec: msg.Codecs[codec], Session: &tandem.SessionPolicy{}}
	mux := http.NewServeMux()
	mux.Handle(e.Handler(echo, nil))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Row{}, err
	}
	server := tandem.NewServer("", mux)
	go func() { _ = server.Serve(l) }() // until Close
	defer server.Close()                //nolint:errcheck // nobody is there any more
	var conns [2]*tandem.Conn[msg.Ten, msg.Ten]
	for i := range conns {
		if conns[i], err = e.Dial(ctx, "http://"+l.Addr().String(), struct{}{}, &tandem.DialOptions{Plain: i == 0}); err != nil {
			return Row{}, err
		}
		defer conns[i].CloseNow()
		if _, err := echoes(ctx, conns[i], depth, turn); err != nil { // warm
			return Row{}, err
		}
	}
	var costs [2][]float64
	var ratios []float64
	for n := range turns {
		var cost [2]float64
		for k := range conns {
			i := (n + k) % 2
			if cost[i], err = echoes(ctx, conns[i], depth, turn); err != nil {
				return Row{}, err
			}
			costs[i] = append(costs[i], cost[i])
		}
		ratios = append(ratios, cost[1]/cost[0])
	}
	return Row{fmt.Sprintf("session/%s/ten/x%d", codec, depth), median(costs[0]), median(costs[1]), median(ratios)}, nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func echo(ctx context.Context, _ struct{}, c *tandem.Conn[msg.Ten, msg.Ten]) error {
	for m, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// echoes has messages echoed for a turn.
func echoes(ctx context.Context, c *tandem.Conn[msg.Ten, msg.Ten], depth int, turn time.Duration) (us float64, err error) {
	before, err := proc.CPU(os.Getpid())
	if err != nil {
		return 0, err
	}
	n := 0
	for began := time.Now(); n == 0 || time.Since(began) < turn; {
		for range depth {
			if err := c.Send(ctx, msg.TenValue); err != nil {
				return 0, err
			}
		}
		for range depth {
			if _, err := c.Recv(ctx); err != nil {
				return 0, err
			}
		}
		n += depth
	}
	after, err := proc.CPU(os.Getpid())
	return float64(after-before) / float64(n) / 1e3, err
}
