package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
)

// Listener is where clients reach a server through the proxy. Close stops new connections; those there are live on
// until the proxy closes.
type Listener struct {
	proxy  *Proxy
	server func(context.Context) (net.Conn, error)
	tcp    net.Listener // nil for an in-memory listener

	ctx    context.Context // ends with the listener
	cancel context.CancelFunc
	accept sync.WaitGroup
}

// Listen returns an in-memory listener: for each connection made with its Dial the proxy calls dial to reach the
// server. It works in a synctest bubble if dial does. After Close of the proxy it refuses connections.
func (p *Proxy) Listen(dial func(ctx context.Context) (net.Conn, error)) *Listener {
	l := &Listener{proxy: p, server: dial}
	l.start()
	return l
}

// ListenTCP listens on a TCP address, such as "127.0.0.1:0", and carries what connects to the target. Both must be on
// the loopback: a proxy for tests has no business on a network.
func (p *Proxy) ListenTCP(addr, target string) (*Listener, error) {
	for _, a := range []string{addr, target} {
		if err := onLoopback(a); err != nil {
			return nil, fmt.Errorf("listen %s: %w", addr, err)
		}
	}
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &Listener{proxy: p, tcp: tcp, server: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", target)
	}}
	l.start()
	return l, nil
}

func onLoopback(addr string) error {
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return err
	}
	if !a.IP.IsLoopback() {
		return fmt.Errorf("%s is not on the loopback", addr)
	}
	return nil
}

// Addr returns the address clients connect to. That of an in-memory listener is a name without use.
func (l *Listener) Addr() net.Addr {
	if l.tcp != nil {
		return l.tcp.Addr()
	}
	return mempipe.Addr("fault")
}

// Dial connects to the server through the proxy. It may be called as often as needed, and returns the error of the
// server's dial, or one that is syscall.ECONNREFUSED when the proxy is down or closed, or the listener is.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	if l.tcp != nil {
		return new(net.Dialer).DialContext(ctx, "tcp", l.tcp.Addr().String())
	}
	era, ok := l.proxy.admit()
	if !ok || l.ctx.Err() != nil {
		return nil, &net.OpError{Op: "dial", Net: l.Addr().Network(), Addr: l.Addr(), Err: syscall.ECONNREFUSED}
	}
	server, err := l.server(ctx)
	if err != nil {
		return nil, err
	}
	client, near := mempipe.New(nil)
	l.proxy.pipe(era, near, server)
	return client, nil
}

// DialContext is Dial with the signature of http.Transport. It ignores network and address.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

// Close refuses new connections from now on. A second Close does nothing.
func (l *Listener) Close() error {
	l.stop()
	l.accept.Wait()
	return nil
}

func (l *Listener) start() {
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	if l.proxy.closed {
		l.halt()
		return
	}
	l.proxy.listeners[l] = struct{}{}
	if l.tcp != nil {
		l.accept.Add(1)
		l.proxy.work.Go(func() {
			defer l.accept.Done()
			l.acceptTCP()
		})
	}
}

func (l *Listener) stop() {
	l.proxy.mu.Lock()
	delete(l.proxy.listeners, l)
	l.proxy.mu.Unlock()
	l.halt()
}

func (l *Listener) halt() {
	l.cancel()
	if l.tcp != nil {
		_ = l.tcp.Close()
	}
}

// acceptTCP returns when the listener is closed. Each dial has its own goroutine, since a slow server must not hold up
// other clients.
func (l *Listener) acceptTCP() {
	var dials sync.WaitGroup
	defer dials.Wait()
	for {
		client, err := l.tcp.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of descriptors, say: try again, but not at once
			select {
			case <-time.After(10 * time.Millisecond):
			case <-l.ctx.Done():
			}
			continue
		}
		era, ok := l.proxy.admit()
		if !ok {
			abort(client)
			continue
		}
		dials.Go(func() {
			server, err := l.server(l.ctx)
			if err != nil {
				abort(client)
				return
			}
			l.proxy.pipe(era, client, server)
		})
	}
}
