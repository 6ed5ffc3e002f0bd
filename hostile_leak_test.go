package tandem_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// tracked is a stream that tells when the connection on it is out of memory.
type tracked struct{ net.Conn }

// A program's context outlives its connections and must not keep them in memory.
func TestConcurrent_contextKeepsNothing(t *testing.T) {
	e := newBytes(tandem.Limits{})
	s := onLoopback(t, e, plainHandler(func(context.Context, *bytesConn) error { return nil }), nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const conns = 20
	var kept []weak.Pointer[tracked]
	for i := range conns {
		func() {
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
				conn, err := s.dial()
				c := &tracked{conn}
				kept = append(kept, weak.Make(c))
				return c, err
			}}
			c, err := e.Dial(t.Context(), "ws://tandem.test", struct{}{}, &tandem.DialOptions{Transport: tandem.HTTPClient(&http.Client{Transport: transport})})
			assert.NoError(t, err)
			if i%2 == 0 { // the end is known before the context is
				for c.Err() == nil {
					runtime.Gosched()
				}
			}
			for range 2 {
				_, err = c.Recv(ctx)
				assert.ErrorIs(t, err, io.EOF)
			}
			c.Close(tandem.CodeNormal, "")
		}()
	}
	left := conns
	for deadline := time.Now().Add(patience / 8); left > 0 && time.Now().Before(deadline); runtime.Gosched() {
		runtime.GC()
		left = 0
		for _, p := range kept {
			if p.Value() != nil {
				left++
			}
		}
	}
	if left > 0 {
		t.Fatalf("%d of %d connections are still in memory", left, conns)
	}
}
