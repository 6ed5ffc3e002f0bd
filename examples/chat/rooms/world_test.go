package rooms_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/api"
	"github.com/tandem-ws/tandem/examples/chat/rooms"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// patience is how long a message may take to come.
const patience = 10 * time.Minute

// world is a server of rooms, in memory.
type world struct {
	t    *testing.T
	site *tandemtest.Site
	node *tandemtest.Node
}

func newWorld(t *testing.T, o *rooms.Options) *world {
	w := &world{t: t, site: tandemtest.NewSite(t, nil)}
	w.start(o)
	return w
}

// start has a server take over that knows nothing.
func (w *world) start(o *rooms.Options) {
	w.node = w.site.Start(nil, func(n *tandemtest.Node) http.Handler {
		mux := http.NewServeMux()
		rooms.New(o).Handle(mux, n.Hub)
		return mux
	})
}

// client is somebody in a room, and what they know.
type client struct {
	t       *testing.T
	c       *tandem.Conn[api.ServerEvent, api.ClientEvent]
	network *fault.Proxy

	you     api.MemberID
	members []api.Member
	history []api.Said // what was said, before and since
	refused []api.Refusal
	writes  []api.MemberID
	left    int // how often somebody has left
	gaps    []*tandem.Gap[api.ClientEvent]
}

// dial connects, with a network of one's own.
func (w *world) dial(p api.Params, plain bool) (*client, error) {
	w.t.Helper()
	network := fault.New(nil)
	l := network.Listen(func(ctx context.Context) (net.Conn, error) { return w.site.DialContext(ctx, "tcp", "") })
	transport := &http.Transport{DialContext: l.DialContext}
	c, err := api.Chat.Dial(w.t.Context(), tandemtest.URL, p, &tandem.DialOptions{
		Plain:     plain,
		Transport: tandem.HTTPClient(&http.Client{Transport: transport}),
	})
	w.t.Cleanup(func() {
		if err == nil {
			c.Close(tandem.CodeNormal, "")
		}
		transport.CloseIdleConnections()
		network.Close()
	})
	return &client{t: w.t, c: c, network: network}, err
}

// enter connects and waits for the welcome.
func (w *world) enter(room, name string) *client {
	w.t.Helper()
	k, err := w.dial(api.Params{Room: room, Name: name}, false)
	assert.NoError(w.t, err)
	k.recv()
	assert.True(w.t, k.you != 0, "welcome comes first")
	return k
}

// refusedTo connects, and gives what the server says to that.
func (w *world) refusedTo(room, name string) *tandem.CloseError {
	w.t.Helper()
	var closed *tandem.CloseError
	for _, plain := range []bool{true, false} {
		k, err := w.dial(api.Params{Room: room, Name: name}, plain)
		if err == nil {
			_, err = k.c.Recv(w.t.Context())
		}
		closed = assert.ErrorAs[*tandem.CloseError](w.t, err)
		assert.True(w.t, !closed.Code.Reconnect(), "whether to try again is up to people")
	}
	return closed
}

// take takes in one message, or gives why there is none.
func (k *client) take() error {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	msg, err := k.c.Recv(ctx)
	if gap, ok := errors.AsType[*tandem.Gap[api.ClientEvent]](err); ok {
		k.gaps = append(k.gaps, gap)
		msg, err = k.c.Recv(ctx)
	}
	if err != nil {
		return err
	}
	switch msg := msg.(type) {
	case api.Welcome:
		k.you, k.members, k.history = msg.You, msg.Members, msg.History
		k.member(k.you)
	case api.Joined:
		assert.True(k.t, !slices.ContainsFunc(k.members, func(m api.Member) bool { return m.ID == msg.Member.ID }), "who joins was not there")
		k.members = append(k.members, msg.Member)
	case api.Left:
		k.member(msg.ID)
		k.left++
		k.members = slices.DeleteFunc(k.members, func(m api.Member) bool { return m.ID == msg.ID })
	case api.Presence:
		m := k.member(msg.ID)
		assert.True(k.t, m.Away != msg.Away, "a presence is a change")
		m.Away = msg.Away
	case api.Renamed:
		k.member(msg.ID).Name = msg.Name
	case api.Said:
		if n := len(k.history); n > 0 {
			assert.Equal(k.t, msg.ID, k.history[n-1].ID+1, "nothing is missing")
		}
		k.history = append(k.history, msg)
	case api.Writes:
		k.writes = append(k.writes, msg.ID)
	case api.Refused:
		k.refused = append(k.refused, msg.Why)
	}
	return nil
}

// member is somebody who must be there.
func (k *client) member(id api.MemberID) *api.Member {
	k.t.Helper()
	for i := range k.members {
		if k.members[i].ID == id {
			return &k.members[i]
		}
	}
	k.t.Fatalf("%d is not there", id)
	return nil
}

func (k *client) recv() {
	k.t.Helper()
	assert.NoError(k.t, k.take())
}

// until takes in messages until something holds.
func (k *client) until(holds func() bool) {
	k.t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		k.recv()
	}
	k.t.Fatal("it does not come to hold")
}

// hears waits until a text was said last.
func (k *client) hears(text string) api.Said {
	k.t.Helper()
	k.until(func() bool { return len(k.history) > 0 && k.history[len(k.history)-1].Text == text })
	return k.history[len(k.history)-1]
}

func (k *client) send(msg api.ClientEvent) {
	k.t.Helper()
	assert.NoError(k.t, k.c.Send(k.t.Context(), msg))
}

func (k *client) leave() {
	k.t.Helper()
	assert.NoError(k.t, k.c.Close(tandem.CodeNormal, ""))
}

// names are those of the members, in their order. Who is away has a question mark.
func (k *client) names() (names []string) {
	for _, m := range k.members {
		if m.Away {
			m.Name += "?"
		}
		names = append(names, m.Name)
	}
	return names
}

// sees waits until the members are these.
func (k *client) sees(names ...string) {
	k.t.Helper()
	k.until(func() bool { return slices.Equal(k.names(), names) })
}
