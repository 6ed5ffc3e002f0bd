package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// note is a message of either side. A client's notes are numbered from 1; a server's, answers and pushes, by the ledger.
type note struct {
	Client, Number int
	Push           bool
	Text           string
}

type (
	endpoint   = tandem.Endpoint[struct{}, note, note]
	clientConn = tandem.Conn[note, note]
)

// world is what a seed decides, and what has become of it.
type world struct {
	t      *testing.T
	seed   uint64
	rng    *rand.Rand // of the script; the actors have their own
	policy tandem.SessionPolicy
	end    *endpoint
	store  tandem.Store
	net    *fault.Proxy
	site   *tandemtest.Site
	length time.Duration
	ledger *ledger
	loud   bool
	began  time.Time

	secrets secrets

	mu                                                    sync.Mutex
	events                                                []string
	node                                                  *tandemtest.Node
	lasted                                                time.Duration
	taken, got, told, gaps, resumes, stops, kills, thefts int
}

// simulate lives through the world of a seed.
func simulate(t *testing.T, seed uint64, loud bool) *world {
	w := newWorld(t, seed)
	w.loud, w.began = loud, time.Now()
	w.logf("%+v, store %T, for %v", w.policy, w.store, w.length)
	w.start()

	n := 1 + w.rng.IntN(3)
	var clients []*client
	var living sync.WaitGroup
	stop := make(chan struct{})
	for i := range n {
		c := &client{w: w, id: i, rng: w.fork(uint64(i) + 1), unsent: map[int]bool{}}
		clients = append(clients, c)
		living.Go(func() { c.live(stop) })
	}
	w.script()
	w.heal()
	close(stop)
	living.Wait()
	w.logf("all clients have left")
	w.current().Stop()
	w.lasted = time.Since(w.began)
	if w.store != nil { // sessions at rest that nobody knows of, because their welcome was lost, are told when they expire
		w.start()
		pass(w.policy.Keep + time.Hour)
		w.current().Stop()
	}
	_ = w.net.Close()

	for _, c := range clients {
		c.check()
	}
	w.ledger.check()
	if t.Failed() {
		t.Logf("seed %d: go test ./internal/sim -run TestPromise -seed=%d -count=100", seed, seed)
		if !loud {
			t.Log(strings.Join(w.events, "\n"))
		}
	}
	return w
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0))}
	r := w.rng
	w.policy = tandem.SessionPolicy{
		Messages: []int{2, 8, 64, 256}[r.IntN(4)],
		Keep:     []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute}[r.IntN(3)],
	}
	switch r.IntN(4) {
	case 0: // in memory
	case 1:
		w.store, w.policy.Durable = &tandem.MemoryStore{}, true
	default:
		w.store = &tandem.MemoryStore{} // it outlives the nodes
	}
	w.end = &endpoint{
		Path: "/sim", Codec: []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec}[r.IntN(3)], Session: &w.policy,
	}
	w.length = time.Duration(1+r.IntN(10)) * time.Minute
	w.net = fault.New(&fault.Options{Seed: seed})
	w.site = tandemtest.NewSite(t, w.net)
	w.ledger = newLedger(w)
	return w
}

// fork gives an actor randomness of its own, so that the others do not depend on how often it asks.
func (w *world) fork(n uint64) *rand.Rand { return rand.New(rand.NewPCG(w.seed, n)) }

func (w *world) logf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := fmt.Sprintf("%12v  ", time.Since(w.began)) + fmt.Sprintf(format, args...)
	if w.loud {
		w.t.Log(line)
	}
	w.events = append(w.events, line)
}

func (w *world) failf(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("seed %d: "+format, append([]any{w.seed}, args...)...)
}

func (w *world) count(n *int, by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*n += by
}

// stolen tells that a secret has been shown by somebody else.
func (w *world) stolen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.thefts > 0
}

func (w *world) current() *tandemtest.Node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.node
}

var silent = slog.New(slog.DiscardHandler)

// start has another server take the site.
func (w *world) start() {
	n := w.site.Start(w.store, func(n *tandemtest.Node) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(w.end.Handler(w.handler(n), &tandem.ServeOptions{
			Hub: n.Hub, Store: n.Store, Logger: silent,
			OnExpired: func(_ context.Context, s *tandem.Session) {
				if gap := tandem.GapOf[note](s); gap != nil {
					w.ledger.tell(gap)
				}
			},
		}))
		return mux
	})
	w.mu.Lock()
	w.node = n
	w.mu.Unlock()
}

// heal takes all faults away, and waits until the clients have heard of it.
func (w *world) heal() {
	w.net.On(fault.Both).Clear()
	w.net.Up()
	w.net.Kill() // what is held is never delivered
	w.logf("healed")
	pass(5 * time.Second)
}
