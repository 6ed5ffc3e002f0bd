package session

import (
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// greetTime bounds the wait for welcome and for the answer to it, and the life of a session that nobody has confirmed.
const greetTime = 10 * time.Second

// ClientConfig is what a client's end needs to know.
type ClientConfig struct {
	Window Window // until the server tells its own. Default 256 messages, 1 MiB
	Schema string // of the messages. Default none
	Calls  bool   // deliver calls, replies and fails. Default false: they count and are dropped
}

// Client is the client's end of a session, and of the one that follows when it cannot be resumed. It is not safe for
// concurrent use.
type Client struct {
	end
	schema   string
	sid      string // "" before the first welcome
	key      string
	epoch    string
	try      uint64
	greeting bool // hello is out, welcome is not in
	deadline time.Time
	authN    uint64
	asking   bool // an auth waits for its answer
}

// NewClient makes a client without a socket. nil means the defaults.
func NewClient(cfg *ClientConfig) *Client {
	if cfg == nil {
		cfg = &ClientConfig{}
	}
	c := &Client{schema: cfg.Schema}
	c.client, c.calls = true, cfg.Calls
	c.limit(cfg.Window)
	return c
}

func (c *Client) limit(w Window) {
	w = w.orDefault()
	c.out.limit, c.in.limit = w, w
}

// SID is the session's name, "" before there is one.
func (c *Client) SID() string { return c.sid }

// Connected says that a socket is open, on which hello goes out next. A socket that is still current is given up. auth
// is a credential for hello, or "". After the end of the session it returns 0.
func (c *Client) Connected(now time.Time, auth string) Socket {
	if c.over {
		return 0
	}
	c.leave()
	sock := c.attach()
	h := &Hello{V: Revision, Schema: c.schema, Auth: auth}
	if c.sid != "" {
		c.try++
		h.SID, h.Key, h.Try, h.RX, h.Epoch = c.sid, c.key, c.try, c.in.done, c.epoch
	}
	c.greeting, c.deadline = true, now.Add(greetTime)
	c.ctl.push(Frame{Kind: HelloK, Body: h})
	return sock
}

// leave gives up the current socket, not the session.
func (c *Client) leave() {
	c.shut(wire.CodeLeft, "")
	c.detach()
	c.greeting, c.asking = false, false
}

// Leave gives up the current socket, as one does after a goaway, and keeps the session.
func (c *Client) Leave() {
	if c.sock != 0 {
		c.leave()
	}
}

// Lost says that a socket ended without a Close frame.
func (c *Client) Lost(sock Socket) {
	if sock == c.sock && sock != 0 {
		c.detach()
		c.greeting, c.asking = false, false
	}
}

// Closed says that a Close frame came on a socket.
func (c *Client) Closed(sock Socket, code int) {
	switch {
	case sock != c.sock || sock == 0:
	case wire.ComesBack(code):
		c.Lost(sock)
	case code == wire.CodeTakenOver:
		c.detach()
		c.finish(WhyTakenOver, code)
	default:
		c.detach()
		c.finish(WhyClosed, code)
	}
}

// Receive acts on a frame. f is not kept.
func (c *Client) Receive(now time.Time, sock Socket, f *Frame) (Verdict, Ref) {
	if sock != c.sock || sock == 0 {
		return Nothing, Ref{}
	}
	c.life.hear(now)
	if wrongSeq(f) {
		return c.violate(wire.CodeFrame, f.Kind.String()+" with a wrong number"), Ref{}
	}
	if c.greeting {
		if w, ok := f.Body.(*Welcome); ok {
			return c.welcome(now, w), Ref{}
		}
		if f.Kind == Unknown && f.Seq == 0 {
			return Nothing, Ref{}
		}
		return c.violate(wire.CodeFrame, f.Kind.String()+" before welcome"), Ref{}
	}
	if v, r, handled := c.receive(f); handled {
		return v, r
	}
	switch b := f.Body.(type) {
	case *Goaway:
		c.events.push(Event{Kind: GoingAway, Goaway: b})
		return Nothing, Ref{}
	case *Auth:
		if b.Answer && c.asking && b.N == c.authN {
			c.asking = false
			c.events.push(Event{Kind: Answered, Auth: b})
			return Nothing, Ref{}
		}
	}
	return c.violate(wire.CodeFrame, "unexpected "+f.Kind.String()), Ref{}
}

// Malformed says that what came on a socket is no frame.
func (c *Client) Malformed(sock Socket, reason string) {
	if sock == c.sock && sock != 0 {
		c.violate(wire.CodeFrame, reason)
	}
}

func (c *Client) welcome(now time.Time, w *Welcome) Verdict {
	switch {
	case w.V < 1 || w.V > Revision:
		return c.violate(wire.CodeFrame, "welcome of a revision that was not offered")
	case w.Resumed && (c.sid == "" || w.SID != c.sid || w.Epoch != c.epoch || !w.HasRX):
		return c.violate(wire.CodeFrame, "welcome resumes what was not asked for")
	case !w.Resumed && w.SID == c.sid:
		return c.violate(wire.CodeFrame, "welcome opens a session that is there")
	case w.Resumed:
		if v := c.acked(w.RX); c.over {
			return v
		}
		c.events.push(Event{Kind: Resumed, SID: w.SID})
	case c.sid != "":
		c.gap(w)
	default:
		c.events.push(Event{Kind: Opened, SID: w.SID})
	}
	c.sid, c.key, c.epoch, c.try = w.SID, w.Key, w.Epoch, 0
	c.limit(w.Window)
	c.greeting, c.open = false, true
	c.ack = true // the first frame: the server sees that the key has arrived
	c.life.beat = time.Duration(w.Beat) * time.Millisecond
	c.life.start(now)
	return Room
}

// gap tells of the session that could not be resumed, and starts counting anew.
func (c *Client) gap(w *Welcome) {
	final := w.HasRX && w.RX >= c.out.acked && w.RX <= c.out.high
	if final {
		c.out.ack(w.RX)
	}
	c.events.push(Event{Kind: Gap, SID: w.SID, Why: w.Why, Unsent: c.out.undelivered(final)})
	c.in = inbox{}
	c.gen++
}

// Auth shows the server a new credential. It returns false when that cannot be done now: there is no open socket, or
// an answer is awaited. A socket that is lost takes the answer with it.
func (c *Client) Auth(credential string) bool {
	if !c.open || c.asking {
		return false
	}
	c.authN++
	c.asking = true
	c.ctl.push(Frame{Kind: AuthK, Body: &Auth{N: c.authN, Auth: credential}})
	return true
}

// End ends the session: what has been taken is acknowledged, and the socket closed with the code.
func (c *Client) End(code int, reason string) {
	c.greeting = false
	c.endWith(code, reason)
}

// GiveUp ends a session that could not be resumed for too long.
func (c *Client) GiveUp() {
	if !c.over {
		c.leave()
		c.finish(WhyGaveUp, 0)
	}
}

// Due is when Tick has something to do; the zero time means at once. Not ok means never. Ask after every other call.
func (c *Client) Due() (at time.Time, ok bool) {
	if c.greeting {
		return c.deadline, true
	}
	return c.due()
}

// Tick tells the time.
func (c *Client) Tick(now time.Time) {
	if c.greeting && !now.Before(c.deadline) || c.tick(now) {
		c.leave()
	}
}
