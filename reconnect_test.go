package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// attempts dials, has the network go down, and gives when the following attempts were made, from then on.
func attempts(t *testing.T, r tandem.Reconnect, n int) (at []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		var began time.Time
		enough := make(chan struct{})
		r.Prepare = func(_ context.Context, attempt int, _ *tandem.DialOptions) error {
			if attempt > 0 {
				if at = append(at, time.Since(began)); len(at) == n {
					close(enough)
				}
			}
			return nil
		}
		c := w.dial(e, &tandem.DialOptions{Reconnect: &r})
		began = time.Now()
		w.net.Down()
		<-enough
		c.CloseNow()
	})
	return at
}

func TestReconnect_Min_Max(t *testing.T) {
	first, late := time.Duration(0), time.Duration(0)
	for range 20 {
		at := attempts(t, tandem.Reconnect{Min: 20 * time.Second, Max: time.Minute}, 60)
		assert.True(t, at[0] < 21*time.Second, at[0])
		first = max(first, at[0])
		for i := 1; i < len(at); i++ {
			wait := at[i] - at[i-1]
			assert.True(t, wait > 0 && wait <= time.Minute, i, wait)
			late = max(late, wait)
		}
		assert.True(t, at[59] > 10*time.Minute, "thirty times sixty seconds, on average", at[59])
	}
	assert.True(t, first > time.Second, first)
	assert.True(t, late > 45*time.Second, late)
}

func TestReconnect_Tries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		tries := 0
		c := w.dial(e, &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Tries: 3, Prepare: func(_ context.Context, attempt int, _ *tandem.DialOptions) error {
				assert.Equal(t, attempt, tries)
				tries++
				return nil
			},
		}})
		w.net.Down()
		time.Sleep(time.Millisecond)
		assert.NoError(t, c.Send(t.Context(), "hi"))
		_, err := c.Recv(t.Context())
		gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
		assert.Equal(t, gap, &tandem.Gap[string]{Reason: "gave up", Unsent: []tandem.Unsent[string]{{Number: 1, Message: "hi"}}})
		assert.Equal(t, tries, 1+3)
		assert.ErrorIs(t, c.Send(t.Context(), "late"), tandem.ErrLost)
		assert.ErrorIs(t, c.Close(tandem.CodeNormal, ""), tandem.ErrLost)
		w.net.Up()
	})
}

func TestReconnect_Stable(t *testing.T) {
	for stable, want := range map[time.Duration]int{time.Second: 5, time.Hour: 2} {
		synctest.Test(t, func(t *testing.T) {
			e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
			w := serveLasting(t, e, echo, nil)
			c := w.dial(e, &tandem.DialOptions{Reconnect: &tandem.Reconnect{Min: time.Millisecond, Stable: stable, Tries: 2}})
			cuts := 0
			for ; cuts < 5 && c.Err() == nil; cuts++ {
				time.Sleep(2 * time.Second)
				w.net.Kill()
				time.Sleep(2 * time.Second)
			}
			_, total := w.net.Conns()
			assert.Equal(t, total, 1+want)
		})
	}
}

// Prepare may write into the header, also where there was none, and what it writes is for one attempt.
func TestReconnect_Prepare_hasItsOwnHeader(t *testing.T) {
	for _, header := range []map[string][]string{nil, {"X-Fixed": {"1"}}} {
		synctest.Test(t, func(t *testing.T) {
			e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
			var seen []string
			w := serveLasting(t, e, echo, &tandem.ServeOptions{Authorize: func(r *http.Request) (context.Context, error) {
				seen = append(seen, fmt.Sprint(r.Header["X-Fixed"], r.Header["X-Attempt"], r.Header["X-First"]))
				return nil, nil
			}})
			c := w.dial(e, &tandem.DialOptions{Header: header, Reconnect: &tandem.Reconnect{
				Min: time.Millisecond,
				Prepare: func(_ context.Context, attempt int, o *tandem.DialOptions) error {
					switch attempt {
					case 0:
						o.Header["X-First"] = []string{"1"}
					case 1:
						return fmt.Errorf("no token today")
					}
					o.Header["X-Attempt"] = []string{fmt.Sprint(attempt)}
					return nil
				},
			}})
			w.net.Kill()
			assert.NoError(t, c.Send(t.Context(), "hi"))
			_, err := c.Recv(t.Context())
			assert.NoError(t, err)
			fixed := header["X-Fixed"]
			assert.Equal(t, seen, []string{fmt.Sprint(fixed, " [0] [1]"), fmt.Sprint(fixed, " [2] []")})
			assert.True(t, len(header) < 2, header)
		})
	}
}

// Refusals that time heals are tried again, not before Retry-After; others end the session.
func TestReconnect_refusals(t *testing.T) {
	for _, test := range []struct {
		status int
		back   bool
	}{{401, false}, {403, false}, {404, false}, {408, true}, {425, true}, {429, true}, {500, true}, {503, true}} {
		synctest.Test(t, func(t *testing.T) {
			e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
			var refuse atomic.Bool
			w := serveLasting(t, e, echo, &tandem.ServeOptions{Authorize: func(*http.Request) (context.Context, error) {
				if refuse.Load() {
					refuse.Store(false)
					return nil, &tandem.HandshakeError{Status: test.status, Header: map[string][]string{"Retry-After": {"7"}}}
				}
				return nil, nil
			}, Logger: quietOptions(nil).Logger})
			c := w.dial(e, nil)
			refuse.Store(true)
			w.net.Kill()
			began := time.Now()
			assert.NoError(t, c.Send(t.Context(), "hi"))
			msg, err := c.Recv(t.Context())
			if !test.back {
				gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
				assert.Equal(t, gap.Reason, "gave up")
				assert.Equal(t, len(gap.Unsent), 1)
				return
			}
			assert.NoError(t, err, test.status)
			assert.Equal(t, msg, "HI")
			assert.Equal(t, time.Since(began).Round(time.Second), 7*time.Second)
		})
	}
}

// Next says of every error whether another attempt is worth it.
func TestReconnect_Next(t *testing.T) {
	for _, row := range []struct {
		err   error
		again bool
	}{
		{tandem.ErrLost, true},
		{io.ErrUnexpectedEOF, true},
		{&tandem.CloseError{Code: 1012}, true},
		{&tandem.CloseError{Code: 4200}, true},
		{&tandem.CloseError{Code: 1000}, false},
		{&tandem.CloseError{Code: 4500}, false},
		{&tandem.HandshakeError{Status: 503}, true},
		{&tandem.HandshakeError{Status: 429}, true},
		{&tandem.HandshakeError{Status: 404}, false},
		{&tandem.ParamError{}, false},
		{&tandem.DecodeError{Err: errors.New("not that")}, false},
	} {
		var r *tandem.Reconnect
		_, again := r.Next(0, row.err)
		assert.Equal(t, again, row.again, "%v", row.err)
	}
	r := &tandem.Reconnect{Min: time.Second, Max: 5 * time.Second, Tries: 4}
	for failed, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
		for range 100 {
			wait, again := r.Next(failed, tandem.ErrLost)
			assert.True(t, again && wait >= 0 && wait < most, "%d: %v, %v", failed, wait, again)
		}
	}
	_, again := r.Next(4, tandem.ErrLost)
	assert.Equal(t, again, false, "after the last try")
}

func TestReconnect_WasStable(t *testing.T) {
	var none *tandem.Reconnect
	assert.True(t, !none.WasStable(30*time.Second-1) && none.WasStable(30*time.Second), "the default")
	r := &tandem.Reconnect{Stable: time.Minute}
	assert.True(t, !r.WasStable(time.Minute-1) && r.WasStable(time.Minute))
}
