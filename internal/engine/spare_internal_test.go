package engine

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// spareConfig has nothing in it that happens by itself.
func spareConfig(client bool) *Config {
	return &Config{Client: client, MaxMessage: 1 << 20, MaxSend: 1 << 20, CloseTimeout: time.Second, QueueMessages: 100, QueueBytes: 1 << 20}
}

// echoOne answers one message.
func echoOne(t *testing.T, c *Conn) {
	t.Helper()
	kind, p, err := c.Next(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	if err := c.Send(t.Context(), kind, p); err != nil {
		t.Error(err)
	}
	c.Done()
}

// wantNoSpare is for a connection whose goroutines all wait.
func wantNoSpare(t *testing.T, c *Conn) {
	t.Helper()
	if c.wr.spare != nil {
		t.Errorf("%d bytes are kept while nothing happens", cap(c.wr.spare.B))
	}
	if c.wr.batch != nil || c.wr.out != nil || c.wr.queue != nil {
		t.Error("something is unwritten while nothing happens")
	}
}

// spareTest runs play with a server's end and the bytes of its client, and looks at what is kept once everything rests.
func spareTest(t *testing.T, play func(t *testing.T, server *Conn, client *mempipe.Conn)) {
	t.Helper()
	for _, sweeper := range []*Sweeper{nil, new(Sweeper)} {
		synctest.Test(t, func(t *testing.T) {
			a, b := mempipe.Pair(nil)
			cfg := spareConfig(false)
			cfg.Sweeper = sweeper
			server := New(a, cfg, Options{})
			play(t, server, b)
			time.Sleep(time.Second) // of the fake clock, for the watcher
			synctest.Wait()
			wantNoSpare(t, server)
			server.Abort(wire.ErrClosed)
			b.Close()
		})
	}
}

func write(t *testing.T, b *mempipe.Conn, frames ...[]byte) {
	t.Helper()
	var all []byte
	for _, f := range frames {
		all = append(all, f...)
	}
	if _, err := b.Write(all); err != nil {
		t.Error(err)
	}
}

var (
	pingFrame    = appendFrame(nil, wire.Ping, []byte("ping"), true)
	messageFrame = appendFrame(nil, wire.Binary, []byte("message"), true)
)

func TestWriter_spare_idle(t *testing.T) {
	spareTest(t, func(t *testing.T, server *Conn, client *mempipe.Conn) {
		write(t, client, messageFrame)
		echoOne(t, server)
		go func() { _, _, _ = server.Next(t.Context()) }()
	})
}

// The pong is what the reader has to write before it waits, so the writer is not idle then.
func TestWriter_spare_pingThenIdle(t *testing.T) {
	spareTest(t, func(t *testing.T, server *Conn, client *mempipe.Conn) {
		write(t, client, messageFrame)
		echoOne(t, server)
		write(t, client, pingFrame)
		go func() { _, _, _ = server.Next(t.Context()) }()
	})
}

// A program that has stopped to receive keeps nothing for sending, though messages lie unread.
func TestWriter_spare_nobodyReceives(t *testing.T) {
	spareTest(t, func(t *testing.T, server *Conn, client *mempipe.Conn) {
		write(t, client, messageFrame, messageFrame)
		echoOne(t, server)
		for range 2 * batchMsgs { // more than are put off
			if err := server.Send(t.Context(), wire.Binary, []byte("pushed")); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if server.rd.ahead.Load() != waiting {
			t.Error("answers are still expected")
		}
	})
}

// Others write while the reader gets ready to wait.
func TestWriter_spare_othersSend(t *testing.T) {
	for range 300 {
		spareTest(t, func(t *testing.T, server *Conn, client *mempipe.Conn) {
			g := NewGroup()
			g.Join(server)
			var all sync.WaitGroup
			all.Go(func() {
				for range 20 {
					write(t, client, messageFrame)
					echoOne(t, server)
				}
				_, _, _ = server.Next(t.Context())
			})
			all.Go(func() {
				for range 20 {
					g.Publish(wire.Binary, []byte("to all"))
				}
			})
			all.Go(func() {
				for range 20 {
					_ = server.Send(t.Context(), wire.Ping, nil)
				}
			})
			all.Go(func() {
				for range 20 {
					_ = server.Send(t.Context(), wire.Binary, []byte("pushed"))
				}
			})
			synctest.Wait()
		})
	}
}
