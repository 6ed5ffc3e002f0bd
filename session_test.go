package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/internal/assert"
)

// cutter is a listener whose connections can be cut.
type cutter struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (l *cutter) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		l.conns = append(l.conns, c)
		l.mu.Unlock()
	}
	return c, err
}

func (l *cutter) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

// serveSessions serves an endpoint whose sockets can be cut.
func serveSessions[In, Out any](t *testing.T, e *tandem.Endpoint[struct{}, In, Out], o *tandem.ServeOptions,
	fn func(context.Context, struct{}, *tandem.Conn[In, Out]) error,
) (url string, lis *cutter) {
	t.Helper()
	if o == nil {
		o = &tandem.ServeOptions{}
	}
	o.Hub = tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(e.Handler(fn, o))
	server := httptest.NewUnstartedServer(mux)
	lis = &cutter{Listener: server.Listener}
	server.Listener = lis
	server.Start()
	t.Cleanup(func() {
		assert.NoError(t, o.Hub.Shutdown(context.Background())) // sessions without a socket too
		server.Close()
	})
	return server.URL, lis
}

// atOnce comes back without waiting.
var atOnce = &tandem.Reconnect{Min: time.Millisecond, Stable: time.Nanosecond}

// spell answers each number with its name.
func spell(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
	for n, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, fmt.Sprint(n)); err != nil {
			return err
		}
	}
	return nil
}

func newSpelling() *tandem.Endpoint[struct{}, int, string] {
	return &tandem.Endpoint[struct{}, int, string]{Path: "/s", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}}
}

// A handler and its client notice nothing of lost sockets.
func TestSession_resumes(t *testing.T) {
	e := newSpelling()
	var handlers atomic.Int32
	url, lis := serveSessions(t, e, nil, func(ctx context.Context, p struct{}, c *tandem.Conn[int, string]) error {
		handlers.Add(1)
		return spell(ctx, p, c)
	})
	c, err := e.Dial(t.Context(), url, struct{}{}, &tandem.DialOptions{Reconnect: atOnce})
	assert.NoError(t, err)
	const n = 2000
	go func() {
		for i := range n {
			if err := c.Send(t.Context(), i); err != nil {
				t.Error(err)
				return
			}
			if i%100 == 50 {
				lis.cut()
			}
		}
	}()
	for i := range n {
		m, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, m, fmt.Sprint(i))
	}
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	assert.Equal(t, handlers.Load(), 1)
	_, err = c.Recv(t.Context())
	assert.ErrorIs(t, err, tandem.ErrClosed)
}

// A session belongs to who opened it. Anybody else gets a new one, and is told.
func TestServeOptions_Principal_resumesItsOwnSessions(t *testing.T) {
	e := newSpelling()
	url, lis := serveSessions(t, e, &tandem.ServeOptions{Principal: func(ctx context.Context) string {
		return tandem.Request(ctx).Header.Get("X-User")
	}}, spell)
	retry := *atOnce
	user := "alice"
	retry.Prepare = func(_ context.Context, _ int, o *tandem.DialOptions) error {
		o.Header = map[string][]string{"X-User": {user}}
		return nil
	}
	c, err := e.Dial(t.Context(), url, struct{}{}, &tandem.DialOptions{Reconnect: &retry})
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	assert.Equal(t, c.Subprotocol(), "tandem.v1.cbor")
	assert.NoError(t, c.Send(t.Context(), 1))
	_, err = c.Recv(t.Context())
	assert.NoError(t, err)

	user = "mallory"
	lis.cut()
	_, err = c.Recv(t.Context())
	gap, ok := errors.AsType[*tandem.Gap[int]](err)
	assert.True(t, ok, err)
	assert.Equal(t, gap.Reason, "denied")
	assert.NoError(t, c.Send(t.Context(), 2)) // in a session of Mallory's own
	m, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, m, "2")
}

func TestDialOptions_Plain_isOneSocket(t *testing.T) {
	e := newSpelling()
	url, lis := serveSessions(t, e, nil, spell)
	c, err := e.Dial(t.Context(), url, struct{}{}, &tandem.DialOptions{Plain: true})
	assert.NoError(t, err)
	assert.Equal(t, c.Subprotocol(), "")
	assert.NoError(t, c.Send(t.Context(), 1))
	_, err = c.Recv(t.Context())
	assert.NoError(t, err)
	lis.cut()
	_, err = c.Recv(t.Context())
	assert.ErrorIs(t, err, tandem.ErrLost)
}
