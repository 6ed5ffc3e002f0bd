//go:build !js

package session_test

import (
	"bytes"
	"encoding/hex"
	stdjson "encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
)

// stage is a client, a server with its sessions, and the sockets between them.
type stage struct {
	codec   tandem.Codec
	env     *envelope.Codec
	window  session.Window
	now     time.Time
	epoch   string
	client  *session.Client
	server  *session.Server   // the one spoken of: that of the newest socket
	all     []*session.Server // in the order they were opened
	grants  int
	sids    int
	sockets map[string]*socket
	newest  *socket
	asking  *session.Server
	askedN  uint64

	clientOut, serverOut outlet
}

// socket is one connection between them.
type socket struct {
	name      string
	principal string
	client    session.Socket
	server    session.Socket
	session   *session.Server
}

// outlet is what an end has said and done and no step has asked for yet.
type outlet struct {
	frames  []string // bytes
	events  []session.Event
	waiting []delivery // what the application may take
}

type delivery struct {
	ref     session.Ref
	payload string
	server  *session.Server
}

func newStage(codec tandem.Codec, w *windowRow) *stage {
	st := &stage{
		codec: codec, env: envelope.New(codec.(interface{ Coder() *serde.Coder }).Coder()), window: session.DefaultWindow(),
		now: time.Unix(0, 0), epoch: "e1", client: session.NewClient(&session.ClientConfig{Schema: "sum-1"}),
		sockets: map[string]*socket{},
	}
	if w != nil {
		st.window = session.Window(*w)
	}
	return st
}

func (st *stage) play(t *testing.T, d *dialogue) {
	for i, s := range d.Steps {
		st.settle(t)
		if err := st.step(s); err != nil {
			t.Fatalf("step %d, %s: %v", i+1, line(s), err)
		}
	}
	st.settle(t)
	assert.NoError(t, st.idle(), "at the end")
}

// settle collects what both ends say, and ticks while they ask for it at once.
func (st *stage) settle(t *testing.T) {
	t.Helper()
	for range 3 {
		if at, ok := st.client.Due(); ok && !at.After(st.now) {
			st.client.Tick(st.now)
		}
		for _, s := range st.all {
			if at, ok := s.Due(); ok && !at.After(st.now) {
				s.Tick(st.now)
			}
		}
	}
	st.collect(t, &st.clientOut, st.client.Next, st.client.NextEvent)
	for _, s := range st.all {
		st.collect(t, &st.serverOut, s.Next, s.NextEvent)
	}
}

func (st *stage) collect(t *testing.T, out *outlet, next func() (session.Frame, bool), event func() (session.Event, bool)) {
	for f, ok := next(); ok; f, ok = next() {
		b, err := st.env.Append(nil, &f)
		assert.NoError(t, err)
		out.frames = append(out.frames, string(b))
	}
	for e, ok := event(); ok; e, ok = event() {
		out.events = append(out.events, e)
	}
}

// idle tells whether everything that was said has been asked for.
func (st *stage) idle() error {
	for who, out := range map[string]*outlet{"client": &st.clientOut, "server": &st.serverOut} {
		if len(out.frames) > 0 {
			return fmt.Errorf("the %s says %s", who, show(st.codec, out.frames[0]))
		}
		if len(out.events) > 0 {
			return fmt.Errorf("the %s tells %+v", who, out.events[0])
		}
	}
	return nil
}

func show(codec tandem.Codec, b string) string {
	if codec.Name() == "json" {
		return b
	}
	var v any
	if codec.Decode([]byte(b), &v) == nil {
		j, _ := json.Codec.Append(nil, &v)
		return string(j)
	}
	return hex.EncodeToString([]byte(b))
}

func (st *stage) out(who string) *outlet {
	if who == "client" {
		return &st.clientOut
	}
	return &st.serverOut
}

func (st *stage) socket(name string) *socket {
	if name == "" {
		return st.newest
	}
	return st.sockets[name]
}

// payload turns a value of the vectors into the codec of the run.
func (st *stage) payload(raw stdjson.RawMessage) []byte {
	var v any
	if err := json.Codec.Decode(raw, &v); err != nil {
		panic(err)
	}
	b, err := st.codec.Append(nil, &v)
	if err != nil {
		panic(err)
	}
	return b
}

func (st *stage) step(s *step) error {
	switch {
	case s.Client != nil:
		return st.frame(s, "client", s.Client)
	case s.Server != nil:
		return st.frame(s, "server", s.Server)
	case s.Event != "":
		return st.event(s)
	case s.Close != "":
		return st.close(s)
	case s.Take != "":
		return st.take(s)
	}
	if err := st.idle(); err != nil && s.Send == "" {
		return err
	}
	return st.act(s)
}

// act does what does not come of something else.
func (st *stage) act(s *step) error {
	switch {
	case s.Connect != "":
		st.connect(s.Connect, s.As).client = st.client.Connected(st.now, "")
	case s.Stranger != "":
		st.connect(s.Stranger, s.As)
	case s.Send != "":
		m := &session.Message{Payload: st.payload(s.Payload)}
		send := st.client.Send
		if s.Send == "server" {
			send = st.server.Send
		}
		seq, err := send(m)
		if full := err == session.ErrFull; full != s.Full || err != nil && !full {
			return fmt.Errorf("got error %w", err)
		} else if s.Seq != 0 && seq != s.Seq {
			return fmt.Errorf("got number %d", seq)
		}
	case s.Volatile != "":
		flowing := st.client.Flowing
		if s.Volatile == "server" {
			flowing = st.server.Flowing
		}
		if flowing() == s.Dropped {
			return fmt.Errorf("flowing is %v", flowing())
		}
		if !s.Dropped {
			b, err := st.env.Append(nil, &session.Frame{Kind: session.Volatile, Payload: st.payload(s.Payload)})
			st.out(s.Volatile).frames = append(st.out(s.Volatile).frames, string(b))
			return err
		}
	case s.Cut != "":
		so := st.socket(s.Cut)
		if s.Noticed != "server" {
			st.client.Lost(so.client)
		}
		if s.Noticed != "client" && so.session != nil {
			so.session.Lost(st.now, so.server)
		}
	case s.Wait != 0:
		st.wait(time.Duration(s.Wait) * time.Millisecond)
	case s.End == "client":
		st.client.End(s.Code, "")
	case s.End == "server":
		st.server.End(s.Code, "")
	case s.Goaway != nil:
		st.server.Goaway((*session.Goaway)(s.Goaway))
	case s.Auth != "":
		if !st.client.Auth(s.Auth) {
			return fmt.Errorf("cannot be asked now")
		}
	case s.Answer != nil:
		st.asking.Answer(st.askedN, s.As, *s.Answer, s.Why)
	case s.GiveUp != "":
		st.client.GiveUp()
	case s.Forget != "":
		st.all = slices.DeleteFunc(st.all, func(srv *session.Server) bool { return srv.SID() == s.Forget })
	case s.Epoch != "":
		st.epoch = s.Epoch
		for _, srv := range st.all {
			srv.SetEpoch(s.Epoch)
		}
	default:
		return fmt.Errorf("an unknown step")
	}
	return nil
}

func (st *stage) connect(name, principal string) *socket {
	so := &socket{name: name, principal: principal}
	if principal == "" {
		so.principal = "ada"
	}
	st.sockets[name], st.newest = so, so
	return so
}

// wait lets time pass, with a tick whenever one is due.
func (st *stage) wait(d time.Duration) {
	end := st.now.Add(d)
	for {
		next, who := end, func(time.Time) {}
		look := func(at time.Time, ok bool, tick func(time.Time)) {
			if ok && !at.After(next) {
				next, who = at, tick
			}
		}
		at, ok := st.client.Due()
		look(at, ok, st.client.Tick)
		for _, s := range st.all {
			at, ok := s.Due()
			look(at, ok, s.Tick)
		}
		if next.After(st.now) {
			st.now = next
		}
		who(st.now)
		if next.Equal(end) {
			return
		}
	}
}

// frame compares what an end says next, and gives it to the other.
func (st *stage) frame(s *step, from string, want stdjson.RawMessage) error {
	b, err := st.bytes(s, from, want)
	if err != nil {
		return err
	}
	so := st.socket(s.On)
	if s.Lost {
		return nil
	}
	var f session.Frame
	err = st.env.Parse(b, &f)
	if from == "server" {
		if err != nil {
			st.client.Malformed(so.client, err.Error())
			return nil
		}
		v, ref := st.client.Receive(st.now, so.client, &f)
		st.deliver(v, ref, &f, &st.clientOut, nil)
		return nil
	}
	h, hello := f.Body.(*session.Hello)
	switch {
	case so.session == nil && (err != nil || !hello):
		st.serverOut.events = append(st.serverOut.events, session.Event{Kind: session.Shut, Code: 4901})
	case so.session == nil:
		st.hello(so, h)
	case err != nil:
		so.session.Malformed(so.server, err.Error())
	default:
		v, ref := so.session.Receive(st.now, so.server, &f)
		st.deliver(v, ref, &f, &st.serverOut, so.session)
	}
	return nil
}

// hello is what a server does with the first frame of a socket.
func (st *stage) hello(so *socket, h *session.Hello) {
	st.grants++
	grant := session.Grant{Key: fmt.Sprintf("key-%018d", st.grants)}
	who := session.Caller{Principal: so.principal, Codec: st.codec.Name()}
	var refused session.Refusal
	if h.SID != "" {
		refused.Why = session.WhyUnknown
		if i := slices.IndexFunc(st.all, func(srv *session.Server) bool { return srv.SID() == h.SID }); i >= 0 {
			so.session = st.all[i]
			so.server, refused = so.session.Resume(st.now, h, who, grant.Key)
		}
	}
	if so.server == 0 {
		st.sids++
		grant.SID = fmt.Sprintf("s%d", st.sids)
		cfg := &session.ServerConfig{Window: st.window, Beat: 25 * time.Second, Epoch: st.epoch}
		so.session, so.server = session.NewServer(cfg, st.now, h, who, grant, refused)
		st.all = append(st.all, so.session)
	}
	st.server = so.session
}

func (st *stage) deliver(v session.Verdict, ref session.Ref, f *session.Frame, out *outlet, s *session.Server) {
	if v == session.Deliver {
		out.waiting = append(out.waiting, delivery{ref, string(f.Payload), s})
	}
}

// bytes gives the frame of a step in the codec of the run. Unless it is forged, it is what the end says next.
func (st *stage) bytes(s *step, from string, want stdjson.RawMessage) ([]byte, error) {
	out := st.out(from)
	said := ""
	if !s.Forged {
		if len(out.frames) == 0 {
			return nil, fmt.Errorf("the %s says nothing", from)
		}
		said, out.frames = out.frames[0], out.frames[1:]
	}
	var text bytes.Buffer
	if err := stdjson.Compact(&text, want); err != nil {
		return nil, err
	}
	expected := text.String()
	if st.codec.Name() != "json" {
		field := &s.CBOR
		if st.codec.Name() == "msgpack" {
			field = &s.MsgPack
		}
		if *update {
			*field = hex.EncodeToString([]byte(said))
			if s.Forged {
				*field = hex.EncodeToString(st.payload(want))
			}
			if !sameValue(st.codec, *field, expected) {
				return nil, fmt.Errorf("said %s", show(st.codec, said))
			}
		}
		b, err := hex.DecodeString(*field)
		if err != nil {
			return nil, err
		}
		expected = string(b)
	}
	if !s.Forged && said != expected {
		return nil, fmt.Errorf("the %s says %s", from, show(st.codec, said))
	}
	return []byte(expected), nil
}

// sameValue tells whether bytes in a codec mean what a JSON text means.
func sameValue(codec tandem.Codec, in, text string) bool {
	var a, b any
	raw, _ := hex.DecodeString(in)
	if codec.Decode(raw, &a) != nil || json.Codec.Decode([]byte(text), &b) != nil {
		return false
	}
	x, _ := json.Codec.Append(nil, &a)
	y, _ := json.Codec.Append(nil, &b)
	return bytes.Equal(x, y)
}

func (st *stage) event(s *step) error {
	out := st.out(s.Event)
	i := slices.IndexFunc(out.events, func(e session.Event) bool { return e.Kind != session.Shut })
	if i < 0 {
		return fmt.Errorf("nothing was told")
	}
	e := out.events[i]
	out.events = slices.Delete(out.events, i, i+1)
	got := &step{Event: s.Event, Is: e.Kind.String(), SID: e.SID, Why: e.Why, Note: s.Note, Goaway: (*goawayRow)(e.Goaway)}
	for _, u := range e.Unsent {
		got.Unsent = append(got.Unsent, unsentRow{u.Seq, stdjson.RawMessage(show(st.codec, string(u.Payload))), u.Maybe})
	}
	if a := e.Auth; a != nil && a.Answer {
		got.Answer, got.Why = &a.OK, a.Why
	} else if a != nil {
		got.Auth = a.Auth
		st.asking, st.askedN = st.server, a.N
	}
	if told := line(got); told != line(s) {
		return fmt.Errorf("told %s", told)
	}
	return nil
}

// close finds the socket that an end closes, and tells the other end.
func (st *stage) close(s *step) error {
	out := st.out(s.Close)
	i := slices.IndexFunc(out.events, func(e session.Event) bool { return e.Kind == session.Shut })
	if i < 0 {
		return fmt.Errorf("the %s closes nothing", s.Close)
	}
	e := out.events[i]
	out.events = slices.Delete(out.events, i, i+1)
	so := st.socket(s.On)
	if s.Close == "client" && e.Socket != so.client || s.Close == "server" && e.Socket != so.server {
		return fmt.Errorf("closes socket %d of the session", e.Socket)
	}
	if e.Code != s.Code {
		return fmt.Errorf("closes with %d", e.Code)
	}
	switch {
	case s.Lost:
	case s.Close == "server":
		st.client.Closed(so.client, e.Code)
	case so.session != nil:
		so.session.Closed(st.now, so.server, e.Code)
	}
	return nil
}

func (st *stage) take(s *step) error {
	out := st.out(s.Take)
	if len(out.waiting) == 0 {
		return fmt.Errorf("nothing to take")
	}
	d := out.waiting[0]
	out.waiting = out.waiting[1:]
	took := st.client.Took
	if d.server != nil {
		took = d.server.Took
	}
	if took(d.ref) == s.Dropped {
		return fmt.Errorf("dropped is %v", !s.Dropped)
	}
	if want := st.payload(s.Payload); d.payload != string(want) || d.ref.Seq != s.Seq {
		return fmt.Errorf("takes number %d, %s", d.ref.Seq, show(st.codec, d.payload))
	}
	return nil
}
