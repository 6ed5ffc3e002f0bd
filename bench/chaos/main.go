// Command chaos kills servers under load, and stops some in order, and checks that sessions keep their promise: no message
// is taken twice, none out of order, and each that is not taken is told to its sender. The last line is the tally; the
// exit status is 0 only if nothing was lost, doubled or untold. With -store the sessions are in a file: those of servers
// that were stopped go on. With -durable those of servers that were killed do too, and what these were at is handed out
// again under the same key.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
)

func main() {
	var o options
	flag.IntVar(&o.kills, "kills", 1000, "how often a server is killed")
	flag.IntVar(&o.clients, "clients", 20, "clients")
	flag.DurationVar(&o.pause, "pause", 100*time.Millisecond, "mean time between a start and a kill")
	flag.Float64Var(&o.stops, "stops", 0, "the part of the kills that are orderly stops instead, 0 to 1")
	flag.BoolVar(&o.store, "store", false, "keep the sessions in a file (store/bolt)")
	flag.BoolVar(&o.durable, "durable", false, "with -store: store each message before it is acknowledged")
	flag.Uint64Var(&o.seed, "seed", 1, "of the times")
	flag.StringVar(&o.serve, "serve", "", "internal: serve at this address")
	flag.StringVar(&o.ledger, "ledger", "", "internal: write what was taken to this file")
	flag.Parse()
	if err := act(&o); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func act(o *options) error {
	if o.durable && !o.store {
		return errors.New("-durable needs -store")
	}
	Notes.Session = &tandem.SessionPolicy{Durable: o.durable} // before the first use of the endpoint
	if o.serve != "" {
		return serve(o)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	tally, err := run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println(tally)
	if !tally.kept() {
		return errors.New("the promise is broken")
	}
	return nil
}

type options struct {
	kills, clients int
	pause          time.Duration
	stops          float64
	store, durable bool
	seed           uint64
	serve, ledger  string
}

// run starts the clients, kills servers, and compares what the clients know with what the servers have taken.
func run(ctx context.Context, o *options) (*tally, error) {
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	o.ledger = filepath.Join(dir, "ledger")
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	server := &process{o: o, addr: addr}
	if err := server.start(ctx); err != nil {
		return nil, err
	}
	defer server.kill()

	loaded, enough := context.WithCancel(ctx)
	defer enough()
	clients := make([]*client, o.clients)
	var running sync.WaitGroup
	for i := range clients {
		clients[i] = &client{id: i, base: "http://" + addr}
		running.Go(func() { clients[i].run(loaded) })
	}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	for n := range o.kills {
		if !sleep(ctx, time.Duration(rng.Int64N(int64(2*o.pause)))) {
			return nil, ctx.Err()
		}
		if rng.Float64() < o.stops {
			if err := server.stop(); err != nil {
				return nil, err
			}
		} else {
			server.kill()
		}
		if err := server.start(ctx); err != nil {
			return nil, err
		}
		if (n+1)%100 == 0 {
			fmt.Fprintf(os.Stderr, "%d kills\n", n+1)
		}
	}
	sleep(ctx, time.Second)
	enough()
	running.Wait()
	server.kill()
	return settle(o, clients)
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
