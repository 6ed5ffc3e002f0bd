package mempipe

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// backlog is how many dialled connections wait for Accept before Dial waits too: the usual limit of a TCP listener.
const backlog = 128

// Listener is a [net.Listener] whose connections come from [Listener.Dial]. An http.Server can serve it:
//
//	l := mempipe.Listen()
//	go server.Serve(l)
//	client := &http.Client{Transport: &http.Transport{DialContext: l.DialContext}}
//
// It belongs to the synctest bubble it was made in.
type Listener struct {
	// Options are for the connections dialled from now on. Set them before the first Dial.
	// Default: the defaults of Options.
	Options Options

	queue  chan *Conn
	closed chan struct{}
	close  sync.Once
	dialed atomic.Int64
}

// Listen returns an open listener.
func Listen() *Listener {
	return &Listener{queue: make(chan *Conn, backlog), closed: make(chan struct{})}
}

// Accept waits for the next connection. After Close it returns an error that is net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, l.opError("accept", net.ErrClosed)
	default:
	}
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, l.opError("accept", net.ErrClosed)
	}
}

// Close refuses new connections and resets those not accepted yet. Accepted ones live on. A second Close does nothing.
func (l *Listener) Close() error {
	l.close.Do(func() { close(l.closed) })
	l.refuseQueued()
	return nil
}

// Addr returns the listener's address.
func (l *Listener) Addr() net.Addr { return Addr("server") }

// Dial returns a new connection whose other end Accept returns; it does not wait for that unless many connections are
// queued. After Close it fails with an error that is syscall.ECONNREFUSED.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, l.opError("dial", syscall.ECONNREFUSED)
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, l.opError("dial", err)
	}
	name := Addr("client-" + strconv.FormatInt(l.dialed.Add(1), 10))
	client, server := newPair(&l.Options, name, "server")
	select {
	case l.queue <- server:
	case <-l.closed:
		return nil, l.opError("dial", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, l.opError("dial", ctx.Err())
	}
	select {
	case <-l.closed: // Close may have emptied the queue before our connection was in it
		l.refuseQueued()
	default:
	}
	return client, nil
}

// DialContext is Dial with the signature of http.Transport. It ignores network and address.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

func (l *Listener) refuseQueued() {
	for {
		select {
		case c := <-l.queue:
			_ = c.Reset()
		default:
			return
		}
	}
}

func (l *Listener) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: network, Addr: l.Addr(), Err: err}
}
