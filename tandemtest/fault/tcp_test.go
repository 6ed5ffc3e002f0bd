package fault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// overTCP runs test with one connection over real sockets. Tests here wait for what happens, never for time to pass.
func overTCP(t *testing.T, test func(t *testing.T, p *fault.Proxy, client, server net.Conn)) {
	t.Helper()
	p := newProxy(t, nil)
	dial := listenTCP(t, p)
	client, server := dial()
	test(t, p, client, server)
}

// listenTCP starts a server behind the proxy. The function it returns makes a connection.
func listenTCP(t *testing.T, p *fault.Proxy) (dial func() (client, server net.Conn)) {
	t.Helper()
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		assert.Missing(t, "no loopback: "+err.Error())
	}
	t.Cleanup(func() { _ = target.Close() })
	l, err := p.ListenTCP("127.0.0.1:0", target.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return func() (client, server net.Conn) {
		t.Helper()
		client, err := l.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		server, err = target.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = client.Close(), server.Close() })
		return client, server
	}
}

func TestTCP_withoutFaults(t *testing.T) {
	overTCP(t, func(t *testing.T, p *fault.Proxy, client, server net.Conn) {
		text := strings.Repeat("0123456789", 100_000)
		go write(t, client, text)
		read(t, server, text)
		write(t, server, "back")
		read(t, client, "back")
		if n := p.Bytes(fault.Both); n != int64(len(text)+4) {
			t.Errorf("%d bytes counted", n)
		}
		_ = client.(*net.TCPConn).CloseWrite()
		wantEnd(t, server, io.EOF)
		write(t, server, "after the half close")
		_ = server.Close()
		if got := wantEnd(t, client, io.EOF); got != "after the half close" {
			t.Errorf("got %q", got)
		}
	})
}

func TestTCP_CutAfter(t *testing.T) {
	overTCP(t, func(t *testing.T, p *fault.Proxy, client, server net.Conn) {
		write(t, client, "hello")
		read(t, server, "hello")
		p.On(fault.ServerToClient).CutAfter(4)
		go func() { _, _ = io.WriteString(client, "bytes nobody reads must not make a reset of it") }()
		write(t, server, "0123456789")
		if got := wantEnd(t, client, io.EOF); got != "0123" {
			t.Errorf("got %q", got)
		}
		wantEnd(t, server, io.EOF)
	})
}

func TestTCP_ResetAfter(t *testing.T) {
	overTCP(t, func(t *testing.T, p *fault.Proxy, client, server net.Conn) {
		p.On(fault.ClientToServer).ResetAfter(4)
		write(t, client, "0123456789")
		if got := wantEnd(t, server, syscall.ECONNRESET); got != "0123" {
			t.Errorf("got %q", got)
		}
		wantEnd(t, client, syscall.ECONNRESET)
	})
}

func TestTCP_carriesReset(t *testing.T) {
	overTCP(t, func(t *testing.T, _ *fault.Proxy, client, server net.Conn) {
		_ = client.(*net.TCPConn).SetLinger(0)
		_ = client.Close()
		wantEnd(t, server, syscall.ECONNRESET)
	})
}

func TestTCP_Hold(t *testing.T) {
	overTCP(t, func(t *testing.T, p *fault.Proxy, client, server net.Conn) {
		p.On(fault.ClientToServer).Hold()
		write(t, client, "held")
		_ = client.(*net.TCPConn).CloseWrite()
		wantSilence(t, server, 50*time.Millisecond)
		p.On(fault.ClientToServer).Release()
		if got := wantEnd(t, server, io.EOF); got != "held" {
			t.Errorf("got %q", got)
		}
	})
}

func TestTCP_DelayAndBandwidth(t *testing.T) {
	overTCP(t, func(t *testing.T, p *fault.Proxy, client, server net.Conn) {
		p.On(fault.ClientToServer).Delay(30*time.Millisecond, 0).Bandwidth(10_000)
		start := time.Now()
		text := strings.Repeat("x", 1000)
		write(t, client, text)
		read(t, server, text)
		// Real timers are never early; how late they are is not ours to test.
		if took := time.Since(start); took < 110*time.Millisecond {
			t.Errorf("took %v, want 30ms of delay and 100ms for the bytes, less 20ms of catching up", took)
		}
	})
}

func TestTCP_Kill(t *testing.T) {
	p := newProxy(t, nil)
	dial := listenTCP(t, p)
	client, server := dial()
	p.Kill()
	wantEnd(t, client, syscall.ECONNRESET)
	wantEnd(t, server, syscall.ECONNRESET)
	client, server = dial()
	write(t, client, "a new one works")
	read(t, server, "a new one works")
}

func TestTCP_Down(t *testing.T) {
	p := newProxy(t, nil)
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		assert.Missing(t, "no loopback: "+err.Error())
	}
	defer target.Close()
	l, err := p.ListenTCP("127.0.0.1:0", target.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p.Down()
	refused := func() error {
		c, err := l.Dial(t.Context())
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
		return err
	}
	if err := refused(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("while down: %v, want a reset", err)
	}
	p.Up()
	_ = target.Close()
	if err := refused(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("with a target that is not there: %v, want a reset", err)
	}
	_ = l.Close()
	if err := refused(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after Close: %v, want a refusal", err)
	}
}

func TestTCP_loopbackOnly(t *testing.T) {
	p := newProxy(t, nil)
	for _, addrs := range [][2]string{{"0.0.0.0:0", "127.0.0.1:1"}, {":0", "127.0.0.1:1"}, {"127.0.0.1:0", "192.0.2.1:80"}} {
		if l, err := p.ListenTCP(addrs[0], addrs[1]); err == nil {
			t.Errorf("ListenTCP(%s, %s) listens on %v", addrs[0], addrs[1], l.Addr())
		}
	}
}

// TestTCP_churn exists for the race detector: connections come and go while every fault changes.
func TestTCP_churn(t *testing.T) {
	p := newProxy(t, nil)
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		assert.Missing(t, "no loopback: "+err.Error())
	}
	var servers, clients sync.WaitGroup
	servers.Go(func() {
		for {
			c, err := target.Accept()
			if err != nil {
				return
			}
			servers.Go(func() {
				defer c.Close()
				_, _ = io.Copy(c, struct{ io.Reader }{c})
			})
		}
	})
	l, err := p.ListenTCP("127.0.0.1:0", target.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				c, err := l.Dial(ctx)
				if err != nil {
					continue
				}
				stop := context.AfterFunc(ctx, func() { _ = c.Close() })
				_, _ = c.Write(make([]byte, 5000))
				_, _ = io.ReadFull(c, make([]byte, 5000))
				stop()
				_ = c.Close()
			}
		})
	}
	for i := range 40 {
		f := p.On([]fault.Direction{fault.ClientToServer, fault.ServerToClient, fault.Both}[i%3])
		f.Delay(time.Microsecond, time.Microsecond).Slice(1000).Bandwidth(1 << 30).Corrupt(0.1)
		f.CutAfter(int64(i * 100)).Hold().Release().ResetAfter(int64(i * 150)).CutIdle(time.Millisecond)
		_ = p.String()
		if i%10 == 0 {
			p.Kill()
			p.Down()
			p.Up()
		}
		if i%4 == 0 {
			f.Clear()
			if c, err := l.Dial(ctx); err == nil { // gives the others the time of a round trip
				_ = c.SetDeadline(time.Now().Add(10 * time.Millisecond))
				_, _ = c.Write([]byte("x"))
				_, _ = c.Read(make([]byte, 1))
				_ = c.Close()
			}
		}
	}
	cancel()
	_ = p.Close()
	_ = target.Close()
	clients.Wait()
	servers.Wait()
}
