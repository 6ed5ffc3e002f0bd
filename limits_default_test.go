package tandem_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// quoted is a JSON text of n bytes on the wire.
func quoted(n int) string { return strings.Repeat("x", n-2) }

func TestLimits_ClientMessage(t *testing.T) {
	for limit, bytes := range map[int]int{0: 64 << 10, 100: 100} {
		synctest.Test(t, func(t *testing.T) {
			e := newText()
			e.Limits.MaxClientMessage = limit
			c := talkOver(t, e, echo, nil, nil, nil)
			assert.ErrorIs(t, c.Send(t.Context(), quoted(bytes+1)), tandem.ErrTooBig)
			assert.NoError(t, c.Send(t.Context(), quoted(bytes)))
			_, err := c.Recv(t.Context())
			assert.NoError(t, err)
		})
	}
}

func TestLimits_ServerMessage(t *testing.T) {
	for limit, bytes := range map[int]int{0: 1 << 20, 100: 100} {
		synctest.Test(t, func(t *testing.T) {
			tooBig := make(chan error, 1)
			h := func(ctx context.Context, _ struct{}, c *textConn) error {
				tooBig <- c.Send(ctx, quoted(bytes+1))
				return c.Send(ctx, quoted(bytes))
			}
			e := newText()
			e.Limits.MaxServerMessage = limit
			c := talkOver(t, e, h, nil, nil, nil)
			assert.ErrorIs(t, <-tooBig, tandem.ErrTooBig)
			got, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, len(got), bytes-2)
		})
	}
}

// The two sides need not come from the same build: each enforces its own limits on what it receives.
func TestLimits_areEnforcedByTheReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wide := newText()
		wide.Limits.MaxClientMessage = 1 << 20
		ends := make(chan error, 1)
		c := serveAndDial(t, newText(), wide, tellEnd(ends))
		assert.NoError(t, c.Send(t.Context(), quoted(64<<10+1)))
		_, err := c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTooBig)
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-ends).Code, tandem.CodeTooBig)
	})
}

// serveAndDial serves one declaration of an endpoint to a client that has another.
func serveAndDial(t testing.TB, served, dialed *textEndpoint, h textHandler) *textConn {
	t.Helper()
	hub := tandem.NewHub(nil)
	_, handler := served.Handler(h, &tandem.ServeOptions{Hub: hub, Logger: newLogBook().logger()})
	s := tandemtest.NewServer(t, handler, &tandemtest.Options{Hub: hub})
	c, err := dialed.Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
	assert.NoError(t, err)
	t.Cleanup(func() { c.Close(tandem.CodeNormal, "") })
	return c
}

// lostAfter tells how long it takes until both sides know that the network between them is dead.
func lostAfter(t *testing.T, l tandem.Limits) (client, server time.Duration) {
	t.Helper()
	proxy := fault.New(nil)
	defer proxy.Close()
	ends := make(chan error, 1)
	e := &textEndpoint{Path: "/text", Codec: json.Codec, Limits: l}
	c := talkOver(t, e, tellEnd(ends), nil, nil, &tandemtest.Options{Fault: proxy})
	synctest.Wait()
	proxy.On(fault.Both).Hold()
	began := time.Now()
	at := make(chan time.Duration, 1)
	go func() {
		err := <-ends
		at <- time.Since(began)
		ends <- err
	}()
	_, err := c.Recv(t.Context())
	client = time.Since(began)
	assert.ErrorIs(t, err, tandem.ErrLost)
	server = <-at
	assert.ErrorIs(t, <-ends, tandem.ErrLost)
	return client, server
}

func TestLimits_PingInterval_PongTimeout(t *testing.T) {
	for name, row := range map[string]struct {
		limits      tandem.Limits
		least, most time.Duration
	}{
		"defaults":      {tandem.Limits{}, 32500 * time.Millisecond, 35 * time.Second},
		"ping interval": {tandem.Limits{PingInterval: time.Minute}, 64 * time.Second, 70 * time.Second},
		"pong timeout":  {tandem.Limits{PongTimeout: time.Minute}, 82500 * time.Millisecond, 85 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := lostAfter(t, row.limits)
				for _, took := range []time.Duration{client, server} {
					assert.True(t, took >= row.least && took <= row.most, took)
				}
			})
		})
	}
}

func TestLimits_PingInterval_off(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy := fault.New(nil)
		defer proxy.Close()
		e := newText()
		e.Limits.PingInterval = -1
		c := talkOver(t, e, echo, nil, nil, &tandemtest.Options{Fault: proxy})
		proxy.On(fault.Both).Hold()
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		_, err := c.Recv(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NoError(t, c.Err(), "nobody has noticed")
	})
}

// A peer that answers pings is never lost, however quiet the program is.
func TestLimits_PingInterval_keepsAQuietConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		time.Sleep(24 * time.Hour)
		assert.NoError(t, c.Send(t.Context(), "still there?"))
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
	})
}

func TestLimits_CloseTime(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{0: 5 * time.Second, time.Second: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			proxy := fault.New(nil)
			defer proxy.Close()
			e := newText()
			e.Limits.CloseTimeout = limit
			c := talkOver(t, e, echo, nil, nil, &tandemtest.Options{Fault: proxy})
			proxy.On(fault.Both).Hold()
			began := time.Now()
			assert.ErrorIs(t, c.Close(tandem.CodeNormal, ""), tandem.ErrLost)
			assert.Equal(t, time.Since(began), want)
		})
	}
}

// stall connects a client that never reads over a network that takes little, and gives what the handler's sends of
// 1,000 bytes come to.
func stall(t *testing.T, l tandem.Limits, sends int) (sent int, err error) {
	t.Helper()
	type outcome struct {
		sent int
		err  error
	}
	done := make(chan outcome, 1)
	h := func(ctx context.Context, _ struct{}, c *textConn) error {
		var o outcome
		wait, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		for o.sent < sends && o.err == nil {
			if o.err = c.Send(wait, quoted(1000)); o.err == nil {
				o.sent++
			}
		}
		done <- o
		<-ctx.Done()
		return nil
	}
	proxy := fault.New(&fault.Options{Buffer: 1000})
	defer proxy.Close()
	l.PingInterval = -1
	e := &textEndpoint{Path: "/text", Codec: json.Codec, Limits: l}
	hub := tandem.NewHub(nil)
	talkOver(t, e, h, &tandem.ServeOptions{Hub: hub, Logger: newLogBook().logger()}, nil, &tandemtest.Options{Fault: proxy, Buffer: 1000})
	synctest.Wait()
	proxy.On(fault.Both).Hold()
	o := <-done
	return o.sent, o.err
}

func TestLimits_QueueMessages_QueueBytes(t *testing.T) {
	const network = 75 // messages at most that are on the way, in the buffers between the two
	for name, row := range map[string]struct {
		limits tandem.Limits
		queued int
	}{
		"messages by default": {tandem.Limits{}, 256},
		"messages":            {tandem.Limits{QueueMessages: 10}, 10},
		"bytes":               {tandem.Limits{QueueBytes: 20_000}, 20},
		"bytes by default":    {tandem.Limits{QueueMessages: 2000}, 1 << 20 / 1004},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent, err := stall(t, row.limits, 2000)
				assert.ErrorIs(t, err, context.DeadlineExceeded, "Send blocks, and honours its context")
				assert.True(t, sent >= row.queued && sent <= row.queued+network, "sent ", sent)
			})
		})
	}
}

func TestLimits_Overflow_dropOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, err := stall(t, tandem.Limits{QueueMessages: 10, Overflow: tandem.OverflowDropOldest}, 1000)
		assert.NoError(t, err)
		assert.Equal(t, sent, 1000)
	})
}

func TestLimits_Overflow_close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := stall(t, tandem.Limits{QueueMessages: 10, Overflow: tandem.OverflowClose}, 1000)
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTryAgain)
	})
}

func TestLimits_whatMakesNoSenseIsRefused(t *testing.T) {
	for name, l := range map[string]tandem.Limits{
		"MaxClientMessage": {MaxClientMessage: -1}, "MaxServerMessage": {MaxServerMessage: -1}, "MaxFragments": {MaxFragments: -1},
		"PongTimeout": {PongTimeout: -1}, "QueueMessages": {QueueMessages: -1}, "QueueBytes": {QueueBytes: -1},
		"CloseTimeout": {CloseTimeout: -1}, "Overflow": {Overflow: 4}, "MessageRate": {MessageRate: tandem.Rate{PerSecond: -1}},
		"ByteRate": {ByteRate: tandem.Rate{Burst: -1}},
	} {
		err := (&textEndpoint{Path: "/a", Codec: json.Codec, Limits: l}).Check()
		assert.True(t, err != nil && strings.Contains(err.Error(), "Limits."+name), name, ": ", err)
	}
}
