package engine_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is that of either end; a server's has a patrol and a sweeper.
func config(client bool) *engine.Config {
	cfg := &engine.Config{
		Client:         client,
		MaxMessage:     1 << 20,
		MaxSend:        1 << 20,
		MaxFragments:   1024,
		MessageTimeout: 30 * time.Second,
		PingInterval:   25 * time.Second,
		PongTimeout:    10 * time.Second,
		WriteTimeout:   10 * time.Second,
		CloseTimeout:   5 * time.Second,
		QueueMessages:  256,
		QueueBytes:     1 << 20,
	}
	if !client {
		cfg.Patrol, cfg.Sweeper = new(engine.Patrol), new(engine.Sweeper)
	}
	return cfg
}

// pair gives the two ends of a connection over an in-memory stream.
func pair() (server, client *engine.Conn) {
	a, b := mempipe.New(nil)
	return engine.New(a, config(false), engine.Options{}), engine.New(b, config(true), engine.Options{})
}

// sockets gives the two ends of a connection over loopback.
func sockets(tb testing.TB) (server, client net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	b, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	return a, b
}

// tcpPair is pair over loopback.
func tcpPair(tb testing.TB) (server, client *engine.Conn) {
	tb.Helper()
	a, b := sockets(tb)
	return engine.New(a, config(false), engine.Options{}), engine.New(b, config(true), engine.Options{})
}

func echo(c *engine.Conn) error {
	ctx := context.Background()
	for {
		kind, p, err := c.Next(ctx)
		if err != nil {
			return err
		}
		b := c.Begin()
		b.Grow(len(p))
		b.B = append(b.B, p...)
		c.Done()
		if err := c.Commit(ctx, kind, b); err != nil {
			return err
		}
	}
}

func roundTrips(t *testing.T, server, client *engine.Conn) {
	t.Helper()
	ctx := context.Background()
	done := make(chan error, 1)
	go func() { done <- echo(server) }()
	for _, n := range []int{0, 1, 125, 126, 4095, 4096, 65535, 65536, 300000, 1 << 20} {
		want := bytes.Repeat([]byte{'x'}, n)
		if err := client.Send(ctx, wire.Binary, want); err != nil {
			t.Fatal(err)
		}
		_, got, err := client.Next(ctx)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came back as %d", n, len(got))
		}
		client.Done()
	}
	if err := client.Close(1000, "bye"); err != nil {
		t.Error("close:", err)
	}
	err := <-done
	if ce, ok := errors.AsType[*wire.CloseError](err); !ok || ce.Code != 1000 || ce.Reason != "bye" {
		t.Error("server ended with", err)
	}
}

func TestConn_memory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pair()
		roundTrips(t, server, client)
	})
}

func TestConn_tcp(t *testing.T) {
	server, client := tcpPair(t)
	roundTrips(t, server, client)
}

func TestConn_Next_contextCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pair()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := client.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		go echo(server)
		if err := client.Send(t.Context(), wire.Text, []byte("still here")); err != nil {
			t.Fatal(err)
		}
		_, p, err := client.Next(t.Context())
		if err != nil || string(p) != "still here" {
			t.Fatal(string(p), err)
		}
		client.Done()
		client.Close(1000, "")
	})
}

func TestConn_Ping_nobodyReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pair()
		if _, err := client.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		go server.Close(1000, "")
		if err := client.Close(1000, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	})
}

func TestConn_vanishedPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mempipe.New(nil)
		ended := make(chan error, 1)
		server := engine.New(a, config(false), engine.Options{Owner: onEnd(func(err error) { ended <- err })})
		began := time.Now()
		_, _, err := server.Next(t.Context())
		if _, ok := errors.AsType[*wire.LostError](err); !ok {
			t.Fatal(err)
		}
		if after := time.Since(began); after > 36*time.Second {
			t.Fatal("noticed only after", after)
		}
		<-ended
		b.Close()
	})
}

func BenchmarkEcho_memory(b *testing.B) {
	server, client := pair()
	benchmarkEcho(b, server, client)
}

func BenchmarkEcho_tcp(b *testing.B) {
	server, client := tcpPair(b)
	benchmarkEcho(b, server, client)
}

func benchmarkEcho(b *testing.B, server, client *engine.Conn) {
	b.Helper()
	go echo(server)
	ctx := b.Context()
	msg := bytes.Repeat([]byte{'x'}, 32)
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Send(ctx, wire.Binary, msg); err != nil {
			b.Fatal(err)
		}
		if _, _, err := client.Next(ctx); err != nil {
			b.Fatal(err)
		}
		client.Done()
	}
	client.Close(1000, "")
}

// onEnd is an owner that wants to know of the end only.
type onEnd func(error)

func (f onEnd) Ended(_ *engine.Conn, why error) {
	if f != nil {
		f(why)
	}
}

func (onEnd) Pending() {}
