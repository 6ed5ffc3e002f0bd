// Package fault is a proxy that breaks connections on purpose: it stands between a client and a server and delays,
// slows, slices, holds, cuts or resets what they send. Use it to show that a program survives what networks do.
//
//	p := fault.New(&fault.Options{Seed: 7})
//	defer p.Close()
//	l := p.Listen(dialServer)                   // or p.ListenTCP, or p.Pipe for two connections at hand
//	conn, err := l.Dial(ctx)                    // use l.DialContext in an http.Transport
//	p.On(fault.Both).Delay(40*time.Millisecond, 10*time.Millisecond)
//	p.On(fault.ServerToClient).ResetAfter(1000) // RST after exactly 1,000 bytes
//	p.On(fault.Both).Hold()                     // half-open: both ends believe in a connection that is dead
//
// Faults are settings of a direction. They can be changed at any time and act on the connections there are and on
// those to come, each of which counts its own bytes. The proxy works on bytes and knows nothing of websocket frames.
//
// Where a choice is random the seed decides it: a proxy with the same seed gives its nth connection the same slices,
// corrupted bytes and sequence of jitter. Which bytes share a delay depends on how they arrive.
//
// The proxy waits on channels and package time only. Inside a testing/synctest bubble, over in-memory connections,
// hours of delay take no time and every byte moves at a known instant; make the Proxy inside the bubble then.
//
// All methods may be called from any number of goroutines at once. Memory is bounded by [Options.Buffer] per direction
// and connection. The proxy does not lose, duplicate or reorder bytes, because the TCP it stands for does not either.
package fault

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// defaultBuffer is near what a loopback TCP connection holds on its way.
const defaultBuffer = 64 << 10

// Options are the settings of a [Proxy] that cannot change later.
type Options struct {
	// Seed decides every random choice. [Proxy.String] prints it. Default: 0, a seed like any other.
	Seed uint64

	// Buffer is how many bytes each direction of a connection takes from the sender before they are delivered: what
	// is under way during a delay, or taken from a sender who has not noticed yet that nothing arrives. A delay needs
	// bandwidth times delay. Default: 64 KiB.
	Buffer int
}

// Proxy carries connections and applies faults to them. Make one with [New] and end it with Close.
type Proxy struct {
	seed   uint64
	buffer int

	faults [2]control      // by Direction.index
	bytes  [2]atomic.Int64 // delivered, by Direction.index
	work   sync.WaitGroup  // every goroutine of the proxy

	mu        sync.Mutex // guards everything below
	links     map[*link]struct{}
	listeners map[*Listener]struct{}
	total     int // connections ever piped
	era       int // how many times Kill was called
	down      bool
	closed    bool
}

// New returns a proxy without faults. Nil options mean the defaults.
func New(o *Options) *Proxy {
	p := &Proxy{buffer: defaultBuffer, links: map[*link]struct{}{}, listeners: map[*Listener]struct{}{}}
	if o != nil {
		p.seed = o.Seed
		if o.Buffer > 0 {
			p.buffer = o.Buffer
		}
	}
	for i := range p.faults {
		p.faults[i].init()
	}
	return p
}

// Pipe carries bytes between the two connections, in both directions, from now until they end, and owns them: nobody
// else may use or close them. It returns at once. After Close, or while the proxy is down, it resets both.
//
// An end of stream and a reset are carried like bytes, so faults act on them too. That needs connections with the
// CloseWrite and SetLinger of [net.TCPConn]; with others the end of one direction ends both, and a reset is a Close.
func (p *Proxy) Pipe(client, server net.Conn) {
	era, _ := p.admit()
	p.pipe(era, client, server)
}

// admit returns the era in which a connection begins, and whether connections are welcome. What begins before a Kill
// must not survive it, even if it is complete only later.
func (p *Proxy) admit() (era int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.era, !p.closed && !p.down
}

func (p *Proxy) pipe(era int, client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.down || p.era != era {
		abort(client)
		abort(server)
		return
	}
	l := newLink(p, uint64(p.total), client, server)
	p.total++
	p.links[l] = struct{}{}
	for _, lane := range l.lanes {
		p.work.Go(lane.read)
		p.work.Go(lane.write)
	}
}

// Kill resets all current connections at once, held ones and those still being made too. New ones are carried as
// before.
func (p *Proxy) Kill() {
	p.mu.Lock()
	p.era++
	p.mu.Unlock()
	for _, l := range p.current() {
		l.finish(true)
	}
}

// Down is a server that has gone: it resets all current connections and refuses new ones until Up. In memory Dial
// fails with syscall.ECONNREFUSED; over TCP a new connection is reset as soon as it is there.
func (p *Proxy) Down() {
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	p.Kill()
}

// Up ends Down.
func (p *Proxy) Up() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// Bytes returns how many bytes were delivered in this direction, over all connections: never fewer than the receivers
// have read, and while a receiver does not read, some that wait in front of it. [Both] means the sum.
func (p *Proxy) Bytes(d Direction) int64 {
	var n int64
	for _, i := range d.indexes() {
		n += p.bytes[i].Load()
	}
	return n
}

// Conns returns how many connections are being carried, and how many ever were.
func (p *Proxy) Conns() (open, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links), p.total
}

// String tells the seed, the traffic and the faults, for the log of a failed test.
func (p *Proxy) String() string {
	open, total := p.Conns()
	var s strings.Builder
	fmt.Fprintf(&s, "fault proxy, seed %d, %d of %d connections open", p.seed, open, total)
	for _, d := range []Direction{ClientToServer, ServerToClient} {
		set, _ := p.faults[d.index()].get()
		fmt.Fprintf(&s, "; %v: %d bytes%s", d, p.Bytes(d), set)
	}
	return s.String()
}

// Close stops the listeners, closes all connections and waits for the proxy's goroutines. The ends see an orderly
// end of stream, or a reset if they have sent bytes that were not taken. A second Close does nothing more.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	var listeners []*Listener
	for l := range p.listeners {
		listeners = append(listeners, l)
	}
	p.mu.Unlock()

	for _, l := range listeners {
		l.stop()
	}
	for _, l := range p.current() {
		l.finish(false)
	}
	p.work.Wait()
	return nil
}

func (p *Proxy) current() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	var links []*link
	for l := range p.links {
		links = append(links, l)
	}
	return links
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}
