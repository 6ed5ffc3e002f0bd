package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/hist"
)

// TLS is a set of encrypted connections. Each has a goroutine and crypto/tls, which costs the client about what it
// costs a server: the server's time per message is as good as on plain connections, the rate says nothing.
type TLS struct {
	conns []*tls.Conn
	bufs  []*bufio.Reader
}

// DialTLS connects n times.
func DialTLS(ctx context.Context, addr string, n int, o Options) (*TLS, error) {
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}} //nolint:gosec // the server is our child
	t := &TLS{}
	for i := range n {
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			t.Close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		c := conn.(*tls.Conn)
		br := bufio.NewReaderSize(c, 32<<10)
		t.conns, t.bufs = append(t.conns, c), append(t.bufs, br)
		if _, err := c.Write(request(addr, o.Path)); err != nil {
			t.Close()
			return nil, err
		}
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
			t.Close()
			return nil, fmt.Errorf("connection %d: handshake: %v, %w", i, resp, err)
		}
		resp.Body.Close()
	}
	return t, nil
}

// Close drops the connections.
func (t *TLS) Close() {
	for _, c := range t.conns {
		c.NetConn().Close()
	}
}

// Echo is [Client.Echo].
func (t *TLS) Echo(ring *frame.Ring, replyLen int64, inFlight int, d time.Duration) (Result, error) {
	res := Result{Latency: new(hist.Hist)}
	var (
		mu   sync.Mutex // guards res and errs
		errs []error
		wg   sync.WaitGroup
	)
	start := time.Now()
	for i := range t.conns {
		wg.Go(func() {
			n, took, err := t.echo(i, ring, replyLen, inFlight, start.Add(d))
			mu.Lock()
			defer mu.Unlock()
			res.Messages += n
			for _, d := range took {
				res.Latency.Record(d)
			}
			errs = append(errs, err)
		})
	}
	wg.Wait()
	res.Elapsed = time.Since(start)
	return res, errors.Join(errs...)
}

// echo sends in batches: the next when the last has been answered.
func (t *TLS) echo(i int, ring *frame.Ring, replyLen int64, inFlight int, end time.Time) (n int64, took []time.Duration, err error) {
	c, br := t.conns[i], t.bufs[i]
	if err := c.SetDeadline(end.Add(stallTime)); err != nil {
		return 0, nil, err
	}
	reply := make([]byte, int(replyLen)+headLen(replyLen))
	for time.Now().Before(end) {
		began := time.Now()
		batch, _ := ring.From(0, inFlight*ring.Size())
		if _, err := c.Write(batch); err != nil {
			return n, took, err
		}
		for range inFlight {
			if _, err := io.ReadFull(br, reply); err != nil {
				return n, took, err
			}
			var r frame.Reader
			if _, ev, ok, err := r.Next(reply); err != nil || !ok || ev.Length != replyLen {
				return n, took, fmt.Errorf("a reply of %d bytes instead of %d: %w", ev.Length, replyLen, err)
			}
			took = append(took, time.Since(began))
			n++
		}
	}
	return n, took, nil
}

func headLen(n int64) int {
	switch {
	case n < 126:
		return 2
	case n < 1<<16:
		return 4
	}
	return 10
}
