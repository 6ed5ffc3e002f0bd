// Package mempipe is an in-memory network for tests: buffered, full-duplex connections that behave as TCP does where
// websockets care (bounded buffers, half close, reset, deadlines), and a listener for them. [net.Pipe] has no buffer,
// so two peers that send their Close frames at the same moment block each other, which no network does.
//
// Nothing here touches the operating system: inside a testing/synctest bubble a waiting Read, Write, Accept or Dial is
// durably blocked and deadlines run on the bubble's clock. A connection must be used inside the bubble that waits on it.
//
// All methods may be called from any number of goroutines at once. A Write is atomic: the bytes of two concurrent calls
// do not mix, even when both have to wait for room.
//
// It does not copy everything TCP does. There is no delay, loss or reordering, which is the business of
// tandemtest/fault. A Write to a closed peer fails at once, where TCP lets the first one pass. A reset always
// destroys what the peer has not read, as TCP may. Bytes left unread at Close do not reset the connection unless
// [Options.ResetUnread] asks for it.
package mempipe

import "net"

const (
	network = "mem"

	// defaultBuffer is near what one direction of a loopback TCP connection holds before a writer waits.
	defaultBuffer = 64 << 10
)

// Options are the settings of a connection pair. Both ends share them.
type Options struct {
	// Buffer is how many bytes each direction holds before a Write waits. Memory is taken as it is needed,
	// so idle connections cost little. Default: 64 KiB.
	Buffer int

	// ResetUnread makes Close reset the connection when bytes that have arrived were not read, as TCP does. It is how
	// a server that closes too early destroys the Close frame it has just sent. Default: false, Close is always orderly.
	ResetUnread bool
}

func (o *Options) withDefaults() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Buffer <= 0 {
		opts.Buffer = defaultBuffer
	}
	return opts
}

// New returns the two ends of a connection, each a [*Conn]. Nil options mean the defaults.
func New(o *Options) (a, b net.Conn) {
	return Pair(o)
}

// Pair is [New] for callers that use the methods net.Conn does not have.
func Pair(o *Options) (a, b *Conn) {
	return newPair(o, "client", "server")
}

func newPair(o *Options, nameA, nameB Addr) (a, b *Conn) {
	opts := o.withDefaults()
	ab, ba := newStream(opts.Buffer), newStream(opts.Buffer)
	a = &Conn{in: ba, out: ab, local: nameA, remote: nameB, resetUnread: opts.ResetUnread}
	b = &Conn{in: ab, out: ba, local: nameB, remote: nameA, resetUnread: opts.ResetUnread}
	return a, b
}

// Addr is the address of an end of a connection, or of a listener: a name.
type Addr string

// Network returns "mem".
func (Addr) Network() string { return network }

// String returns the name.
func (a Addr) String() string { return string(a) }
