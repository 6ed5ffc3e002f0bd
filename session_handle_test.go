package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// The handle tells how a session is, on both sides, and both call it by the same name.
func TestSession_Info_Watch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		server := make(chan *tandem.Session, 1)
		w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
			server <- c.Session()
			return echo(ctx, p, c)
		}, nil)
		began := time.Now()
		c := w.dial(e, nil)
		mine, theirs := c.Session(), <-server
		assert.True(t, mine.ID() != "" && mine.ID() == theirs.ID())
		assert.Equal(t, theirs.Principal(), "")

		watch := func(s *tandem.Session) <-chan string {
			told := make(chan string, 16)
			go func() {
				defer close(told)
				for i := range s.Watch(t.Context()) {
					told <- fmt.Sprintf("up %v resumes %d over %q", i.Up, i.Resumes, i.Over)
				}
			}()
			return told
		}
		told := []<-chan string{watch(mine), watch(theirs)}
		expect := func(want string) {
			t.Helper()
			synctest.Wait()
			for _, ch := range told {
				assert.Equal(t, <-ch, want)
			}
		}
		expect(`up true resumes 0 over ""`)
		time.Sleep(time.Minute)
		w.net.Down()
		expect(`up false resumes 0 over ""`)
		assert.Equal(t, mine.Info().Since.Sub(began), time.Minute)
		w.net.Up()
		time.Sleep(time.Second)
		expect(`up true resumes 1 over ""`)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		expect(`up false resumes 1 over "closed"`)
		for _, ch := range told {
			_, more := <-ch
			assert.True(t, !more, "it ends with the session")
		}
	})
}

// On a plain connection there is no session, and all may be asked of it.
func TestSession_ofAPlainConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		s := c.Session()
		assert.True(t, s == nil)
		assert.Equal(t, s.ID()+s.Key()+s.Principal(), "")
		assert.Equal(t, s.Number(), 0)
		s.Commit()
		for range s.Watch(t.Context()) {
			t.Error("a plain connection has nothing to watch")
		}
		assert.ErrorIs(t, s.Authenticate(t.Context(), "x"), tandem.ErrNoSession)
		_, ok, err := tandem.StateOf[int](s).Load()
		assert.True(t, !ok && err == nil)
		assert.ErrorIs(t, tandem.StateOf[int](s).Save(t.Context(), 1), tandem.ErrNoSession)
	})
}

// With ServerCommits the client is told what the handler has committed, and a server that restarts hands out the rest
// again.
func TestSessionPolicy_ServerCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e := &textEndpoint{Path: "/text", Codec: newCounting(tandem.SessionPolicy{}).Codec, Session: &tandem.SessionPolicy{Messages: 4, ServerCommits: true}}
		var took []string
		var commit atomic.Bool
		serve := at(e, func(ctx context.Context, _ struct{}, c *textConn) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				took = append(took, fmt.Sprint(c.Session().Number(), m))
				if commit.Load() {
					c.Session().Commit()
				}
			}
			return nil
		}, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		commit.Store(true)
		assert.NoError(t, c.Send(t.Context(), "a"))
		synctest.Wait()
		commit.Store(false)
		for _, m := range []string{"b", "c", "d", "e"} {
			assert.NoError(t, c.Send(t.Context(), m))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		assert.ErrorIs(t, c.Send(ctx, "f"), context.DeadlineExceeded, "nothing is committed, so the window is full")
		cancel()
		assert.Equal(t, strings.Join(took, " "), "1a 2b 3c 4d 5e")
		node.Stop()
		took = nil
		commit.Store(true)
		site.Start(store, serve)
		assert.NoError(t, c.Send(t.Context(), "f"))
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		assert.Equal(t, strings.Join(took, " "), "2b 3c 4d 5e 6f")
	})
}

// With ClientCommits the server is told what the client has committed.
func TestSessionPolicy_ClientCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{Messages: 2, ClientCommits: true}, tandem.Limits{})
		sent := make(chan int, 16)
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			for n := 1; ; n++ {
				if err := c.Send(ctx, "x"); err != nil {
					return err
				}
				sent <- n
			}
		}, nil)
		c := w.dial(e, nil)
		for range 2 {
			_, err := c.Recv(t.Context())
			assert.NoError(t, err)
		}
		time.Sleep(time.Minute)
		assert.Equal(t, len(sent), 2)
		c.Session().Commit()
		time.Sleep(time.Second)
		assert.Equal(t, len(sent), 4)
	})
}

// A volatile message is sent where that can be done at once, and else dropped.
func TestConn_SendVolatile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{MaxClientMessage: 10})
		var got []string
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				got = append(got, fmt.Sprint(c.Session().Number(), m))
			}
			return nil
		}, nil)
		c := w.dial(e, nil)
		send := func(msg string, want bool) {
			t.Helper()
			sent, err := c.SendVolatile(msg)
			assert.NoError(t, err)
			assert.Equal(t, sent, want, msg)
			synctest.Wait()
		}
		send("one", true)
		assert.NoError(t, c.Send(t.Context(), "two"))
		w.net.Down()
		synctest.Wait()
		send("lost", false)
		assert.NoError(t, c.Send(t.Context(), "kept"))
		w.net.Up()
		time.Sleep(time.Second)
		send("three", true)
		_, err := c.SendVolatile("much too long")
		assert.ErrorIs(t, err, tandem.ErrTooBig)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		assert.Equal(t, strings.Join(got, " "), "0one 1two 2kept 0three")
		_, err = c.SendVolatile("late")
		assert.ErrorIs(t, err, tandem.ErrClosed)
	})
}

// On a plain connection a full queue drops it.
func TestConn_SendVolatile_plain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, dropped := 0, 0
		p, ended := stuffed(t, tandem.Limits{QueueMessages: 10}, func(_ context.Context, c *bytesConn) error {
			for i := range 10_000 {
				ok, err := c.SendVolatile(numbered(i, 100))
				if err != nil {
					return err
				}
				if ok {
					sent++
				} else {
					dropped++
				}
			}
			return nil
		})
		assert.NoError(t, <-ended)
		got := 0
		for {
			f, err := p.skipPings()
			assert.NoError(t, err)
			if f.op == opClose {
				break
			}
			got++
		}
		assert.True(t, dropped > 1000, dropped)
		assert.Equal(t, got, sent)
	})
}

// OverflowRefuse does not wait, on plain connections and in sessions.
func TestLimits_overflowRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := tandem.Limits{QueueMessages: 10, Overflow: tandem.OverflowRefuse}
		_, ended := stuffed(t, limits, sendNumbered(10_000, 100))
		assert.ErrorIs(t, <-ended, tandem.ErrQueueFull)

		e := lasting(tandem.SessionPolicy{Messages: 3}, limits)
		w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
			<-ctx.Done()
			return nil
		}, nil)
		c := w.dial(e, nil)
		for range 3 {
			assert.NoError(t, c.Send(t.Context(), "x"))
		}
		assert.ErrorIs(t, c.Send(t.Context(), "x"), tandem.ErrQueueFull)
		assert.NoError(t, c.Err())
	})
}

// A credential may come inside the session, at its start and later; the session lives as long as the newest one.
func TestServeOptions_AuthorizeInBand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type userKey struct{}
		o := &tandem.ServeOptions{
			AuthorizeInBand: func(ctx context.Context, credential string) (context.Context, error) {
				assert.True(t, tandem.Request(ctx) != nil)
				user, ttl, _ := strings.Cut(credential, " ")
				switch user {
				case "panic":
					panic("at the disco")
				case "internal":
					return nil, errors.New("secret of the house")
				case "banned":
					return nil, &tandem.HandshakeError{Status: http.StatusForbidden, Message: "you are banned"}
				}
				d, err := time.ParseDuration(ttl)
				if err != nil {
					return nil, &tandem.HandshakeError{Status: http.StatusUnauthorized, Message: "no such token"}
				}
				ctx, cancel := context.WithTimeout(context.WithValue(ctx, userKey{}, user), d)
				context.AfterFunc(t.Context(), cancel)
				return ctx, nil
			},
			Principal: func(ctx context.Context) string { user, _ := ctx.Value(userKey{}).(string); return user },
			Logger:    quietOptions(nil).Logger,
		}
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, func(ctx context.Context, p struct{}, c *textConn) error {
			if err := c.Send(ctx, fmt.Sprintf("%v %v", ctx.Value(userKey{}), tandem.Request(ctx) != nil)); err != nil {
				return err
			}
			return echo(ctx, p, c)
		}, o)
		began := time.Now()
		c := w.dial(e, &tandem.DialOptions{Credential: "ada 10s"})
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "ada true")
		assert.NoError(t, c.Session().Authenticate(t.Context(), "ada 1m"))
		for credential, reason := range map[string]string{
			"bob 1m": "denied", "ada forever": "no such token", "internal": "refused", "panic": "internal error", "banned": "you are banned",
		} {
			err := c.Session().Authenticate(t.Context(), credential)
			assert.Equal(t, assert.ErrorAs[*tandem.CredentialError](t, err).Reason, reason)
		}
		time.Sleep(50 * time.Second)
		assert.NoError(t, c.Send(t.Context(), "hi"))
		_, err = c.Recv(t.Context())
		assert.NoError(t, err)
		go func() { // many at once, and over a lost socket
			time.Sleep(time.Second)
			w.net.Kill()
		}()
		w.net.On(fault.ServerToClient).Hold()
		done := make(chan error, 5)
		for i := range cap(done) {
			go func() { done <- c.Session().Authenticate(t.Context(), fmt.Sprintf("ada %dm", i+2)) }()
		}
		time.Sleep(2 * time.Second)
		w.net.On(fault.ServerToClient).Clear()
		for range cap(done) {
			assert.NoError(t, <-done)
		}
		_, err = c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeUnauthorized, "authorization expired")
		assert.True(t, time.Since(began) > 2*time.Minute, time.Since(began))

		for credential, want := range map[string]tandem.Code{"nonsense": tandem.CodeUnauthorized, "banned": tandem.CodeForbidden, "panic": tandem.CodeInternal} {
			_, err := e.Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: w.transport(), Credential: credential})
			assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, want, credential)
		}
	})
}

// A server without AuthorizeInBand takes no credential.
func TestSession_Authenticate_notSupported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		c := w.dial(e, nil)
		err := c.Session().Authenticate(t.Context(), "x")
		assert.Equal(t, assert.ErrorAs[*tandem.CredentialError](t, err).Reason, "not supported")
		assert.ErrorIs(t, c.Session().Authenticate(t.Context(), strings.Repeat("x", 10_000)), tandem.ErrTooBig)
		_, err = e.Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: w.transport(), Credential: "x"})
		assertClosed(t, err, tandem.CodeUnauthorized, "not supported")
	})
}

// A13: clients of a server that goes down come back at random moments within the hub's Spread.
func TestHubOptions_Spread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		hub := tandem.NewHub(&tandem.HubOptions{Spread: 10 * time.Second})
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, &tandem.ServeOptions{Hub: hub, Store: store})
		var mu sync.Mutex
		var at []time.Duration
		began := time.Now()
		retry := tandem.Reconnect{Min: time.Millisecond, Tries: 1, Prepare: func(_ context.Context, attempt int, _ *tandem.DialOptions) error {
			mu.Lock()
			defer mu.Unlock()
			if attempt > 0 {
				at = append(at, time.Since(began))
			}
			return nil
		}}
		const clients = 300
		for range clients {
			w.dial(e, &tandem.DialOptions{Reconnect: &retry})
		}
		synctest.Wait()
		assert.NoError(t, hub.Shutdown(t.Context()))
		assert.True(t, time.Since(began) < time.Second, "it does not wait for them")
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, len(at), clients)
		early, late := 0, 0
		for _, d := range at {
			assert.True(t, d <= 10*time.Second, d)
			if d < 5*time.Second {
				early++
			} else {
				late++
			}
		}
		assert.True(t, early > clients/4 && late > clients/4, early, late)
	})
}

// A socket that has not said hello does not hold up the hub's shutdown.
func TestHub_Shutdown_newcomers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, &tandem.ServeOptions{Hub: hub})
		p := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
		began := time.Now()
		done := make(chan error, 1)
		go func() { done <- hub.Shutdown(t.Context()) }()
		p.expectClose(1012)
		assert.NoError(t, <-done)
		assert.True(t, time.Since(began) < time.Second, time.Since(began))
	})
}

// A client that comes back may bring a window of messages, whatever the rate.
func TestLimits_MessageRate_inSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{MessageRate: tandem.Rate{PerSecond: 5}, ByteRate: tandem.Rate{PerSecond: 100}})
		w := serveLasting(t, e, echo, nil)
		c := w.dial(e, nil)
		w.net.Down()
		synctest.Wait()
		for range 200 {
			assert.NoError(t, c.Send(t.Context(), "hello"))
		}
		w.net.Up()
		for range 200 {
			_, err := c.Recv(t.Context())
			assert.NoError(t, err)
		}
		var err error
		for err == nil { // but not more of them
			if err = c.Send(t.Context(), "hello"); err == nil {
				_, err = c.Recv(t.Context())
			}
		}
		gap := assert.ErrorAs[*tandem.Gap[string]](t, err)
		assert.Equal(t, gap.Code, tandem.CodePolicy)
	})
}

// What RawConn sends in a session must be a value of the codec.
func TestRawConn_Send_inSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		c := w.dial(e, nil)
		raw := c.Raw()
		for _, bad := range []string{"", "}", `"a","b"`, `"a"]`, `"a"],[0,2,"b"`, `{"a":1`} {
			assert.True(t, raw.Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(bad)}) != nil, bad)
		}
		assert.NoError(t, raw.Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(` "good" `)}))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "GOOD")
	})
}

// Retry does not wait for the next attempt, nor for one after that.
func TestSession_Retry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		attempts := 0
		c := w.dial(e, &tandem.DialOptions{Reconnect: &tandem.Reconnect{
			Min: 30 * time.Second, Max: 30 * time.Second,
			Prepare: func(context.Context, int, *tandem.DialOptions) error {
				attempts++
				return nil
			},
		}})
		c.Session().Retry() // it has a socket
		w.net.Down()
		synctest.Wait()
		assert.Equal(t, attempts, 1)
		for range 3 {
			c.Session().Retry()
			c.Session().Retry() // once is enough
			synctest.Wait()
		}
		assert.Equal(t, attempts, 4)
		w.net.Up()
		c.Session().Retry()
		synctest.Wait()
		assert.True(t, c.Session().Info().Up)
		assert.Equal(t, attempts, 5)
		var none *tandem.Session
		none.Retry()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}
