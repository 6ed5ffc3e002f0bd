package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// A program that waits a second at a time must learn of a silent peer as soon as one that waits for ever.
func TestConn_vanishedPeer_shortWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mempipe.New(nil)
		server := engine.New(a, config(false), engine.Options{})
		began := time.Now()
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _, err := server.Next(ctx)
			cancel()
			if _, ok := errors.AsType[*wire.LostError](err); ok {
				break
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			if time.Since(began) > 2*time.Minute {
				t.Error("a silent peer went unnoticed")
				server.Abort(wire.ErrClosed)
				break
			}
		}
		b.Close()
	})
}

// A peer whose pong lies behind messages not yet worked on is alive, however slow the program is.
func TestConn_busyReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mempipe.New(nil)
		patient := config(true)
		patient.PingInterval = 0 // its pings wait too
		server, client := engine.New(a, config(false), engine.Options{}), engine.New(b, patient, engine.Options{})
		go func() {
			for range 40 { // fewer than a turn, in one read
				if err := client.Send(t.Context(), wire.Binary, []byte("work")); err != nil {
					t.Error(err)
				}
			}
			_ = echo(client) // and answer pings
		}()
		synctest.Wait()
		for range 40 {
			if _, _, err := server.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second) // with the message in hand, so with the right to read
			server.Done()
		}
		if err := server.Close(1000, ""); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}
