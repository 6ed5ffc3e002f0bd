package tandem

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tandem-ws/tandem/bench/rivals/rival"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
	"github.com/tandem-ws/tandem/internal/wire"
)

// fanout is the engine's group, which is to carry topics, behind the handshake of the library.
type fanout struct{ group *engine.Group }

func newFanout() rival.Fanout { return fanout{engine.NewGroup()} }

// cfg has the defaults of the library.
var cfg = &engine.Config{
	MaxMessage: rival.MaxMessage, MaxSend: rival.MaxMessage, MaxFragments: 1024, MessageTimeout: 30 * time.Second,
	PingInterval: 25 * time.Second, PongTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, CloseTimeout: 5 * time.Second,
	QueueMessages: 256, QueueBytes: 1 << 20,
}

func (f fanout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := handshake.Check(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	conn, buffered, err := handshake.Accept(w, r, "")
	if err != nil {
		return
	}
	c := engine.New(conn, cfg, engine.Options{Buffered: buffered})
	f.group.Join(c)
	go func() {
		defer f.group.Leave(c)
		for {
			if _, _, err := c.Next(context.Background()); err != nil {
				if _, closed := errors.AsType[*wire.CloseError](err); !closed {
					c.Abort(err)
				}
				return
			}
			c.Done()
		}
	}()
}

func (f fanout) Publish(payload []byte, times int) {
	for range times {
		f.group.Publish(wire.Text, payload)
	}
}
