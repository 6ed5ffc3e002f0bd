package bolt_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/store/bolt"
	"github.com/tandem-ws/tandem/tandemtest"
)

var squares = &tandem.Endpoint[struct{}, int, int]{Path: "/squares", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}}

// A server that is restarted behind one address, again and again, loses nothing: each message is answered once and in
// order, by whichever process.
func TestStore_rollingRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions")
	site := tandemtest.NewSite(t, nil)
	last := 0 // handlers come one after the other
	serve := func(n *tandemtest.Node) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(squares.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[int, int]) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				if m != last+1 {
					t.Errorf("took %d after %d", m, last)
				}
				last = m
				if err := c.Send(ctx, m*m); err != nil {
					return err
				}
			}
			return nil
		}, &tandem.ServeOptions{Hub: n.Hub, Store: n.Store}))
		return mux
	}
	open := func() (*tandemtest.Node, *bolt.Store) {
		store, err := bolt.Open(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		return site.Start(store, serve), store
	}
	node, store := open()
	c, err := squares.Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{
		Transport: site.Transport(), Reconnect: &tandem.Reconnect{Min: time.Millisecond, Max: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	const messages, restarts = 3000, 10
	go func() {
		for m := 1; m <= messages; m++ {
			if err := c.Send(t.Context(), m); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for m := 1; m <= messages; m++ {
		got, err := c.Recv(t.Context())
		if err != nil || got != m*m {
			t.Fatalf("answer %d: %d, %v", m, got, err)
		}
		if m%(messages/restarts) == 0 && m < messages {
			node.Stop()
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			node, store = open()
		}
	}
	if err := c.Close(tandem.CodeNormal, ""); err != nil {
		t.Error(err)
	}
	if n := c.Session().Info().Resumes; n != restarts-1 {
		t.Errorf("%d resumes, want %d", n, restarts-1)
	}
	node.Stop()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
