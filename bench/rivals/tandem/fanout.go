package tandem

import (
	"context"
	"net/http"
	"sync"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// conn is a connection that messages are pushed to.
type conn = tandem.Conn[[]byte, []byte]

// push sends a message to all connections, so many times. This is the place where a primitive that encodes once and
// shares the frame among all connections is put in: give the connections to it instead of looping over them.
func push(ctx context.Context, conns map[*conn]struct{}, payload []byte, times int) {
	for range times {
		for c := range conns {
			_ = c.Send(ctx, payload) // a peer that has left is removed by its handler
		}
	}
}

type fanout struct {
	http.Handler
	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newFanout() rival.Fanout {
	f := &fanout{conns: map[*conn]struct{}{}}
	e := &tandem.Endpoint[struct{}, []byte, []byte]{Path: rival.FanoutPath, Codec: verbatim{}, Limits: limits}
	_, f.Handler = e.Handler(f.serve, nil)
	return f
}

func (f *fanout) serve(ctx context.Context, _ struct{}, c *conn) error {
	f.mu.Lock()
	f.conns[c] = struct{}{}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fanout) Publish(payload []byte, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	push(context.Background(), f.conns, payload, times)
}

// verbatim is a codec for messages that are encoded already, because here only their way is measured.
type verbatim struct{}

func (verbatim) Name() string                { return "verbatim" }
func (verbatim) FrameKind() tandem.FrameKind { return tandem.FrameText }

func (verbatim) Append(dst []byte, v any) ([]byte, error) { return append(dst, *v.(*[]byte)...), nil }

func (verbatim) Decode(src []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), src...)
	return nil
}
