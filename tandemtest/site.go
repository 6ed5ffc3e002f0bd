package tandemtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// Site is an address in memory behind which servers come and go, each as if it were a process of its own: for tests of
// what a restart, or the death of a server, does to sessions.
//
//	site := tandemtest.NewSite(t, nil)
//	serve := func(n *tandemtest.Node) http.Handler {
//		mux := http.NewServeMux()
//		mux.Handle(api.Chat.Handler(chat, &tandem.ServeOptions{Hub: n.Hub, Store: n.Store}))
//		return mux
//	}
//	node := site.Start(store, serve)
//	c, err := api.Chat.Dial(ctx, tandemtest.URL, params, &tandem.DialOptions{Transport: site.Transport()})
//	node.Kill() // or node.Stop()
//	site.Start(store, serve)
//
// Inside a synctest bubble it belongs to the bubble. Its methods may be called from any goroutine.
type Site struct {
	t     testing.TB
	net   *fault.Proxy
	dials *fault.Listener
	nodes sync.WaitGroup // being stopped or killed

	mu   sync.Mutex
	node *Node // the one that serves; nil while there is none
}

// NewSite makes a site where nobody serves yet. p breaks the connections to it; the test closes that. With nil nothing is
// broken, but by Kill.
func NewSite(t testing.TB, p *fault.Proxy) *Site {
	t.Helper()
	s := &Site{t: t, net: p}
	if p == nil {
		s.net = fault.New(nil)
	}
	s.dials = s.net.Listen(s.dial)
	t.Cleanup(func() {
		s.mu.Lock()
		n := s.node
		s.mu.Unlock()
		if n != nil {
			n.Stop()
		}
		s.nodes.Wait()
		if p == nil {
			_ = s.net.Close()
		}
	})
	return s
}

func (s *Site) dial(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	n := s.node
	s.mu.Unlock()
	if n == nil {
		return nil, syscall.ECONNREFUSED
	}
	return n.lis.Dial(ctx)
}

// Transport connects clients to whichever node serves when they dial.
func (s *Site) Transport() tandem.Transport {
	return tandem.HTTPClient(&http.Client{Transport: &http.Transport{DialContext: s.DialContext, DisableKeepAlives: true}})
}

// DialContext connects to the node that serves, for peers of the test's own.
func (s *Site) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.dials.DialContext(ctx, network, addr)
}

// Node is a server of a [Site].
type Node struct {
	// Hub is for the endpoints of the server. Stop shuts it down.
	Hub *tandem.Hub
	// Store is the store that Start was given, as this server sees it: after Kill nothing that the server does reaches
	// it. nil if there is none.
	Store tandem.Store

	site *Site
	lis  *mempipe.Listener
	http *http.Server
	done chan struct{}

	mu   sync.RWMutex
	dead bool
}

// Start has a server take the site over. handler makes what it serves. Whoever served before must have been stopped or
// killed.
func (s *Site) Start(store tandem.Store, handler func(n *Node) http.Handler) *Node {
	s.t.Helper()
	n := &Node{Hub: tandem.NewHub(&tandem.HubOptions{Spread: -1}), site: s, lis: mempipe.Listen(), done: make(chan struct{})}
	if store != nil {
		n.Store = &nodeStore{n, store}
	}
	n.http = tandem.NewServer("", handler(n))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node != nil {
		s.t.Fatal("tandemtest: another node serves the site")
	}
	s.node = n
	go func() {
		defer close(n.done)
		_ = n.http.Serve(n.lis) // http.ErrServerClosed
	}()
	return n
}

// leave takes the node off the site. It reports whether it was there.
func (n *Node) leave() bool {
	s := n.site
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node != n {
		return false
	}
	s.node = nil
	s.nodes.Add(1)
	return true
}

// Stop ends the server in an orderly way, as SIGTERM does in a good program: with [tandem.Hub.Shutdown], for which it has
// a minute. New connections are refused from now on.
func (n *Node) Stop() {
	if !n.leave() {
		return
	}
	defer n.site.nodes.Done()
	ctx, cancel := context.WithTimeout(context.Background(), 6*shutdownTime)
	defer cancel()
	if err := n.Hub.Shutdown(ctx); err != nil {
		n.site.t.Error("tandemtest: shutdown of a node:", err)
	}
	_ = n.http.Close()
	<-n.done
}

// Kill ends the server as kill -9 does: its connections are reset, nothing more of it reaches a client or the store. What
// runs of it is ended in the background. Alive is false before Kill returns; what handlers do after that must not count
// in the test.
func (n *Node) Kill() {
	if !n.leave() {
		return
	}
	n.site.net.Kill()
	n.mu.Lock()
	n.dead = true
	n.mu.Unlock()
	go func() {
		defer n.site.nodes.Done()
		_ = n.http.Close()
		<-n.done
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = n.Hub.Shutdown(ctx) // it has no time: all connections are dropped
		ctx, cancel = context.WithTimeout(context.Background(), 6*shutdownTime)
		defer cancel()
		_ = n.Hub.Shutdown(ctx) // and now it is waited for what is left
	}()
}

// Alive tells whether the server has not been killed.
func (n *Node) Alive() bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return !n.dead
}

var errDead = errors.New("tandemtest: the node is dead")

// nodeStore is a store as a node sees it.
type nodeStore struct {
	n *Node
	s tandem.Store
}

// alive does something of the node's. Kill waits for it.
func (s *nodeStore) alive(do func() error) error {
	s.n.mu.RLock()
	defer s.n.mu.RUnlock()
	if s.n.dead {
		return errDead
	}
	return do()
}

func (s *nodeStore) Epoch(ctx context.Context) (epoch string, err error) {
	err = s.alive(func() error {
		epoch, err = s.s.Epoch(ctx)
		return err
	})
	return epoch, err
}

func (s *nodeStore) Load(ctx context.Context, sid string) (r *tandem.Record, err error) {
	err = s.alive(func() error {
		r, err = s.s.Load(ctx, sid)
		return err
	})
	return r, err
}

func (s *nodeStore) Save(ctx context.Context, sid string, r *tandem.Record) (version uint64, err error) {
	err = s.alive(func() error {
		version, err = s.s.Save(ctx, sid, r)
		return err
	})
	return version, err
}

func (s *nodeStore) Delete(ctx context.Context, sid string, version uint64) error {
	return s.alive(func() error { return s.s.Delete(ctx, sid, version) })
}

func (s *nodeStore) Expired(ctx context.Context) (sid string, r *tandem.Record, err error) {
	if sid, r, err = s.s.Expired(ctx); err == nil && !s.n.Alive() {
		return "", nil, errDead
	}
	return sid, r, err
}
