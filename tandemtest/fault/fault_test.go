package fault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The ends of these tests: the client is what a user's Dial returned, the server what a user's Accept returned.

// inMemory runs test in a synctest bubble with one connection through a proxy. Its time is virtual and exact, and it
// fails if a goroutine is left or stuck.
func inMemory(t *testing.T, o *fault.Options, test func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newProxy(t, o)
		client, server := connect(t, p)
		test(t, p, client, server)
	})
}

func newProxy(t *testing.T, o *fault.Options) *fault.Proxy {
	p := fault.New(o)
	t.Cleanup(func() {
		_ = p.Close()
		if t.Failed() {
			t.Log(p)
		}
	})
	return p
}

func connect(t *testing.T, p *fault.Proxy) (client, server *mempipe.Conn) {
	t.Helper()
	client, near := mempipe.Pair(nil)
	far, server := mempipe.Pair(nil)
	t.Cleanup(func() { _, _ = client.Close(), server.Close() })
	p.Pipe(near, far)
	return client, server
}

// eachWay runs test for both directions: a fault on d must act on what from sends to to.
func eachWay(
	t *testing.T, o *fault.Options,
	test func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn),
) {
	t.Helper()
	t.Run("client to server", func(t *testing.T) {
		inMemory(t, o, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
			test(t, p, fault.ClientToServer, client, server)
		})
	})
	t.Run("server to client", func(t *testing.T) {
		inMemory(t, o, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
			test(t, p, fault.ServerToClient, server, client)
		})
	})
}

// write may run in any goroutine, so it does not stop the test.
func write(t testing.TB, w io.Writer, s string) {
	t.Helper()
	if n, err := io.WriteString(w, s); n != len(s) || err != nil {
		t.Errorf("Write(%q) = %d, %v", s, n, err)
	}
}

func read(t testing.TB, r io.Reader, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if n, err := io.ReadFull(r, buf); err != nil || string(buf) != want {
		t.Fatalf("read %q, %v, want %q", buf[:n], err, want)
	}
}

// wantEnd reads r to its end, which must be want, and returns the bytes before it.
func wantEnd(t testing.TB, r io.Reader, want error) string {
	t.Helper()
	got, err := io.ReadAll(r)
	if err == nil {
		err = io.EOF
	}
	if !errors.Is(err, want) {
		t.Errorf("the stream ends with %v after %q, want %v", err, got, want)
	}
	return string(got)
}

// wantSilence checks that nothing comes in, not an end either.
func wantSilence(t testing.TB, c net.Conn, d time.Duration) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(d))
	defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	n, err := c.Read(make([]byte, 1))
	var timeout net.Error
	if n != 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("Read = %d, %v, want silence", n, err)
	}
}

func TestProxy_withoutFaults(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		start := time.Now()
		big := strings.Repeat("0123456789", 100_000)
		go write(t, from, big)
		read(t, to, big)
		if n := p.Bytes(d); n != int64(len(big)) {
			t.Errorf("%d bytes counted, want %d", n, len(big))
		}
		if n := p.Bytes(fault.Both - d); n != 0 {
			t.Errorf("%d bytes counted the other way", n)
		}
		write(t, to, "back")
		read(t, from, "back")
		if n := p.Bytes(fault.Both); n != int64(len(big)+4) {
			t.Errorf("%d bytes counted in both directions", n)
		}
		if !time.Now().Equal(start) {
			t.Errorf("took %v", time.Since(start))
		}
	})
}

func TestProxy_carriesHalfClose(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, _ fault.Direction, from, to *mempipe.Conn) {
		write(t, from, "question")
		_ = from.CloseWrite()
		if got := wantEnd(t, to, io.EOF); got != "question" {
			t.Errorf("got %q", got)
		}
		time.Sleep(time.Hour)
		write(t, to, "answer")
		_ = to.Close()
		if got := wantEnd(t, from, io.EOF); got != "answer" {
			t.Errorf("got %q", got)
		}
		synctest.Wait()
		if open, total := p.Conns(); open != 0 || total != 1 {
			t.Errorf("%d of %d connections open, want 0 of 1", open, total)
		}
	})
}

func TestProxy_carriesReset(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		p.On(d).Delay(time.Second, 0)
		start := time.Now()
		_ = from.Reset()
		wantEnd(t, to, syscall.ECONNRESET)
		if took := time.Since(start); took < time.Second || took > 1100*time.Millisecond {
			t.Errorf("the reset took %v, want the delay", took)
		}
		synctest.Wait()
		if open, _ := p.Conns(); open != 0 {
			t.Errorf("%d connections open", open)
		}
	})
}

// A closed peer answers bytes with a reset, which has to come back to who sent them.
func TestProxy_carriesResetBack(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, _ *fault.Proxy, _ fault.Direction, from, to *mempipe.Conn) {
		_ = to.Close()
		wantEnd(t, from, io.EOF)
		write(t, from, "to nobody")
		synctest.Wait()
		time.Sleep(time.Second)
		if _, err := from.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Write to a closed peer: %v, want a reset", err)
		}
	})
}

func TestProxy_Pipe_withoutHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProxy(t, nil)
		client, near := net.Pipe()
		far, server := net.Pipe()
		p.Pipe(near, far)
		go write(t, client, "hello")
		read(t, server, "hello")
		_ = client.Close()
		wantEnd(t, server, io.EOF)
		_ = server.Close()
	})
}

// The proxy must not take more from a sender than it says.
func TestProxy_Buffer(t *testing.T) {
	inMemory(t, &fault.Options{Buffer: 1000}, func(t *testing.T, p *fault.Proxy, client, _ *mempipe.Conn) {
		p.On(fault.ClientToServer).Hold()
		n := 0
		for {
			synctest.Wait()
			k, err := client.TryWrite(make([]byte, 100_000))
			if err != nil {
				t.Fatal(err)
			}
			if n += k; k == 0 {
				break
			}
		}
		if want := 1000 + 64<<10; n != want { // and the connection's own buffer
			t.Errorf("%d bytes taken, want %d", n, want)
		}
	})
}

func TestProxy_Kill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProxy(t, nil)
		client, server := connect(t, p)
		held, _ := connect(t, p)
		p.On(fault.Both).Hold()
		p.Kill()
		p.On(fault.Both).Release()
		for _, c := range []net.Conn{client, server, held} {
			wantEnd(t, c, syscall.ECONNRESET)
		}
		if open, total := p.Conns(); open != 0 || total != 2 {
			t.Errorf("%d of %d connections open, want 0 of 2", open, total)
		}
		client, server = connect(t, p)
		write(t, client, "a new one works")
		read(t, server, "a new one works")
	})
}

// A connection whose server is still being dialled counts as current.
func TestProxy_Kill_whileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProxy(t, nil)
		target := mempipe.Listen()
		defer target.Close()
		l := p.Listen(func(ctx context.Context) (net.Conn, error) {
			time.Sleep(time.Second)
			return target.Dial(ctx)
		})
		time.AfterFunc(500*time.Millisecond, p.Kill)
		client, err := l.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		server, _ := target.Accept()
		wantEnd(t, client, syscall.ECONNRESET)
		wantEnd(t, server, syscall.ECONNRESET)
	})
}

func TestProxy_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fault.New(nil)
		client, server := connect(t, p)
		stuck, _ := connect(t, p)
		p.On(fault.ClientToServer).Delay(time.Hour, 0)
		write(t, stuck, strings.Repeat("never delivered", 10_000)) // more than the proxy takes
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		wantEnd(t, client, io.EOF)
		wantEnd(t, server, io.EOF)
		if _, err := stuck.Write([]byte("x")); err == nil {
			t.Error("the connection is open")
		}
		late, _ := connect(t, p)
		wantEnd(t, late, syscall.ECONNRESET)
		if err := p.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

func TestProxy_String(t *testing.T) {
	p := newProxy(t, &fault.Options{Seed: 42})
	p.On(fault.ClientToServer).Delay(time.Second, time.Millisecond).Bandwidth(5).Slice(6).Hold()
	p.On(fault.ServerToClient).Corrupt(0.5).CutAfter(7).CutIdle(time.Minute).ResetAfter(8)
	const want = "fault proxy, seed 42, 0 of 0 connections open; " +
		"client to server: 0 bytes (delay 1s±1ms, 5 bytes/s, slices up to 6, held); " +
		"server to client: 0 bytes (corrupt 0.5, cut after 7, reset after 8, cut idle 1m0s)"
	if got := p.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	p.On(fault.Both).Clear()
	const cleared = "fault proxy, seed 42, 0 of 0 connections open; client to server: 0 bytes; server to client: 0 bytes"
	if got := p.String(); got != cleared {
		t.Errorf("got  %s\nwant %s", got, cleared)
	}
}

func TestProxy_On_panicsOnOther(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	fault.New(nil).On(0)
}

func TestListener_inMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProxy(t, nil)
		target := mempipe.Listen()
		defer target.Close()
		l := p.Listen(target.Dial)

		talk := func() (client, server net.Conn) {
			t.Helper()
			client, err := l.DialContext(t.Context(), "tcp", "server:80")
			if err != nil {
				t.Fatal(err)
			}
			server, err = target.Accept()
			if err != nil {
				t.Fatal(err)
			}
			write(t, client, "hello")
			read(t, server, "hello")
			return client, server
		}
		wantRefused := func(what string) {
			t.Helper()
			if _, err := l.Dial(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("Dial %s: %v, want a refusal", what, err)
			}
		}

		client, _ := talk()
		p.Down()
		wantEnd(t, client, syscall.ECONNRESET)
		wantRefused("while down")
		p.Up()
		client, server := talk()
		_ = l.Close()
		wantRefused("after Close")
		write(t, client, "lives on")
		read(t, server, "lives on")

		l = p.Listen(func(context.Context) (net.Conn, error) { return nil, io.ErrUnexpectedEOF })
		if _, err := l.Dial(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("Dial: %v, want the error of the server's dial", err)
		}
		_ = p.Close()
		wantRefused("after the proxy's Close")
		l = p.Listen(target.Dial)
		wantRefused("of a listener made after the proxy's Close")
	})
}
