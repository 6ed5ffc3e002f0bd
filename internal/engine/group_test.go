package engine_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"math/big"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// number is the payload of a numbered message, size bytes long or as many as it takes.
func number(n, size int) []byte {
	p := make([]byte, max(4, size))
	binary.BigEndian.PutUint32(p, uint32(n))
	return p
}

// numbers receives until the connection ends, and gives the messages' numbers.
func numbers(t *testing.T, c *engine.Conn) (got []int, err error) {
	t.Helper()
	for {
		_, p, err := c.Next(t.Context())
		if err != nil {
			return got, err
		}
		got = append(got, int(binary.BigEndian.Uint32(p)))
		c.Done()
	}
}

func upTo(from, to int) (all []int) {
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}

// members makes n connections and joins their servers' ends to a group. What the clients get comes from the function
// returned, which closes them.
func members(t *testing.T, g *engine.Group, n int) (servers []*engine.Conn, got func() [][]int) {
	t.Helper()
	all := make([][]int, n)
	var clients sync.WaitGroup
	for i := range n {
		a, b := mempipe.New(nil)
		cfg := config(false)
		cfg.QueueMessages = 5000 // in a burst the clients get to run late
		server, client := engine.New(a, cfg, engine.Options{}), engine.New(b, config(true), engine.Options{})
		g.Join(server)
		servers = append(servers, server)
		clients.Go(func() { all[i], _ = numbers(t, client) })
	}
	return servers, func() [][]int {
		synctest.Wait()
		for _, s := range servers {
			if err := s.Close(1000, ""); err != nil {
				t.Error(err)
			}
		}
		clients.Wait()
		return all
	}
}

func TestGroup_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		_, got := members(t, g, 5)
		for n := range 3000 { // more than may be pending
			g.Publish(wire.Binary, number(n, n%200))
		}
		for _, got := range got() {
			if !slices.Equal(got, upTo(0, 3000)) {
				t.Errorf("%d messages, or another order", len(got))
			}
		}
	})
}

// Who joins gets what is published from then on, also when others have not got yet what was published before.
func TestGroup_Join_behindPending(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			g := engine.NewGroup()
			servers, got := members(t, g, 1)
			for n := range 50 {
				g.Publish(wire.Binary, number(n, 0))
			}
			late, gotLate := members(t, g, 1)
			g.Join(late[0]) // again: no matter
			for n := range 50 {
				g.Publish(wire.Binary, number(50+n, 0))
			}
			g.Leave(servers[0])
			g.Leave(servers[0])
			for n := range 50 {
				g.Publish(wire.Binary, number(100+n, 0))
			}
			if got := got()[0]; !slices.Equal(got, upTo(0, len(got))) || len(got) > 150 {
				t.Errorf("the first got %v", got)
			}
			if got := gotLate()[0]; !slices.Equal(got, upTo(50, 150)) {
				t.Errorf("the second got %v", got)
			}
		})
	}
}

func TestGroup_Leave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		servers, got := members(t, g, 3)
		g.Publish(wire.Binary, number(0, 0))
		synctest.Wait()
		g.Leave(servers[0])
		g.Publish(wire.Binary, number(1, 0))
		synctest.Wait()
		g.Join(servers[0])
		g.Leave(servers[2])
		g.Publish(wire.Binary, number(2, 0))
		for i, want := range [][]int{{0, 2}, {0, 1, 2}, {0, 1}} {
			if got := got()[i]; !slices.Equal(got, want) {
				t.Errorf("member %d got %v, want %v", i, got, want)
			}
		}
	})
}

// stuck is a member whose peer takes nothing for now. pipe is the peer's end.
func stuck(policy engine.Overflow, queueMessages, queueBytes int, told func(error)) (server *engine.Conn, pipe *mempipe.Conn) {
	a, b := mempipe.Pair(&mempipe.Options{Buffer: 100})
	cfg := config(false)
	cfg.Overflow, cfg.QueueMessages, cfg.QueueBytes = policy, queueMessages, queueBytes
	return engine.New(a, cfg, engine.Options{Owner: onEnd(told)}), b
}

// A member that takes nothing is closed with 1013, and the others get everything.
func TestGroup_slowMember(t *testing.T) {
	for _, policy := range []engine.Overflow{engine.Block, engine.CloseSlow} {
		synctest.Test(t, func(t *testing.T) {
			g := engine.NewGroup()
			_, got := members(t, g, 3)
			slow, pipe := stuck(policy, 10, 1<<20, nil)
			g.Join(slow)
			for n := range 1000 {
				g.Publish(wire.Binary, number(n, 50))
				synctest.Wait()
			}
			if ce, ok := errors.AsType[*wire.CloseError](slow.Err()); !ok || ce.Code != 1013 {
				t.Error("the slow member:", slow.Err())
			}
			for _, got := range got() {
				if !slices.Equal(got, upTo(0, 1000)) {
					t.Errorf("%d messages, or another order", len(got))
				}
			}
			// What was accepted for the slow one arrives, and the Close frame behind it.
			client := engine.New(pipe, config(true), engine.Options{})
			late, err := numbers(t, client)
			if ce, ok := errors.AsType[*wire.CloseError](err); !ok || ce.Code != 1013 {
				t.Error("the slow member's peer:", err)
			}
			if !slices.Equal(late, upTo(0, len(late))) || len(late) < 10 || len(late) > 13 {
				t.Errorf("the slow member's peer got %v", late)
			}
			synctest.Wait()
		})
	}
}

// What is published at once and not taken is subject to the limits of the queue, as what is sent one by one.
func TestGroup_slowMember_limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		held := make(chan struct{})
		a, b := mempipe.Pair(nil)
		holder := engine.New(&holding{Conn: a, until: held}, config(false), engine.Options{})
		g.Join(holder)
		g.Publish(wire.Binary, number(0, 50))
		synctest.Wait() // the deliverer is held up
		slow, pipe := stuck(engine.Block, 10, 1<<20, nil)
		g.Join(slow)
		for n := range 500 {
			g.Publish(wire.Binary, number(n, 50))
		}
		close(held)
		synctest.Wait()
		if slow.Err() == nil {
			t.Error("500 messages are queued where 10 may be")
			slow.Abort(wire.ErrClosed)
		}
		client := engine.New(pipe, config(true), engine.Options{})
		late, err := numbers(t, client)
		if ce, ok := errors.AsType[*wire.CloseError](err); !ok || ce.Code != 1013 {
			t.Error("the slow member's peer:", err)
		}
		if !slices.Equal(late, upTo(0, len(late))) || len(late) > 13 {
			t.Errorf("the slow member's peer got %v", late)
		}
		holder.Abort(wire.ErrClosed)
		b.Close()
	})
}

// With DropOldest a slow member stays, and gets the newest.
func TestGroup_slowMember_dropOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		slow, pipe := stuck(engine.DropOldest, 10, 1<<20, nil)
		g.Join(slow)
		for n := range 500 {
			g.Publish(wire.Binary, number(n, 50))
		}
		synctest.Wait()
		client := engine.New(pipe, config(true), engine.Options{})
		done := make(chan []int)
		go func() {
			got, _ := numbers(t, client)
			done <- got
		}()
		synctest.Wait()
		if err := slow.Close(1000, ""); err != nil {
			t.Error(err)
		}
		got := <-done
		if !slices.IsSorted(got) || len(got) > 14 || len(got) < 10 || !slices.Equal(got[len(got)-10:], upTo(490, 500)) {
			t.Errorf("got %v", got)
		}
	})
}

// Publish waits when what is pending is too much, and goes on when there is room.
func TestGroup_Publish_bounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		held := make(chan struct{})
		a, b := mempipe.Pair(nil)
		hold := &holding{Conn: a, until: held}
		c := engine.New(hold, config(false), engine.Options{})
		g.Join(c)
		var published atomic.Int64
		go func() {
			for n := range 5000 {
				g.Publish(wire.Binary, number(n, 1000))
				published.Add(1)
			}
		}()
		synctest.Wait()
		if n := published.Load(); n < 256 || n > 2*264 { // what is pending, and as much in the deliverer's hand
			t.Error(n, "messages of 1000 bytes are pending")
		}
		client := engine.New(b, config(true), engine.Options{})
		done := make(chan []int)
		go func() {
			got, _ := numbers(t, client)
			done <- got
		}()
		close(held)
		synctest.Wait()
		if n := published.Load(); n != 5000 {
			t.Error("stopped at", n)
		}
		c.Close(1000, "")
		if got := <-done; !slices.Equal(got, upTo(0, len(got))) {
			t.Error("another order")
		}
	})
}

// holding is a stream whose writes, which must not block, do.
type holding struct {
	*mempipe.Conn
	until <-chan struct{}
}

func (h *holding) TryWrite(p []byte) (int, error) {
	<-h.until
	return h.Conn.TryWrite(p)
}

// A member that ends while it is served may join, leave and take others along.
func TestGroup_endsInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		servers, got := members(t, g, 2)
		var ended atomic.Int32
		var c *engine.Conn
		a, b := mempipe.Pair(nil)
		stream := &breaking{Conn: a}
		stream.left.Store(3)
		c = engine.New(stream, config(false), engine.Options{Owner: onEnd(func(error) {
			ended.Add(1)
			g.Leave(c)
			g.Leave(servers[1])
			g.Join(c) // what has ended gets nothing
		})})
		g.Join(c)
		for n := range 10 {
			g.Publish(wire.Binary, number(n, 0))
			synctest.Wait()
		}
		g.Leave(c)
		if ended.Load() != 1 {
			t.Error(ended.Load(), "ends")
		}
		all := got()
		if !slices.Equal(all[0], upTo(0, 10)) || !slices.Equal(all[1], upTo(0, len(all[1]))) || len(all[1]) > 3 {
			t.Errorf("the others got %v", all)
		}
		b.Close()
	})
}

func TestGroup_closedMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := engine.NewGroup()
		servers, got := members(t, g, 3)
		servers[1].Close(1000, "")
		gone, client := pair()
		gone.Abort(wire.ErrClosed)
		g.Join(gone)
		for n := range 100 {
			g.Publish(wire.Text, number(n, 0)) // all of it ASCII
		}
		for i, want := range []int{100, 0, 100} {
			if got := got()[i]; !slices.Equal(got, upTo(0, want)) {
				t.Errorf("member %d got %d messages", i, len(got))
			}
		}
		client.Abort(wire.ErrClosed)
	})
}

// Streams that cannot be written without blocking, as TLS, get the same.
func TestGroup_tls(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		a, err := l.Accept()
		if err != nil {
			t.Error(err)
		} else if err := a.(*tls.Conn).HandshakeContext(t.Context()); err != nil {
			t.Error(err)
		}
		accepted <- a
	}()
	b, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(false)
	cfg.QueueMessages, cfg.QueueBytes = 5000, 10<<20
	foreign := engine.New(<-accepted, cfg, engine.Options{})
	client := engine.New(b, config(true), engine.Options{})
	g := engine.NewGroup()
	g.Join(foreign)
	go func() {
		for n := range 1000 {
			g.Publish(wire.Binary, number(n, 300))
			if n%100 == 0 { // among others
				if err := foreign.Send(t.Context(), wire.Text, []byte("own")); err != nil {
					t.Error(err)
				}
			}
		}
		g.Publish(wire.Binary, number(1000, 100000))
	}()
	for want := 0; want <= 1000; {
		kind, p, err := client.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if kind == wire.Binary {
			if n := int(binary.BigEndian.Uint32(p)); n != want {
				t.Fatalf("%d instead of %d", n, want)
			}
			want++
		}
		client.Done()
	}
	go func() { _, _, _ = client.Next(t.Context()) }()
	if err := foreign.Close(1000, ""); err != nil {
		t.Error(err)
	}
}

// Members come and go, send on their own, and are closed, while several publish.
func TestGroup_stress(t *testing.T) {
	const publishers, each = 4, 300
	g := engine.NewGroup()
	var all, clients sync.WaitGroup
	for range 8 {
		server, client := tcpPair(t)
		clients.Go(func() {
			last := [publishers]int{}
			for {
				kind, p, err := client.Next(t.Context())
				if err != nil {
					return
				}
				if kind == wire.Binary {
					n := int(binary.BigEndian.Uint32(p))
					if from := int(p[4]); n <= last[from] {
						t.Errorf("message %d of publisher %d behind %d", n, from, last[from])
					} else {
						last[from] = n
					}
				}
				client.Done()
				if kind == wire.Binary {
					_ = client.Send(t.Context(), wire.Text, []byte("and back"))
				}
			}
		})
		all.Go(func() {
			clients.Go(func() { _ = echo(server) })
			for range 30 {
				g.Join(server)
				if err := server.Send(t.Context(), wire.Text, []byte("own")); err != nil {
					break // too slow
				}
				g.Leave(server)
			}
			g.Join(server)
		})
		defer server.Close(1000, "")
	}
	for p := range publishers {
		all.Go(func() {
			for n := range each {
				msg := number(n+1, 5+n%300)
				msg[4] = byte(p)
				g.Publish(wire.Binary, msg)
			}
		})
	}
	all.Wait()
	t.Cleanup(clients.Wait)
}
