//go:build !js

package tandem

import (
	"context"
	"iter"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Hub owns the live connections of one or more endpoints: it limits them, lists them, and shuts them down. Create one
// with NewHub, or use the zero value, which has no limits. Its methods may be called from any goroutine.
type Hub struct {
	o HubOptions

	mu       sync.Mutex
	closing  bool
	forced   bool // a shutdown has run out of time
	conns    map[*live]struct{}
	slots    int // places taken: connections, those about to be, and the sockets of sessions
	refusing int // being refused in band
	greeting int // sockets of sessions that are not known yet
	keys     map[string]int
	lastID   uint64
	empty    chan struct{}      // closed when the last connection is gone, while closing
	life     context.Context    // ends when closing begins; nil until somebody asks
	end      context.CancelFunc // of life
	notices  map[Store]*notices // who is told of expired sessions
	work     sync.WaitGroup     // what they do
}

// HubOptions are a hub's limits. A nil *HubOptions means the defaults.
type HubOptions struct {
	// MaxConns bounds the connections of all endpoints together. Past it handshakes are refused with 503. Default
	// off.
	MaxConns int

	// MaxPerKey bounds the connections of one key. Past it handshakes are refused with 503. Default off.
	MaxPerKey int

	// Key tells to whom a connection is counted. Default: the IP address of the peer, of IPv6 the first 64 bits. Name
	// your own behind a proxy, and trust a forwarded address only if your proxy has set it.
	Key func(*http.Request) string

	// Spread is how long the clients of sessions may take to come back when the hub is shut down: each is asked for a
	// random moment within it, so that they do not all come at once. Default 5 s; negative is at once.
	Spread time.Duration

	// RetryAfter is what refused clients are told to wait, in whole seconds. Default 5 s.
	RetryAfter time.Duration
}

// NewHub makes a hub.
func NewHub(o *HubOptions) *Hub {
	h := &Hub{}
	if o != nil {
		h.o = *o
	}
	return h
}

// ConnInfo describes a live connection.
type ConnInfo struct {
	ID         uint64    // unique within the hub
	Path       string    // the endpoint's pattern
	RemoteAddr string    // the peer's address
	Codec      string    // the codec's name
	Since      time.Time // when the handshake was done
}

// Len is the number of live connections.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// Conns lists the connections that are live at the time of the call, oldest first.
func (h *Hub) Conns() iter.Seq[ConnInfo] {
	h.mu.Lock()
	infos := make([]ConnInfo, 0, len(h.conns))
	for l := range h.conns {
		infos = append(infos, l.info())
	}
	h.mu.Unlock()
	slices.SortFunc(infos, func(a, b ConnInfo) int { return int(a.ID) - int(b.ID) })
	return slices.Values(infos)
}

// alive is a context that ends when the hub begins to shut down.
func (h *Hub) alive() context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.aliveLocked()
}

func (h *Hub) aliveLocked() context.Context {
	if h.life == nil {
		h.life, h.end = context.WithCancel(context.Background())
		if h.closing {
			h.end()
		}
	}
	return h.life
}

// admit counts a connection that is about to be opened, or refuses it. The caller must call enter or release.
func (h *Hub) admit(r *http.Request) (key string, err error) {
	if h.o.MaxPerKey > 0 {
		if h.o.Key != nil {
			key = h.o.Key(r)
		} else {
			key = addressKey(r.RemoteAddr)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closing:
		return "", h.busy("the server is shutting down")
	case h.o.MaxConns > 0 && h.slots >= h.o.MaxConns:
		return "", h.busy("too many connections")
	case h.o.MaxPerKey > 0 && h.keys[key] >= h.o.MaxPerKey:
		return "", h.busy("too many connections of yours")
	}
	h.slots++
	if h.o.MaxPerKey > 0 {
		if h.keys == nil {
			h.keys = make(map[string]int)
		}
		h.keys[key]++
	}
	return key, nil
}

func (h *Hub) busy(message string) error {
	wait := h.o.RetryAfter
	if wait <= 0 {
		wait = 5 * time.Second
	}
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return &HandshakeError{
		Status:  http.StatusServiceUnavailable,
		Message: message,
		Header:  map[string][]string{"Retry-After": {seconds}},
	}
}

// release takes back an admission whose handshake failed.
func (h *Hub) release(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.slots--
	h.dropKey(key)
	h.checkEmpty()
}

// enter registers an admitted connection. When the hub has begun to shut down meanwhile, it is told so at once.
func (h *Hub) enter(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastID++
	l.id = h.lastID
	if h.conns == nil {
		h.conns = make(map[*live]struct{})
	}
	h.conns[l] = struct{}{}
	if h.closing {
		l.shutdown()
	}
	if h.forced {
		go l.drop()
	}
}

// maxRefusals bounds how many connections are refused in band at once, which takes as long as their peers take to
// answer a Close frame. Past it they are refused by status, so that the way around a limit is itself limited.
const maxRefusals = 256

func (h *Hub) beginRefusal() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refusing >= maxRefusals {
		return false
	}
	h.refusing++
	return true
}

func (h *Hub) endRefusal() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusing--
	h.checkEmpty()
}

// leave removes a connection that has ended.
func (h *Hub) leave(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, l)
	if l.session == nil { // the sockets of sessions have places of their own
		h.slots--
		h.dropKey(l.key)
	}
	h.checkEmpty()
}

func (h *Hub) dropKey(key string) {
	if h.o.MaxPerKey <= 0 {
		return
	}
	if h.keys[key]--; h.keys[key] <= 0 {
		delete(h.keys, key)
	}
}

func (h *Hub) checkEmpty() {
	if h.empty != nil && h.idle() {
		close(h.empty)
		h.empty = nil
	}
}

func (h *Hub) idle() bool {
	return len(h.conns) == 0 && h.slots == 0 && h.refusing == 0 && h.greeting == 0
}

// beginNewcomer has a shutdown wait for a socket whose session is not known yet, also when the socket is lost.
func (h *Hub) beginNewcomer() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.greeting++
}

func (h *Hub) endNewcomer() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.greeting--
	h.checkEmpty()
}

// shutdown tells a handler to end.
func (l *live) shutdown() {
	if l.session != nil {
		l.session.goaway()
	}
	l.cancel(ErrShutdown)
	l.core.Interrupt()
}

// Shutdown ends all connections in an orderly way, for good. From now on handshakes are refused with 503 and
// Retry-After. The contexts of all handlers are cancelled with the cause [ErrShutdown]: Recv and Messages return,
// Send goes on working, so that a handler can finish the message it is at; when it returns, its client is told 1012,
// to come back. Shutdown waits until all handlers have returned and their connections are closed. If ctx ends first,
// the rest are sent 1012 and dropped within a second, without waiting for their handlers, and the error of ctx is
// returned.
//
// Sessions are not ended where [ServeOptions].Store keeps them: clients are asked to come back within HubOptions.Spread,
// the handlers end as above, and each session is stored before its socket is closed with 1012; for that the store has
// [Limits].CloseTimeout, and a session that it does not take ends. Whoever serves the endpoint next with the same store goes
// on with it, in a handler started afresh. A handler that fails at a message meanwhile ends its session with 1011, unless
// that message may be handed out again. Without a store sessions end, like all connections, when the peer has acknowledged
// what was sent, or after CloseTimeout.
//
// http.Server.Shutdown neither knows nor waits for websockets: call this one before it, or have it called with
// http.Server.RegisterOnShutdown.
func (h *Hub) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	if h.end != nil {
		h.end()
	}
	if h.idle() {
		h.mu.Unlock()
		return h.rest(ctx)
	}
	if h.empty == nil {
		h.empty = make(chan struct{})
	}
	empty := h.empty
	for l := range h.conns {
		l.shutdown()
	}
	h.mu.Unlock()

	select {
	case <-empty:
		return h.rest(ctx)
	case <-ctx.Done():
	}
	h.mu.Lock()
	h.forced = true
	rest := make([]*live, 0, len(h.conns))
	for l := range h.conns {
		rest = append(rest, l)
	}
	h.mu.Unlock()
	var dropped sync.WaitGroup
	for _, l := range rest {
		dropped.Go(l.drop)
	}
	dropped.Wait()
	return ctx.Err()
}

// rest waits for what else the hub does.
func (h *Hub) rest(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		h.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drop sends a Close frame and does not wait for an answer.
func (l *live) drop() {
	l.core.StartClose(wire.ErrClosed, int(CodeRestart), reasonShutdown)
	l.core.Drop(wire.Lost(ErrShutdown), lastWords)
}

// lastWords is how long a peer may take to take the Close frame of a forced shutdown.
const lastWords = time.Second

const reasonShutdown = "server shutting down"

// addressKey is the part of an address that one customer has: an IPv4 address, or the first 64 bits of an IPv6 one.
func addressKey(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		prefix, _ := addr.Prefix(64)
		return prefix.String()
	}
	return addr.String()
}
