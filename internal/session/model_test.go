//go:build !js

package session_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tandem-ws/tandem/internal/session"
)

// TestMain asks rapid for longer runs than it makes by itself; flags on the command line win.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "1500")
	_ = flag.Set("rapid.steps", "150")
	os.Exit(m.Run())
}

// model is a client, a server's sessions, and a network that loses sockets. It holds the promise against both ends:
// in order and at most once always; exactly once while the session resumes; otherwise both sides are told, and what they
// are told is true.
type model struct {
	t      *rapid.T
	now    time.Time
	epoch  string
	client *session.Client
	nodes  []*session.Server
	wires  []*link
	grants int
	next   int // payloads are numbered, so each is unique

	logs    map[string]*log // by name of the session
	sending *log            // where the client's messages go; without a name before there is a session
	unread  []held          // received by the client's application's queue
	over    bool            // the client was told
	hello   session.Frame   // the last one the client sent
	store   store
}

// link is a socket: two queues of frames. In is toward the server.
type link struct {
	in, out        []session.Frame
	client, server session.Socket
	node           *session.Server
	thief          bool // its client's end is not ours
	inShut         int  // code of a Close frame behind what is in the queue
	outShut        int
	cut            bool // nothing moves any more; the ends may not have noticed
	dead           bool // the server's process is gone; what it has sent may still arrive
}

// log is what one session should look like.
type log struct {
	up, down             []string // what was sent, toward the server and toward the client
	upTaken, downTaken   int      // how much of it was taken
	upNever, downNever   uint64   // from this number on the sender was told "not delivered"; 0 is none
	clientTold, nodeTold bool
	unread               []held // the server's queue
	settled              state  // of the server's application
	upEver               int    // taken by any process, also by one that died with what it did
	reborn               bool   // it is being restored, after a crash
}

type held struct {
	ref     session.Ref
	payload string
	log     *log
}

var modelWindow = session.Window{N: 4, Bytes: 40, MS: 30_000}

func newModel(t *rapid.T) *model {
	return &model{
		t: t, now: time.Unix(1, 0), epoch: "e1", client: session.NewClient(&session.ClientConfig{Window: modelWindow}),
		logs: map[string]*log{}, sending: &log{},
		store: newStore(t),
	}
}

// faults tells in how many of the runs a fault happens: one of so many.
var faults = map[string]*rapid.Generator[int]{
	"cut": rapid.IntRange(0, 1), "client notices": rapid.IntRange(0, 2), "server notices": rapid.IntRange(0, 2),
	"new socket": rapid.IntRange(0, 3), "long time": rapid.IntRange(0, 3), "twice": rapid.IntRange(0, 3),
	"swap": rapid.IntRange(0, 7), "thief": rapid.IntRange(0, 5), "rare": rapid.IntRange(0, 3),
	"restart": rapid.IntRange(0, 2), "crash": rapid.IntRange(0, 2),
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		// Most runs are spared some of the faults, so that some get far.
		actions := map[string]func(*rapid.T){
			"client sends": func(t *rapid.T) { m.clientSends() },
			"server sends": func(t *rapid.T) { m.serverSends() },
			"talk":         func(t *rapid.T) { m.talk() },
			"talk more":    func(t *rapid.T) { m.talk(); m.talk() },
			"client takes": func(t *rapid.T) { m.clientTakes() },
			"server takes": func(t *rapid.T) { m.serverTakes() },
			"frames up":    func(t *rapid.T) { m.moveUp(t, rapid.IntRange(1, 6).Draw(t, "frames")) },
			"frames down":  func(t *rapid.T) { m.moveDown(t, rapid.IntRange(1, 6).Draw(t, "frames")) },
			"all up":       func(t *rapid.T) { m.newest(m.up) },
			"all down":     func(t *rapid.T) { m.newest(m.down) },
			"connect":      func(t *rapid.T) { m.connectAgain() },
			"time":         func(t *rapid.T) { m.wait(time.Duration(rapid.IntRange(1, 400).Draw(t, "ms")) * time.Millisecond) },
			"settle":       func(t *rapid.T) { m.settle() },
			"save":         func(t *rapid.T) { m.saveAll() },
			"":             func(t *rapid.T) { m.bounded() },
		}
		possible := map[string]func(*rapid.T){
			"cut":            func(t *rapid.T) { m.pick(t).cut = true },
			"client notices": func(t *rapid.T) { w := m.pick(t); w.cut = true; m.client.Lost(w.client); m.drain() },
			"server notices": func(t *rapid.T) { m.serverNotices(m.pick(t)) },
			"new socket":     func(t *rapid.T) { m.connect() },
			"long time":      func(t *rapid.T) { m.wait(time.Duration(rapid.IntRange(1, 12_000).Draw(t, "ms")) * time.Millisecond) },
			"twice":          func(t *rapid.T) { m.twice(t) },
			"swap":           func(t *rapid.T) { m.swap(t) },
			"thief":          func(t *rapid.T) { m.thief(t) },
			"rare":           func(t *rapid.T) { m.rare(t) },
			"restart":        func(t *rapid.T) { m.restart(t) },
			"crash":          func(t *rapid.T) { m.crash(t) },
		}
		for _, name := range slices.Sorted(maps.Keys(faults)) { // a failing run can be repeated
			if faults[name].Draw(t, name) == 0 {
				actions[name] = possible[name]
			}
		}
		t.Repeat(actions)
		m.calm()
	})
}

// rare ends things for good, so it must not happen all the time.
func (m *model) rare(t *rapid.T) {
	switch rapid.IntRange(0, 24).Draw(t, "what") {
	case 0:
		m.wait(31 * time.Second) // a session without a socket expires
	case 1:
		m.epoch += "'"
		for _, n := range m.nodes {
			n.SetEpoch(m.epoch)
		}
	case 2:
		m.client.End(1000, "")
	case 3:
		if n := m.current(); n != nil {
			n.End(rapid.SampledFrom([]int{1000, 1011}).Draw(t, "code"), "")
		}
	case 4: // the server loses its memory and its store
		m.store.records = map[string]*record{}
		m.reborn()
	}
	m.drain()
}

func (m *model) payload() []byte {
	m.next++
	return fmt.Appendf(nil, "%0*d", 1+m.next%13, m.next)
}

// current is the server's end of the session that the client has.
func (m *model) current() *session.Server {
	i := slices.IndexFunc(m.nodes, func(n *session.Server) bool { return n.SID() == m.client.SID() })
	if i < 0 {
		return nil
	}
	return m.nodes[i]
}

func (m *model) clientSends() {
	p := m.payload()
	if _, err := m.client.Send(&session.Message{Payload: p}); err == nil {
		m.sending.up = append(m.sending.up, string(p))
	}
	m.drain()
}

func (m *model) serverSends() {
	for _, n := range m.nodes {
		p := m.payload()
		if _, err := n.Send(&session.Message{Payload: p}); err == nil {
			l := m.logs[n.SID()]
			l.down = append(l.down, string(p))
		}
	}
	m.drain()
}

func (m *model) clientTakes() {
	if len(m.unread) == 0 {
		return
	}
	h := m.unread[0]
	m.unread = m.unread[1:]
	if !m.client.Took(h.ref) {
		m.t.Fatalf("the client's queue is not to be thrown away")
	}
	l := h.log
	if l.downTaken >= len(l.down) || l.down[l.downTaken] != h.payload {
		m.t.Fatalf("the client takes %s as number %d of %v", h.payload, l.downTaken+1, l.down)
	}
	l.downTaken++
	if l.downNever != 0 && uint64(l.downTaken) >= l.downNever {
		m.t.Fatalf("the client takes number %d, of which the server was told that it was not delivered", l.downTaken)
	}
	m.drain()
}

func (m *model) serverTakes() {
	for _, n := range m.nodes {
		l := m.logs[n.SID()]
		if len(l.unread) == 0 {
			continue
		}
		h := l.unread[0]
		l.unread = l.unread[1:]
		if !n.Took(h.ref) {
			if !n.IsOver() {
				m.t.Fatalf("a live session throws a message away")
			}
			continue
		}
		if l.upTaken >= len(l.up) || l.up[l.upTaken] != h.payload {
			m.t.Fatalf("the server takes %s as number %d of %v", h.payload, l.upTaken+1, l.up)
		}
		l.upTaken++
		l.upEver = max(l.upEver, l.upTaken)
		if l.upNever != 0 && uint64(l.upTaken) >= l.upNever {
			m.t.Fatalf("the server takes number %d, of which the client was told that it was not delivered", l.upTaken)
		}
	}
	m.drain()
}

func (m *model) connect() {
	if sock := m.client.Connected(m.now, ""); sock != 0 {
		m.wires = append(m.wires, &link{client: sock})
	}
	m.drain()
}

// talk is what happens when nothing is wrong. Without it most runs would see few messages taken.
func (m *model) talk() {
	m.clientSends()
	m.serverSends()
	m.newest(m.up)
	m.newest(m.down)
	m.clientTakes()
	m.serverTakes()
}

// connectAgain does so when there is no socket that works, once the client has noticed.
func (m *model) connectAgain() {
	if n := len(m.wires); n > 0 && m.wires[n-1].cut {
		m.client.Lost(m.wires[n-1].client)
	}
	if m.client.Socket() == 0 {
		m.connect()
	}
}

// newest moves all frames of the client's newest socket.
func (m *model) newest(move func(*link) bool) {
	for _, w := range m.wires {
		if !w.thief && w.client == m.client.Socket() {
			for move(w) {
			}
		}
	}
}

// pick gives one of the newest sockets, or a dead one.
func (m *model) pick(t *rapid.T) *link {
	n := len(m.wires)
	if n == 0 {
		return &link{cut: true}
	}
	return m.wires[n-1-rapid.IntRange(0, min(n, 3)-1).Draw(t, "socket")]
}

func (m *model) serverNotices(w *link) {
	w.cut = true
	if w.node != nil {
		w.node.Lost(m.now, w.server)
	}
	m.drain()
}

func (m *model) moveUp(t *rapid.T, n int) {
	for w := m.pick(t); n > 0 && m.up(w); n-- {
	}
}

func (m *model) moveDown(t *rapid.T, n int) {
	for w := m.pick(t); n > 0 && m.down(w); n-- {
	}
}

// up moves one frame to the server.
func (m *model) up(w *link) bool {
	switch {
	case w.cut || w.dead:
		return false
	case len(w.in) == 0 && w.inShut != 0:
		if w.node != nil {
			w.node.Closed(m.now, w.server, w.inShut)
		}
		w.cut = true
		m.drain()
		return false
	case len(w.in) == 0:
		return false
	}
	f := w.in[0]
	w.in = w.in[1:]
	if h, ok := f.Body.(*session.Hello); ok && w.node == nil {
		m.greet(w, h)
	} else if w.node != nil {
		m.toNode(w, &f)
	}
	m.drain()
	return true
}

func (m *model) toNode(w *link, f *session.Frame) {
	v, ref := w.node.Receive(m.now, w.server, f)
	if v == session.Deliver {
		l := m.logs[w.node.SID()]
		l.unread = append(l.unread, held{ref, string(f.Payload), l})
	}
}

func (m *model) greet(w *link, h *session.Hello) {
	m.grants++
	grant := session.Grant{SID: fmt.Sprintf("s%d", m.grants), Key: fmt.Sprintf("key-%018d", m.grants)}
	who := session.Caller{Principal: "ada", Codec: "json"}
	var refused session.Refusal
	if h.SID != "" {
		refused.Why = session.WhyUnknown
		for _, n := range m.nodes {
			if n.SID() == h.SID {
				w.node = n
				w.server, refused = n.Resume(m.now, h, who, grant.Key)
			}
		}
	}
	if w.server == 0 {
		w.node, w.server = session.NewServer(m.config(), m.now, h, who, grant, refused)
		m.nodes = append(m.nodes, w.node)
		m.logs[grant.SID] = &log{}
	}
}

// down moves one frame to the client.
func (m *model) down(w *link) bool {
	switch {
	case w.cut:
		return false
	case len(w.out) == 0 && w.outShut != 0:
		m.client.Closed(w.client, w.outShut)
		w.cut = true
		m.drain()
		return false
	case len(w.out) == 0 && w.dead:
		m.client.Lost(w.client)
		w.cut = true
		m.drain()
		return false
	case len(w.out) == 0:
		return false
	}
	f := w.out[0]
	w.out = w.out[1:]
	v, ref := m.client.Receive(m.now, w.client, &f)
	if v == session.Deliver {
		m.unread = append(m.unread, held{ref, string(f.Payload), m.sending})
	}
	m.drain()
	return true
}

// twice has a frame arrive twice, as no honest network does.
func (m *model) twice(t *rapid.T) {
	w := m.pick(t)
	if len(w.in) > 0 {
		w.in = slices.Insert(w.in, 1, w.in[0])
	}
	if len(w.out) > 0 {
		w.out = slices.Insert(w.out, 1, w.out[0])
	}
}

// swap has two frames arrive in the wrong order.
func (m *model) swap(t *rapid.T) {
	w := m.pick(t)
	if rapid.IntRange(0, 9).Draw(t, "up or down, seldom") == 0 && len(w.in) > 1 {
		w.in[0], w.in[1] = w.in[1], w.in[0]
	} else if len(w.out) > 1 && w.out[0].Kind != session.WelcomeK {
		w.out[0], w.out[1] = w.out[1], w.out[0]
	}
}

// thief shows the key that the client showed last, and may do so as its next try.
func (m *model) thief(t *rapid.T) {
	h, ok := m.hello.Body.(*session.Hello)
	if !ok || h.SID == "" || rapid.IntRange(0, 3).Draw(t, "seldom") != 0 {
		return
	}
	stolen := *h
	stolen.Try += uint64(rapid.IntRange(0, 1).Draw(t, "further"))
	w := &link{thief: true}
	m.wires = append(m.wires, w)
	m.greet(w, &stolen)
	m.drain()
}

// wait lets time pass for both ends.
func (m *model) wait(d time.Duration) {
	for end := m.now.Add(d); m.now.Before(end); {
		next := end
		if at, ok := m.client.Due(); ok && at.After(m.now) && at.Before(next) {
			next = at
		}
		for _, n := range m.nodes {
			if at, ok := n.Due(); ok && at.After(m.now) && at.Before(next) {
				next = at
			}
		}
		m.now = next
		m.client.Tick(m.now)
		for _, n := range m.nodes {
			n.Tick(m.now)
		}
		m.drain()
	}
}
