package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// patrolled gives both ends of a connection, of which the server's has a configuration that it shares.
func patrolled(t *testing.T, cfg *engine.Config) (client, server *engine.Conn) {
	t.Helper()
	a, b := mempipe.New(nil)
	server, client = engine.New(a, cfg, engine.Options{}), engine.New(b, config(true), engine.Options{})
	t.Cleanup(func() {
		client.Abort(wire.ErrClosed)
		server.Abort(wire.ErrClosed)
	})
	return client, server
}

// Connections that share a patrol answer pings within 100 ms while nobody receives, however many they are and whenever they
// came, and the patrol rests when all receive.
func TestPatrol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(false)
		cfg.PingInterval = 0
		const n = 20
		for i := range n {
			client, server := patrolled(t, cfg)
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			began := time.Now()
			_, err := client.Ping(t.Context()) // nobody receives at the server
			assert.NoError(t, err)
			took := time.Since(began)
			assert.True(t, took <= 100*time.Millisecond, i, took)

			go func() { // and now somebody does
				for {
					if _, _, err := server.Next(context.Background()); err != nil {
						return
					}
					server.Done()
				}
			}()
			for range 3 {
				assert.NoError(t, client.Send(t.Context(), wire.Text, []byte("hi")))
				time.Sleep(time.Second)
			}
			began = time.Now()
			_, err = client.Ping(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, time.Since(began), 0)
		}
	})
}

// A handler that does not receive learns that its client has gone.
func TestPatrol_noticesTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := patrolled(t, config(false))
		time.Sleep(time.Hour)
		client.Abort(wire.ErrClosed)
		time.Sleep(100 * time.Millisecond)
		assert.True(t, server.Err() != nil, "nobody has noticed")
	})
}
