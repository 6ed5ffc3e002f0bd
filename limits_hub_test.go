package tandem_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// caller asks a handler for upgrades from addresses of its choice.
type caller struct {
	t   *testing.T
	h   http.Handler
	hub *tandem.Hub
}

func newCaller(t *testing.T, o *tandem.HubOptions) *caller {
	t.Helper()
	hub := tandem.NewHub(o)
	_, h := newBytes(tandem.Limits{}).Handler(echoBytes, quietOptions(&tandem.ServeOptions{Hub: hub}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, hub.Shutdown(ctx))
	})
	return &caller{t, h, hub}
}

// from asks for an upgrade. The peer is nil when it was refused.
func (c *caller) from(remote string, header ...string) (*rawPeer, *hijackable) {
	c.t.Helper()
	client, server := mempipe.Pair(nil)
	r := httptest.NewRequest(http.MethodGet, "http://tandem.test/bytes", nil)
	r.RemoteAddr = remote
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": sampleKey,
	} {
		r.Header.Set(name, value)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := &hijackable{conn: server}
	c.h.ServeHTTP(w, r)
	if w.status != http.StatusSwitchingProtocols {
		return nil, w
	}
	p := newPeer(c.t, client, false)
	assert.Equal(c.t, p.answer(http.MethodGet).StatusCode, http.StatusSwitchingProtocols)
	return p, w
}

// in wants a connection.
func (c *caller) in(remote string, header ...string) *rawPeer {
	c.t.Helper()
	p, w := c.from(remote, header...)
	if p == nil {
		c.t.Fatalf("%s was refused: %d %s", remote, w.status, w.body.String())
	}
	return p
}

// out wants a refusal, and gives Retry-After.
func (c *caller) out(remote string, header ...string) string {
	c.t.Helper()
	p, w := c.from(remote, header...)
	if p != nil {
		c.t.Fatalf("%s was let in", remote)
	}
	assert.Equal(c.t, w.status, http.StatusServiceUnavailable)
	var body struct {
		Message string
		Code    int
	}
	assert.NoError(c.t, json.Unmarshal(w.body.Bytes(), &body))
	assert.Equal(c.t, body.Code, http.StatusServiceUnavailable)
	assert.True(c.t, body.Message != "", "there is a message")
	return w.header.Get("Retry-After")
}

// leave ends a connection and waits until the hub knows.
func (c *caller) leave(p *rawPeer) {
	c.t.Helper()
	n := c.hub.Len()
	p.hangUp()
	s := &site{hub: c.hub}
	s.waitLen(c.t, n-1)
}

func TestLimits_maxConns(t *testing.T) {
	c := newCaller(t, &tandem.HubOptions{MaxConns: 3})
	var peers []*rawPeer
	for _, remote := range []string{"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"} {
		peers = append(peers, c.in(remote))
	}
	assert.Equal(t, c.out("192.0.2.4:1"), "5")
	c.leave(peers[1])
	c.in("192.0.2.4:1")
	c.out("192.0.2.5:1")
}

func TestLimits_maxConnsDefault(t *testing.T) {
	c := newCaller(t, nil)
	for range 200 {
		c.in("192.0.2.1:1")
	}
}

// The limit holds for requests at the same moment, and for handshakes that take their time.
func TestLimits_maxConnsAtOnce(t *testing.T) {
	const limit, askers = 5, 50
	hub := tandem.NewHub(&tandem.HubOptions{MaxConns: limit})
	gate := make(chan struct{})
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{
		Hub:       hub,
		Authorize: func(*http.Request) (context.Context, error) { <-gate; return nil, nil },
	})
	results := make(chan error, askers)
	conns := make(chan *bytesConn, askers)
	for range askers {
		go func() {
			c, err := newBytes(tandem.Limits{}).Dial(context.Background(), "ws://tandem.test", struct{}{}, &tandem.DialOptions{Transport: s.client()})
			if err == nil {
				conns <- c
			}
			results <- err
		}()
	}
	for range askers - limit {
		he := assert.ErrorAs[*tandem.HandshakeError](t, <-results)
		assert.Equal(t, he.Status, http.StatusServiceUnavailable)
	}
	close(gate)
	for range limit {
		assert.NoError(t, <-results)
	}
	for range limit {
		assert.NoError(t, (<-conns).Close(tandem.CodeNormal, ""))
	}
}

// A handshake that fails gives its place back, wherever it fails.
func TestLimits_maxConnsFailedHandshakes(t *testing.T) {
	hub := tandem.NewHub(&tandem.HubOptions{MaxConns: 1, MaxPerKey: 1})
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{
		Hub: hub,
		Authorize: func(r *http.Request) (context.Context, error) {
			if r.URL.Query().Has("refuse") {
				return nil, errors.New("no")
			}
			return nil, nil
		},
	})
	for range 5 {
		p := s.connect(t)
		assert.Equal(t, p.request(upgradeRequest(s.path+"?refuse")).StatusCode, http.StatusInternalServerError)
		assert.Equal(t, s.connect(t).request(upgradeRequest(s.path, "Origin: https://evil.example")).StatusCode, http.StatusForbidden)
		p = s.connect(t)
		p.write([]byte(upgradeRequest(s.path)[:50]))
		p.Conn.Close()
	}
	s.open(t).hangUp()
}

func TestLimits_maxPerKey(t *testing.T) {
	c := newCaller(t, &tandem.HubOptions{MaxPerKey: 2})
	for _, row := range []struct{ name, one, two, three, other string }{
		{"IPv4", "192.0.2.1:1000", "192.0.2.1:2000", "192.0.2.1:3000", "192.0.2.2:1000"},
		{"IPv6 of one network", "[2001:db8:0:1::1]:1", "[2001:db8:0:1::2]:1", "[2001:db8:0:1:ffff:ffff:ffff:ffff]:1", "[2001:db8:0:2::1]:1"},
		{"IPv4 in IPv6", "[::ffff:198.51.100.1]:1", "198.51.100.1:1", "[::ffff:c633:6401]:1", "[::ffff:198.51.100.2]:1"},
		{"zone", "[fe80::1%eth0]:1", "[fe80::2%eth1]:1", "[fe80::3]:1", "[fe80:0:0:1::1]:1"},
		{"no port", "203.0.113.1", "203.0.113.1:1", "203.0.113.1", "203.0.113.2"},
		{"name", "unix-peer", "unix-peer", "unix-peer", "other-peer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			one, two := c.in(row.one), c.in(row.two)
			c.out(row.three)
			other := c.in(row.other)
			c.leave(one)
			three := c.in(row.three)
			c.out(row.one)
			for _, p := range []*rawPeer{two, three, other} {
				c.leave(p)
			}
		})
	}
}

// A forwarded address is a stranger's word.
func TestLimits_maxPerKeyForwarded(t *testing.T) {
	c := newCaller(t, &tandem.HubOptions{MaxPerKey: 1})
	c.in("192.0.2.1:1", "X-Forwarded-For", "203.0.113.1", "Forwarded", "for=203.0.113.1")
	c.out("192.0.2.1:2", "X-Forwarded-For", "203.0.113.2", "X-Real-Ip", "203.0.113.2", "Forwarded", "for=203.0.113.2")
}

func TestLimits_key(t *testing.T) {
	c := newCaller(t, &tandem.HubOptions{MaxPerKey: 1, Key: func(r *http.Request) string { return r.Header.Get("X-User") }})
	c.in("192.0.2.1:1", "X-User", "ada")
	c.out("192.0.2.2:1", "X-User", "ada")
	c.in("192.0.2.1:1", "X-User", "bob")
	c.in("192.0.2.1:1") // no user is a key as well
	c.out("192.0.2.3:1")
}

func TestLimits_retryAfter(t *testing.T) {
	for set, want := range map[time.Duration]string{0: "5", time.Second: "1", 1500 * time.Millisecond: "2", time.Millisecond: "1", time.Hour: "3600"} {
		c := newCaller(t, &tandem.HubOptions{MaxConns: 1, RetryAfter: set})
		c.in("192.0.2.1:1")
		assert.Equal(t, c.out("192.0.2.1:1"), want, set)
	}
}
