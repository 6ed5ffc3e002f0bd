package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// blunt is a store that gives empty bytes where none were stored, as one on a file does.
type blunt struct{ tandem.MemoryStore }

func (s *blunt) Load(ctx context.Context, sid string) (*tandem.Record, error) {
	r, err := s.MemoryStore.Load(ctx, sid)
	if err == nil && r.State == nil {
		r.State = []byte{}
	}
	return r, err
}

// A session that has saved no state has none after a restart.
func TestStateOf_noneAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &blunt{}
		site := tandemtest.NewSite(t, nil)
		e := newCounting(tandem.SessionPolicy{})
		serve := at(e, func(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
			_, ok, err := tandem.StateOf[int](c.Session()).Load()
			for _, rerr := range c.Messages(ctx) {
				if rerr != nil {
					return rerr
				}
				if serr := c.Send(ctx, fmt.Sprint(ok, err)); serr != nil {
					return serr
				}
			}
			return nil
		}, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		ask(t, c, 1, "false <nil>")
		node.Stop()
		site.Start(store, serve)
		ask(t, c, 2, "false <nil>")
	})
}

// When the welcome after a crash is lost, the next one still brings the state and the gap.
func TestServeOptions_Store_crashAndLostWelcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		net := fault.New(nil)
		defer net.Close()
		site := tandemtest.NewSite(t, net)
		e, k := newCounting(tandem.SessionPolicy{}), &counter{}
		serve := at(e, k.handle, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		ask(t, c, 5, "5")
		time.Sleep(time.Minute)
		node.Kill()
		net.On(fault.ServerToClient).CutAfter(200) // behind the answer to the handshake
		site.Start(store, serve)
		time.Sleep(time.Second)
		k.mu.Lock()
		assert.True(t, k.handlers > 2, "no welcome was lost")
		k.mu.Unlock()
		net.On(fault.ServerToClient).Clear()
		_, err := c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.Gap[int]](t, err).Reason, "crashed")
		ask(t, c, 2, "7")
	})
}

// While the server shuts down, a handler finishes the message it is at: it saves and answers with its own context.
func TestStateOf_Save_duringShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e := newCounting(tandem.SessionPolicy{})
		serve := at(e, func(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
			st := tandem.StateOf[int](c.Session())
			sum, _, err := st.Load()
			if err != nil {
				return err
			}
			for n, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				if n == 2 {
					<-ctx.Done() // the shutdown comes in the middle of it
				}
				sum += n
				if err := st.Save(ctx, sum); err != nil {
					return err
				}
				if err := c.Send(ctx, fmt.Sprint(sum)); err != nil {
					return err
				}
			}
			return nil
		}, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		ask(t, c, 1, "1")
		assert.NoError(t, c.Send(t.Context(), 2))
		synctest.Wait()
		node.Stop()
		site.Start(store, serve)
		got, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, got, "3")
		ask(t, c, 3, "6")
	})
}

// A handler that fails at a message while the server shuts down does not pass for one that is done with it: the session
// ends, as it does after any failure, or the message is handed out again where it may be.
func TestHub_Shutdown_handlerFailsAtAMessage(t *testing.T) {
	for name, policy := range map[string]tandem.SessionPolicy{"": {}, "durable": {Durable: true}, "by hand": {ServerCommits: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &tandem.MemoryStore{}
				site := tandemtest.NewSite(t, nil)
				e := newCounting(policy)
				fail := true
				serve := at(e, func(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
					for n, err := range c.Messages(ctx) {
						if err != nil {
							return err
						}
						if n == 2 && fail {
							fail = false
							<-ctx.Done()
							return fmt.Errorf("the database: %w", ctx.Err())
						}
						if err := c.Send(ctx, fmt.Sprint(n)); err != nil {
							return err
						}
						c.Session().Commit()
					}
					return nil
				}, tandem.ServeOptions{})
				node := site.Start(store, serve)
				c := dialSite(t, site, e)
				ask(t, c, 1, "1")
				assert.NoError(t, c.Send(t.Context(), 2))
				synctest.Wait()
				node.Stop()
				site.Start(store, serve)
				got, err := c.Recv(t.Context())
				if name != "" {
					assert.NoError(t, err)
					assert.Equal(t, got, "2")
					return
				}
				gap := assert.ErrorAs[*tandem.Gap[int]](t, err)
				assert.Equal(t, gap, &tandem.Gap[int]{Reason: "ended"}) // the message was delivered, and the session ended over it
			})
		})
	}
}

// Without a store the client of a server that goes down stays until the server closes, so that what is on its way arrives.
func TestHub_Shutdown_sessionsInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(&tandem.HubOptions{Spread: -1})
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			msg, err := c.Recv(ctx)
			if err != nil {
				return err
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			return c.Send(ctx, strings.ToUpper(msg))
		}, &tandem.ServeOptions{Hub: hub})
		c := w.dial(e, nil)
		assert.NoError(t, c.Send(t.Context(), "hi"))
		synctest.Wait()
		go hub.Shutdown(context.Background())
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "HI")
		c.CloseNow()
	})
}

// Volatile messages that nobody receives do not pile up: the newest stay.
func TestConn_SendVolatile_flood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		begin := make(chan struct{})
		var got []string
		w := serveLasting(t, e, func(ctx context.Context, _ struct{}, c *textConn) error {
			<-begin
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				got = append(got, m)
			}
			return nil
		}, nil)
		p := w.greet(`{"v":1}`)
		p.ack(0)
		time.Sleep(time.Second) // the pump reads by then
		for i := range 5000 {
			p.send(textFrame(fmt.Sprintf(`[1,0,"%d"]`, i)))
			if i%1000 == 500 {
				p.msg(i/1000+1, "numbered")
			}
		}
		p.send(textFrame(`[1,0,"` + strings.Repeat("x", 50_000) + `"]`))
		synctest.Wait()
		close(begin)
		synctest.Wait()
		numbered := 0
		for _, m := range got {
			if m == "numbered" {
				numbered++
			}
		}
		assert.Equal(t, numbered, 5)
		assert.True(t, len(got) <= 5+256+64, len(got)) // and what lay in the socket
		assert.Equal(t, len(got[len(got)-1]), 50_000)
		assert.Equal(t, got[len(got)-2], "4999")
	})
}

// Two sockets that ask for a session in the store at once: one handler goes on.
func TestServeOptions_Store_twoAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{}
		hub := tandem.NewHub(nil)
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, &tandem.ServeOptions{Hub: hub, Store: store})
		p := w.greet(`{"v":1}`)
		p.msg(1, "a")
		assert.Equal(t, p.next(), `[0,1,"A"]`)
		time.Sleep(time.Second)
		go hub.Shutdown(t.Context())
		assert.Equal(t, p.next(), `[11,0,{"why":"restart","min":0,"max":5000,"resumable":true}]`)
		p.expectEndOfSession(1012)

		var handlers atomic.Int32
		w = serveLasting(t, e, func(ctx context.Context, s struct{}, c *textConn) error {
			handlers.Add(1)
			return echo(ctx, s, c)
		}, &tandem.ServeOptions{Store: store})
		w.t = t
		first, second := w.raw(), w.raw()
		for i, peer := range []*rawPeer{first, second} {
			peer.upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
			peer.send(textFrame("[7,0," + p.again(i+1, 1) + "]"))
			synctest.Wait() // until the store is asked
		}
		assert.True(t, strings.Contains(string(mustReceive(t, first).payload), `"resumed":true`))
		welcome := string(mustReceive(t, second).payload)
		assert.True(t, strings.Contains(welcome, `"resumed":true`), welcome)
		first.expectClose(4900)
		assert.Equal(t, handlers.Load(), 1)
		second.send(textFrame(`[2,0,{"rx":1}]`), textFrame(`[0,2,"b"]`))
		assert.Equal(t, (&sessionPeer{rawPeer: second}).next(), `[0,2,"B"]`)
	})
}

func mustReceive(t *testing.T, p *rawPeer) rawFrame {
	t.Helper()
	f, err := p.skipPings()
	assert.NoError(t, err)
	return f
}

// slowStore takes a second for everything.
type slowStore struct{ tandem.MemoryStore }

func (s *slowStore) Load(ctx context.Context, sid string) (*tandem.Record, error) {
	time.Sleep(time.Second)
	return s.MemoryStore.Load(ctx, sid)
}

func (s *slowStore) Save(ctx context.Context, sid string, r *tandem.Record) (uint64, error) {
	time.Sleep(time.Second)
	return s.MemoryStore.Save(ctx, sid, r)
}

// The end of a session that went over in a store does not outlive it in memory, and the name may come again.
func TestServeOptions_Store_endedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		a := serveLasting(t, e, echo, &tandem.ServeOptions{Store: store})
		b := serveLasting(t, e, echo, &tandem.ServeOptions{Store: store})
		p := a.greet(`{"v":1}`)
		p.msg(1, "a")
		assert.Equal(t, p.next(), `[0,1,"A"]`)
		p.send(closeFrame(1000, ""))
		synctest.Wait()
		q := b.greet(p.again(1, 1))
		assert.Equal(t, q.welcome.Why, "ended")
		assert.Equal(t, q.welcome.RX, 1)
		q.hangUp()
		time.Sleep(time.Hour)
		q = b.greet(p.again(2, 1))
		assert.Equal(t, q.welcome.Why, "unknown")
	})
}

// A hook that thinks for too long, or says nothing of a credential that cannot be sent.
func TestServeOptions_AuthorizeInBand_hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, &tandem.ServeOptions{Logger: quietOptions(nil).Logger, AuthorizeInBand: func(ctx context.Context, _ string) (context.Context, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		c := w.dial(e, nil)
		began := time.Now()
		err := c.Session().Authenticate(t.Context(), "x")
		assert.Equal(t, assert.ErrorAs[*tandem.CredentialError](t, err).Reason, "refused")
		assert.Equal(t, time.Since(began), 10*time.Second)
		for _, bad := range []string{"", "\xff"} {
			assert.True(t, c.Session().Authenticate(t.Context(), bad) != nil, "%q", bad)
		}
		assert.NoError(t, c.Err())
		_, err = e.Dial(t.Context(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: w.transport(), Credential: "\xff"})
		assert.True(t, err != nil && !errors.Is(err, context.DeadlineExceeded), err)
	})
}

// Who does not own a session in the store learns nothing of it, and leaves it as it is.
func TestServeOptions_Store_strangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		hub := tandem.NewHub(nil)
		a := serveLasting(t, e, echo, &tandem.ServeOptions{Hub: hub, Store: store})
		p := a.greet(`{"v":1}`)
		p.msg(1, "a")
		assert.Equal(t, p.next(), `[0,1,"A"]`)
		synctest.Wait()
		go hub.Shutdown(t.Context())
		assert.Equal(t, p.next()[:4], "[11,")
		p.expectEndOfSession(1012)
		before, err := store.Load(t.Context(), p.welcome.SID)
		assert.NoError(t, err)

		b := serveLasting(t, e, echo, &tandem.ServeOptions{Store: store})
		thief := *p
		thief.welcome.Key = strings.Repeat("k", 32)
		q := b.greet(thief.again(1, 1))
		assert.Equal(t, q.welcome.Why, "unknown")
		q.hangUp()
		after, err := store.Load(t.Context(), p.welcome.SID)
		assert.NoError(t, err)
		assert.Equal(t, after.Version, before.Version)
		assert.True(t, b.greet(p.again(1, 1)).welcome.Resumed)
	})
}
