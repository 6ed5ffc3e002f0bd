package rooms

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/api"
)

// What is kept of what was said in a room. If all of it must be escaped a Welcome has 80 KiB, which leaves room in the window
// of the session.
const (
	historyLength = 100
	historyBytes  = 32 << 10 // of text
)

// typingEvery is how often a member is said to be writing at most.
const typingEvery = time.Second

// room is a room. The zero value is an empty one.
type room struct {
	mu      sync.Mutex // guards the rest, and is held while members are told
	members []*member  // in the order in which they came
	history []api.Said
	bytes   int // of text in history

	lastMember  api.MemberID
	lastMessage api.MessageID
}

// member is somebody in the room.
type member struct {
	ctx  context.Context // of the handler
	conn *conn

	// The room's lock guards the rest.
	is    api.Member
	may   allowance
	typed time.Time // when the others were told that they write
}

// send tells a member. When that fails the connection is over, which its handler is told when it receives.
func (m *member) send(msg api.ServerEvent) { _ = m.conn.Send(m.ctx, msg) }

// tell tells all members but one, or all.
func (r *room) tell(msg api.ServerEvent, but *member) {
	for _, m := range r.members {
		if m != but {
			m.send(msg)
		}
	}
}

// join lets somebody in.
func (r *room) join(ctx context.Context, name string, c *conn) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastMember++
	m := &member{ctx: ctx, conn: c, is: api.Member{ID: r.lastMember, Name: name}}
	r.tell(api.Joined{Member: m.is}, nil)
	r.members = append(r.members, m)
	welcome := api.Welcome{You: m.is.ID, History: r.history}
	for _, other := range r.members {
		welcome.Members = append(welcome.Members, other.is)
	}
	m.send(welcome)
	return m
}

// part lets a member go. When the server shuts down everybody goes, and comes back: the others need not know.
func (r *room) part(m *member, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members = slices.DeleteFunc(r.members, func(other *member) bool { return other == m })
	if !errors.Is(why, tandem.ErrShutdown) {
		r.tell(api.Left{ID: m.is.ID}, nil)
	}
}

// look sees whether a member is away. Without a session they are there or have left.
func (r *room) look(m *member) {
	session := m.conn.Session()
	if session == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	info := session.Info()
	if away := !info.Up && info.Over == ""; m.is.Away != away {
		m.is.Away = away
		r.tell(api.Presence{ID: m.is.ID, Away: away}, m)
	}
}

// say answers a Say.
func (r *room) say(m *member, text string) {
	text, refusal := cleanText(text)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !m.mayGo(refusal) {
		return
	}
	r.lastMessage++
	said := api.Said{ID: r.lastMessage, At: time.Now().UTC().Truncate(time.Millisecond), By: m.is.ID, Name: m.is.Name, Text: text}
	r.history = append(r.history, said)
	r.bytes += len(text)
	for len(r.history) > historyLength || r.bytes > historyBytes {
		r.bytes -= len(r.history[0].Text)
		r.history = slices.Delete(r.history, 0, 1)
	}
	m.typed = time.Time{} // what they write now is something else
	r.tell(said, nil)
}

// rename answers a Rename.
func (r *room) rename(m *member, name string) {
	name, refusal := cleanName(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.mayGo(refusal) {
		m.is.Name = name
		r.tell(api.Renamed{ID: m.is.ID, Name: name}, nil)
	}
}

// mayGo reports whether what a member wants may be done. If not, they are told.
func (m *member) mayGo(refusal api.Refusal) bool {
	if refusal == "" && !m.may.take(time.Now()) {
		refusal = api.RefusalTooFast
	}
	if refusal != "" {
		m.send(api.Refused{Why: refusal})
	}
	return refusal == ""
}

// typing tells the others that a member is writing, if they can be told at once.
func (r *room) typing(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(m.typed) >= typingEvery {
		m.typed = now
		for _, other := range r.members {
			if other != m {
				_, _ = other.conn.SendVolatile(api.Writes{ID: m.is.ID}) // as with send
			}
		}
	}
}

// What a member may say: so much at once, and then one every so often.
const (
	sayBurst = 10
	sayEvery = time.Second
)

// allowance is what a member may still say. The zero value is all of it.
type allowance struct {
	full time.Time // when it is all of it again
}

// take spends one, and reports whether there was one.
func (a *allowance) take(now time.Time) bool {
	if a.full.Sub(now) > (sayBurst-1)*sayEvery {
		return false
	}
	if a.full.Before(now) {
		a.full = now
	}
	a.full = a.full.Add(sayEvery)
	return true
}
