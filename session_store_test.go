package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// counting adds up numbers, and keeps the sum as state. Each answer names the sum and whether the handler was started
// afresh.
type counter struct {
	mu       sync.Mutex
	handlers int
	took     []int
	keys     []string
	gaps     []*tandem.Gap[string]
}

func (k *counter) handle(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
	k.mu.Lock()
	k.handlers++
	if gap := c.Gap(); gap != nil {
		k.gaps = append(k.gaps, gap)
	}
	k.mu.Unlock()
	st := tandem.StateOf[int](c.Session())
	sum, _, err := st.Load()
	if err != nil {
		return err
	}
	for n, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		k.mu.Lock()
		k.took, k.keys = append(k.took, n), append(k.keys, c.Session().Key())
		k.mu.Unlock()
		sum += n
		if err := st.Save(ctx, sum); err != nil {
			return err
		}
		if err := c.Send(ctx, fmt.Sprint(sum)); err != nil {
			return err
		}
	}
	return nil
}

func newCounting(p tandem.SessionPolicy) *tandem.Endpoint[struct{}, int, string] {
	return &tandem.Endpoint[struct{}, int, string]{Path: "/count", Codec: cbor.Codec, Session: &p}
}

// at serves an endpoint on a node of a site.
func at[In, Out any](e *tandem.Endpoint[struct{}, In, Out], h func(context.Context, struct{}, *tandem.Conn[In, Out]) error, o tandem.ServeOptions) func(*tandemtest.Node) http.Handler {
	return func(n *tandemtest.Node) http.Handler {
		o := o
		o.Hub, o.Store = n.Hub, n.Store
		if o.Logger == nil {
			o.Logger = quietOptions(nil).Logger
		}
		mux := http.NewServeMux()
		mux.Handle(e.Handler(h, &o))
		return mux
	}
}

// dialSite connects a client that comes back at once.
func dialSite[In, Out any](t *testing.T, s *tandemtest.Site, e *tandem.Endpoint[struct{}, In, Out]) *tandem.Conn[Out, In] {
	t.Helper()
	c, err := e.Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport(), Reconnect: atOnce})
	assert.NoError(t, err)
	t.Cleanup(c.CloseNow)
	return c
}

func ask(t *testing.T, c *tandem.Conn[string, int], n int, want string) {
	t.Helper()
	assert.NoError(t, c.Send(t.Context(), n))
	got, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, got, want)
}

// A server that is restarted in order loses nothing: the session goes on, in a handler started afresh that finds its state.
func TestServeOptions_Store_restart(t *testing.T) {
	for _, durable := range []bool{false, true} {
		t.Run(fmt.Sprint("durable ", durable), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &tandem.MemoryStore{}
				site := tandemtest.NewSite(t, nil)
				e, k := newCounting(tandem.SessionPolicy{Durable: durable}), &counter{}
				serve := at(e, k.handle, tandem.ServeOptions{})
				node := site.Start(store, serve)
				c := dialSite(t, site, e)
				id := c.Session().ID()
				ask(t, c, 1, "1")
				for i := 2; i <= 4; i++ {
					node.Stop()
					assert.NoError(t, c.Send(t.Context(), i)) // while nobody is there
					node = site.Start(store, serve)
					got, err := c.Recv(t.Context())
					assert.NoError(t, err)
					assert.Equal(t, got, fmt.Sprint(i*(i+1)/2))
				}
				assert.Equal(t, c.Session().ID(), id)
				assert.Equal(t, c.Session().Info().Resumes, 3)
				assert.NoError(t, c.Close(tandem.CodeNormal, ""))
				assert.Equal(t, k.took, []int{1, 2, 3, 4})
				assert.Equal(t, k.keys, []string{id + "/1", id + "/2", id + "/3", id + "/4"})
				assert.Equal(t, k.handlers, 4)
				assert.Equal(t, len(k.gaps), 0)
			})
		})
	}
}

// When a server dies, both sides are told, and the state goes over to the session that is opened in place of the lost one.
func TestServeOptions_Store_crash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{}), &counter{}
		serve := at(e, k.handle, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		ask(t, c, 5, "5")
		time.Sleep(time.Minute)
		assert.NoError(t, c.Send(t.Context(), 2))
		synctest.Wait()
		node.Kill()
		synctest.Wait()
		assert.NoError(t, c.Send(t.Context(), 4))
		site.Start(store, serve)
		id := c.Session().ID()
		var gap *tandem.Gap[int]
		for gap == nil { // the answer to 2 may have been on its way
			_, err := c.Recv(t.Context())
			if err != nil {
				gap = assert.ErrorAs[*tandem.Gap[int]](t, err)
			}
		}
		assert.Equal(t, gap, &tandem.Gap[int]{Reason: "crashed", Unsent: []tandem.Unsent[int]{
			{Number: 2, Message: 2, Maybe: true}, {Number: 3, Message: 4},
		}})
		assert.True(t, c.Session().ID() != id, "another session")
		ask(t, c, 10, "17")
		assert.Equal(t, len(k.gaps), 1)
		assert.Equal(t, k.gaps[0].Reason, "crashed")
	})
}

// A durable session survives the death of its process: what that was at is handed out again, in the state before it.
func TestSessionPolicy_Durable_crash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{Durable: true}), &counter{}
		hang := make(chan struct{})
		var node *tandemtest.Node
		serve := at(e, func(ctx context.Context, p struct{}, c *tandem.Conn[int, string]) error {
			n := node
			if n != nil && n.Alive() {
				return k.handle(ctx, p, c)
			}
			st := tandem.StateOf[int](c.Session()) // the first one: it dies over its second message
			for range 2 {
				m, err := c.Recv(ctx)
				if err != nil {
					return err
				}
				_ = st.Save(ctx, m*100)
				_ = c.Send(ctx, "first")
				if m == 2 {
					<-hang
				}
			}
			return nil
		}, tandem.ServeOptions{})
		first := site.Start(store, serve)
		c := dialSite(t, site, e)
		ask(t, c, 1, "first")
		assert.NoError(t, c.Send(t.Context(), 2))
		assert.NoError(t, c.Send(t.Context(), 3))
		synctest.Wait()
		first.Kill()
		node = site.Start(store, serve)
		for _, want := range []string{"102", "105"} { // 100 was settled; the answer to 2 that the dead process sent was not
			got, err := c.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, got, want)
		}
		assert.Equal(t, k.took, []int{2, 3})
		close(hang)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// Without a store a durable session cannot be, and a window that fits no record either.
func TestServeOptions_Store_checks(t *testing.T) {
	for name, e := range map[string]*tandem.Endpoint[struct{}, int, string]{
		"durable": newCounting(tandem.SessionPolicy{Durable: true}),
		"window":  newCounting(tandem.SessionPolicy{Bytes: 2 << 20}),
		"message": {Path: "/count", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}, Limits: tandem.Limits{MaxServerMessage: 2 << 20}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &tandem.ServeOptions{}
			if name != "durable" {
				o.Store = &tandem.MemoryStore{}
			}
			defer func() { assert.True(t, recover() != nil, "Handler takes it") }()
			e.Handler((&counter{}).handle, o)
		})
	}
}

// At the limit they can be.
func TestServeOptions_Store_largestWindow(t *testing.T) {
	e := newCounting(tandem.SessionPolicy{Messages: 256, Bytes: 2<<20 - 24*256})
	e.Handler((&counter{}).handle, &tandem.ServeOptions{Store: &tandem.MemoryStore{}})
}

// A handler that is blocked because its client takes nothing finishes its message when the server goes down, and the next
// process has all of it.
func TestServeOptions_Store_fullWindowAtShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e := newCounting(tandem.SessionPolicy{Messages: 8})
		const answers = 15
		serve := at(e, func(ctx context.Context, _ struct{}, c *tandem.Conn[int, string]) error {
			for n, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				for i := range answers {
					if err := c.Send(ctx, fmt.Sprint(n, i)); err != nil {
						return err
					}
				}
			}
			return nil
		}, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		assert.NoError(t, c.Send(t.Context(), 1))
		synctest.Wait()
		node.Stop() // nobody receives
		site.Start(store, serve)
		assert.NoError(t, c.Send(t.Context(), 2))
		for n := 1; n <= 2; n++ {
			for i := range answers {
				got, err := c.Recv(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, got, fmt.Sprint(n, i))
			}
		}
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	})
}

// brittle is a store that fails when it is told to: before or after it has done what was asked.
type brittle struct {
	tandem.MemoryStore
	mu           sync.Mutex
	before, done int // how many of the next calls of Save fail so
}

var errStore = errors.New("store failed")

func (s *brittle) Save(ctx context.Context, sid string, r *tandem.Record) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before > 0 {
		s.before--
		return 0, errStore
	}
	v, err := s.MemoryStore.Save(ctx, sid, r)
	if s.done > 0 {
		s.done--
		return 0, errStore
	}
	return v, err
}

// A store that fails for a while, or does not say that it has written, costs nothing but time.
func TestServeOptions_Store_fails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &brittle{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{Durable: true}), &counter{}
		serve := at(e, k.handle, tandem.ServeOptions{})
		node := site.Start(store, serve)
		c := dialSite(t, site, e)
		for i := 1; i <= 6; i++ {
			store.mu.Lock()
			store.before, store.done = i%3, i%2
			store.mu.Unlock()
			ask(t, c, 1, fmt.Sprint(i))
			if i%2 == 0 {
				node.Stop()
				node = site.Start(store, serve)
			} else if i == 3 {
				node.Kill()
				node = site.Start(store, serve)
			}
		}
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		assert.Equal(t, len(k.took), 6)
	})
}

// Two servers that take up one session: one goes on, and the client is told to come back by the other, or fenced there.
func TestServeOptions_Store_fenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		a, b := tandemtest.NewSite(t, nil), tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{}), &counter{}
		serve := at(e, k.handle, tandem.ServeOptions{})
		a.Start(store, serve)
		b.Start(store, serve)
		c := dialSite(t, a, e)
		ask(t, c, 1, "1")
		synctest.Wait()
		sid := c.Session().ID()
		// Somebody else writes the session's record.
		r, err := store.Load(t.Context(), sid)
		assert.NoError(t, err)
		_, err = store.Save(t.Context(), sid, r)
		assert.NoError(t, err)
		assert.NoError(t, c.Send(t.Context(), 2)) // its handler saves the state
		_, err = c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.Gap[int]](t, err).Reason, "taken over")
	})
}

// Sessions that nobody comes back to are told, once, with their state: also those whose server has died.
func TestServeOptions_OnExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type notice struct {
			id, over string
			sum      int
		}
		var mu sync.Mutex
		var told []notice
		panics := 1
		o := tandem.ServeOptions{OnExpired: func(_ context.Context, s *tandem.Session) {
			sum, _, err := tandem.StateOf[int](s).Load()
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			if panics--; panics >= 0 {
				panic("the first time")
			}
			told = append(told, notice{s.ID(), s.Info().Over, sum})
		}}
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{Keep: time.Minute}), &counter{}
		serve := at(e, k.handle, o)
		node := site.Start(store, serve)
		open := func(sum int) string {
			c := dialSite(t, site, e)
			ask(t, c, sum, fmt.Sprint(sum))
			id := c.Session().ID()
			c.CloseNow()
			return id
		}
		crashed := open(1)
		synctest.Wait()
		node.Kill()
		node = site.Start(store, serve)
		expired := open(2)
		time.Sleep(2 * time.Minute)
		atRest := open(3)
		synctest.Wait()
		node.Stop()
		node = site.Start(store, serve)
		c := dialSite(t, site, e) // this one ends as it should
		ask(t, c, 9, "9")
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		time.Sleep(24 * time.Hour)
		mu.Lock()
		defer mu.Unlock()
		want := map[string]notice{
			crashed: {crashed, "crashed", 1}, expired: {expired, "expired", 2}, atRest: {atRest, "expired", 3},
		}
		for _, n := range told {
			assert.Equal(t, n, want[n.id])
			delete(want, n.id)
		}
		assert.Equal(t, len(want), 0, want) // also the one whose first notice panicked
		node.Stop()
	})
}

// OnExpired is told without a store as well.
func TestServeOptions_OnExpired_inMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan string, 1)
		e, k := newCounting(tandem.SessionPolicy{Keep: time.Minute}), &counter{}
		site := tandemtest.NewSite(t, nil)
		site.Start(nil, at(e, k.handle, tandem.ServeOptions{OnExpired: func(_ context.Context, s *tandem.Session) { told <- s.ID() }}))
		c := dialSite(t, site, e)
		id := c.Session().ID()
		c.CloseNow()
		assert.Equal(t, <-told, id)
	})
}

// A session that lives is not forgotten by the store, however long it says nothing.
func TestServeOptions_Store_longLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{Keep: time.Second}), &counter{}
		node := site.Start(store, at(e, k.handle, tandem.ServeOptions{}))
		c := dialSite(t, site, e)
		ask(t, c, 1, "1")
		time.Sleep(5 * time.Hour)
		_, err := store.Load(t.Context(), c.Session().ID())
		assert.NoError(t, err)
		node.Kill()
		site.Start(store, at(e, k.handle, tandem.ServeOptions{}))
		_, err = c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.Gap[int]](t, err).Reason, "crashed")
	})
}

// A session belongs to its endpoint and its owner, in the store too.
func TestServeOptions_Store_otherEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &tandem.MemoryStore{}
		site := tandemtest.NewSite(t, nil)
		e, k := newCounting(tandem.SessionPolicy{}), &counter{}
		other := newCounting(tandem.SessionPolicy{})
		other.Path = "/other"
		node := site.Start(store, at(e, k.handle, tandem.ServeOptions{}))
		c := dialSite(t, site, e)
		ask(t, c, 1, "1")
		node.Stop()
		// The same address, but what is served there under the path is another endpoint.
		site.Start(store, func(n *tandemtest.Node) http.Handler {
			_, h := other.Handler(k.handle, &tandem.ServeOptions{Hub: n.Hub, Store: n.Store})
			return h
		})
		_, err := c.Recv(t.Context())
		assert.Equal(t, assert.ErrorAs[*tandem.Gap[int]](t, err).Reason, "unknown")
	})
}
