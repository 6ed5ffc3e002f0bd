package tandem_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// WriteTimeout: a peer that takes nothing is dropped.
func TestLimits_writeTime(t *testing.T) {
	for _, row := range []struct{ limit, least, most time.Duration }{
		{0, 10 * time.Second, 25 * time.Second},
		{2 * time.Second, 2 * time.Second, 5 * time.Second},
		{time.Minute, time.Minute, 150 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			p, ended := stuffed(t, tandem.Limits{WriteTimeout: row.limit, PingInterval: -1}, sendNumbered(1000, 10_000))
			assert.ErrorIs(t, <-ended, tandem.ErrLost)
			// The write that filled the buffer did get some bytes away, so the peer may have had its time twice,
			// each time with the quarter that saves setting the deadline for each write.
			took(t, began, row.least, row.most)
			p.Conn.Close()
		})
	}
}

func TestLimits_writeTimeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ended := stuffed(t, tandem.Limits{WriteTimeout: -1, PingInterval: -1}, sendNumbered(300, 1000))
		time.Sleep(24 * time.Hour)
		for i := range 300 {
			p.expect(opBinary, string(numbered(i, 1000)))
		}
		p.expectClose(1000)
		assert.NoError(t, <-ended)
	})
}

// WriteTimeout judges who takes nothing, not who is slow.
func TestLimits_writeTimeOfSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ended := stuffed(t, tandem.Limits{PingInterval: -1}, func(ctx context.Context, c *bytesConn) error {
			if err := sendNumbered(20, 10_000)(ctx, c); err != nil {
				return err
			}
			return drainBytes(ctx, c)
		})
		for i := range 20 {
			time.Sleep(9 * time.Second)
			p.expect(opBinary, string(numbered(i, 10_000)))
		}
		p.hangUp()
		assert.ErrorIs(t, <-ended, io.EOF)
	})
}

func TestLimits_pingInterval(t *testing.T) {
	for _, row := range []struct{ set, interval time.Duration }{{0, 25 * time.Second}, {10 * time.Second, 10 * time.Second}, {time.Hour, time.Hour}} {
		synctest.Test(t, func(t *testing.T) {
			handler, _ := handled(drainBytes)
			s := inMemory(t, newBytes(tandem.Limits{PingInterval: row.set, PongTimeout: time.Second}), handler, nil)
			p := s.open(t)
			spread := map[time.Duration]bool{}
			for range 10 {
				began := time.Now()
				f, err := p.receive()
				assert.NoError(t, err)
				assert.Equal(t, f.op, byte(opPing))
				took(t, began, row.interval*9/10, row.interval)
				spread[time.Since(began)] = true
				p.send(rawFrame{op: opPong, payload: f.payload})
			}
			if len(spread) < 5 {
				t.Errorf("pings come at %d different intervals in 10: connections that began together stay together", len(spread))
			}
			p.hangUp()
		})
	}
}

func TestLimits_pingIntervalOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := handled(drainBytes)
		s := inMemory(t, newBytes(tandem.Limits{PingInterval: -1}), handler, nil)
		p := s.open(t)
		time.Sleep(24 * time.Hour)
		p.send(closeFrame(1000, ""))
		f, err := p.receive()
		assert.NoError(t, err)
		assert.Equal(t, f.op, byte(opClose))
	})
}

func TestLimits_pongTimeout(t *testing.T) {
	for _, row := range []struct{ set, timeout time.Duration }{{0, 10 * time.Second}, {time.Second, time.Second}, {time.Minute, time.Minute}} {
		synctest.Test(t, func(t *testing.T) {
			handler, ended := handled(drainBytes)
			s := inMemory(t, newBytes(tandem.Limits{PongTimeout: row.set}), handler, nil)
			p := s.open(t)
			f, err := p.receive()
			assert.NoError(t, err)
			assert.Equal(t, f.op, byte(opPing))
			pinged := time.Now()
			assert.ErrorIs(t, <-ended, tandem.ErrLost)
			took(t, pinged, row.timeout, row.timeout)
			p.expectEnd()
		})
	}
}

func TestLimits_closeTime(t *testing.T) {
	for _, row := range []struct{ set, limit time.Duration }{{0, 5 * time.Second}, {time.Second, time.Second}, {time.Minute, time.Minute}} {
		synctest.Test(t, func(t *testing.T) {
			handler, _ := handled(func(context.Context, *bytesConn) error { return nil })
			s := inMemory(t, newBytes(tandem.Limits{CloseTimeout: row.set}), handler, nil)
			p := s.open(t)
			began := time.Now()
			p.expectCloseFrame(1000)
			p.expectEnd()
			took(t, began, row.limit, row.limit)
		})
	}
}

// What makes no sense is refused when the endpoint is declared, not ignored.
func TestLimits_check(t *testing.T) {
	for name, l := range map[string]tandem.Limits{
		"MaxClientMessage":       {MaxClientMessage: -1},
		"MaxServerMessage":       {MaxServerMessage: -1},
		"Fragments":              {MaxFragments: -1},
		"PongTimeout":            {PongTimeout: -1},
		"QueueMessages":          {QueueMessages: -1},
		"QueueBytes":             {QueueBytes: -1},
		"CloseTimeout":           {CloseTimeout: -1},
		"Overflow":               {Overflow: 4},
		"MessageRate":            {MessageRate: tandem.Rate{PerSecond: -1}},
		"MessageRate.Burst":      {MessageRate: tandem.Rate{PerSecond: 1, Burst: -1}},
		"ByteRate":               {ByteRate: tandem.Rate{PerSecond: -1}},
		"MessageRate, no rate":   {MessageRate: tandem.Rate{Burst: 10}},
		"ByteRate, no rate":      {ByteRate: tandem.Rate{Burst: 10}},
		"MessageRate, never one": {MessageRate: tandem.Rate{PerSecond: 1, Burst: 0.5}}, // a bucket that holds no message
	} {
		if newBytes(l).Check() == nil {
			t.Errorf("%s: %+v was taken", name, l)
		}
	}
	if err := newBytes(tandem.Limits{FirstMessageTimeout: -1, MessageTimeout: -1, PingInterval: -1, WriteTimeout: -1}).Check(); err != nil {
		t.Error(err)
	}
}
