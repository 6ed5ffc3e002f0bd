//go:build !js

package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

var _ session.Owner = (*wire.Block)(nil)

func coderOf(c tandem.Codec) *serde.Coder { return c.(interface{ Coder() *serde.Coder }).Coder() }

var start = time.Unix(1, 0)

// open gives both ends of a session with an open socket; what they said is thrown away.
func open(t *testing.T, window session.Window) (*session.Client, *session.Server, session.Socket) {
	t.Helper()
	c := session.NewClient(nil)
	sock := c.Connected(start, "")
	hello, _ := c.Next()
	s, _ := session.NewServer(&session.ServerConfig{Window: window, Epoch: "e"}, start, hello.Body.(*session.Hello),
		session.Caller{Principal: "p", Codec: "json"}, session.Grant{SID: "s", Key: "k1"}, session.Refusal{})
	welcome, ok := s.Next()
	assert.True(t, ok, "welcome")
	c.Receive(start, sock, &welcome)
	ack, _ := c.Next()
	s.Receive(start, s.Socket(), &ack)
	_, _ = c.NextEvent()
	return c, s, sock
}

// owner counts how often it is freed.
type owner struct{ freed int }

func (o *owner) Free() { o.freed++ }

func TestSend_owners(t *testing.T) {
	c, _, sock := open(t, session.Window{})
	first, second := new(owner), new(owner)
	for _, o := range []*owner{first, second} {
		_, err := c.Send(&session.Message{Payload: []byte("1"), Owner: o})
		assert.NoError(t, err)
		_, ok := c.Next()
		assert.True(t, ok, "the message goes out")
	}
	assert.True(t, !c.Drained(), "nothing is acknowledged")
	v, _ := c.Receive(start, sock, &session.Frame{Kind: session.Ack, N: 1})
	assert.Equal(t, v, session.Room)
	c.End(1000, "")
	e, _ := c.NextEvent()
	assert.Equal(t, e.Kind, session.Shut)
	e, _ = c.NextEvent()
	assert.Equal(t, len(e.Unsent), 1)
	assert.Equal(t, first.freed, 1)
	assert.Equal(t, second.freed, 0, "what is handed out is not freed")
	assert.True(t, e.Unsent[0].Owner == second, "the owner comes with it")
}

func TestSend_errors(t *testing.T) {
	c, _, sock := open(t, session.Window{N: 1, Bytes: 10, MS: 1})
	assert.Equal(t, c.NextSeq(), uint64(1))
	seq, err := c.Send(&session.Message{Payload: []byte("much longer than the window")})
	assert.NoError(t, err, "alone it may go")
	assert.Equal(t, seq, uint64(1))
	assert.True(t, !c.HasRoom(0), "one message is the window")
	_, err = c.Send(&session.Message{})
	assert.ErrorIs(t, err, session.ErrFull)
	c.Closed(sock, 1000)
	_, err = c.Send(&session.Message{})
	assert.ErrorIs(t, err, session.ErrOver)
	assert.Equal(t, c.Connected(start, ""), session.Socket(0), "there is nothing to connect")
}

func TestSend_lastNumber(t *testing.T) {
	c := session.NewClient(nil)
	c.SetLast(session.MaxSeq - 1)
	seq, err := c.Send(&session.Message{})
	assert.NoError(t, err)
	assert.Equal(t, seq, uint64(session.MaxSeq))
	_, err = c.Send(&session.Message{})
	assert.ErrorIs(t, err, session.ErrExhausted)
}

// A client that has filled the default window before it hears of a smaller one sends no more than that allows.
func TestWelcome_smallerWindow(t *testing.T) {
	c := session.NewClient(nil)
	for range 5 {
		_, err := c.Send(&session.Message{Payload: []byte("12345")})
		assert.NoError(t, err)
	}
	sock := c.Connected(start, "")
	_, _ = c.Next()
	c.Receive(start, sock, &session.Frame{Kind: session.WelcomeK, Body: &session.Welcome{
		V: 1, SID: "s", Key: "k", Epoch: "e", Window: session.Window{N: 10, Bytes: 12, MS: 1},
	}})
	count := func() (n int) {
		for f, ok := c.Next(); ok; f, ok = c.Next() {
			if f.Kind == session.Msg {
				n++
			}
		}
		return n
	}
	assert.Equal(t, count(), 2, "12 bytes hold two messages")
	c.Receive(start, sock, &session.Frame{Kind: session.Ack, N: 1})
	assert.Equal(t, count(), 1)
	c.Receive(start, sock, &session.Frame{Kind: session.Ack, N: 4})
	_, _ = c.NextEvent() // opened
	e, _ := c.NextEvent()
	assert.Equal(t, e.Code, wire.CodeFalseAck, "number 4 is kept, and was never sent")
}

// After a resume the peer may acknowledge what it got on the socket before, ahead of what is sent again.
func TestAck_aheadOfSendingAgain(t *testing.T) {
	c, _, sock := open(t, session.Window{})
	send := func(payload string) {
		t.Helper()
		_, err := c.Send(&session.Message{Payload: []byte(payload)})
		assert.NoError(t, err)
	}
	send("1234567")
	send("1234567")
	for _, ok := c.Next(); ok; _, ok = c.Next() {
	}
	c.Lost(sock)
	sock = c.Connected(start, "")
	_, _ = c.Next()
	c.Receive(start, sock, &session.Frame{Kind: session.WelcomeK, Body: &session.Welcome{
		V: 1, SID: "s", Key: "k", Resumed: true, HasRX: true, Epoch: "e", Window: session.DefaultWindow(),
	}})
	c.Receive(start, sock, &session.Frame{Kind: session.Ack, N: 2})
	send("123")
	send("123")
	f, _ := c.Next()
	assert.Equal(t, f.Kind, session.Ack)
	for _, seq := range []uint64{3, 4} {
		f, _ = c.Next()
		assert.Equal(t, f.Seq, seq)
	}
}

func TestClosed_codes(t *testing.T) {
	for code := 1000; code < 5000; code++ {
		c, s, sock := open(t, session.Window{})
		c.Closed(sock, code)
		s.Closed(start, s.Socket(), code)
		assert.Equal(t, c.IsOver(), !wire.ComesBack(code), "client, %d", code)
		assert.Equal(t, s.IsOver(), !wire.ComesBack(code), "server, %d", code)
	}
}

// What is said of a socket that is not the current one changes nothing.
func TestOldSocket(t *testing.T) {
	c, s, sock := open(t, session.Window{})
	c.Lost(sock + 1)
	c.Closed(sock+1, 1000)
	c.Malformed(sock+1, "")
	s.Lost(start, s.Socket()+1)
	s.Closed(start, s.Socket()+1, 1000)
	s.Malformed(s.Socket()+1, "")
	s.Receive(start, s.Socket()+1, &session.Frame{Kind: session.Msg, Seq: 9})
	c.Receive(start, sock+1, &session.Frame{Kind: session.Msg, Seq: 9})
	assert.True(t, c.Flowing() && s.Flowing(), "both go on")
}

func TestTook_outOfOrder(t *testing.T) {
	_, s, _ := open(t, session.Window{})
	_, one := s.Receive(start, s.Socket(), &session.Frame{Kind: session.Msg, Seq: 1})
	_, two := s.Receive(start, s.Socket(), &session.Frame{Kind: session.Msg, Seq: 2})
	panics := func(r session.Ref) (yes bool) {
		defer func() { yes = recover() != nil }()
		s.Took(r)
		return false
	}
	assert.True(t, panics(two), "two before one")
	assert.True(t, s.Took(one), "one")
	assert.True(t, panics(one), "one again")
	assert.True(t, s.Took(two), "two")
}

func TestPing(t *testing.T) {
	c, s, sock := open(t, session.Window{})
	first, second := c.Ping(), c.Ping()
	assert.True(t, first != 0 && second > first, "%d, %d", first, second)
	for range 2 {
		ping, _ := c.Next()
		s.Receive(start, s.Socket(), &ping)
	}
	pong, ok := s.Next()
	assert.True(t, ok && pong.Kind == session.Pong, "%+v", pong)
	assert.Equal(t, c.Ponged(), uint64(0))
	c.Receive(start, sock, &pong)
	assert.Equal(t, c.Ponged(), second, "the newest answers those before it")
	c.Receive(start, sock, &session.Frame{Kind: session.Pong, N: first})
	c.Receive(start, sock, &session.Frame{Kind: session.Pong, N: second + 10})
	assert.Equal(t, c.Ponged(), second, "answers to what was not asked")
	c.Lost(sock)
	assert.Equal(t, c.Ping(), uint64(0), "there is no socket")
}

func TestCalls(t *testing.T) {
	cfg := &session.ServerConfig{Epoch: "e", Calls: true}
	s, sock := session.NewServer(cfg, start, &session.Hello{V: 1}, session.Caller{}, session.Grant{SID: "s", Key: "k"}, session.Refusal{})
	for i, kind := range []session.Kind{session.Call, session.Reply, session.Fail} {
		v, ref := s.Receive(start, sock, &session.Frame{Kind: kind, Seq: uint64(i + 1)})
		assert.Equal(t, v, session.Deliver)
		assert.True(t, s.Took(ref), "%s", kind)
	}
	v, _ := s.Receive(start, sock, &session.Frame{Kind: session.Cancel, Seq: 4})
	assert.Equal(t, v, session.Nothing, "cancel is reserved, and counts")
	v, _ = s.Receive(start, sock, &session.Frame{Kind: session.Msg, Seq: 5})
	assert.Equal(t, v, session.Deliver)
}

func TestResume_exactlyAtTheEnd(t *testing.T) {
	for _, row := range []struct {
		after time.Duration
		why   string
	}{{120*time.Second - 1, ""}, {120 * time.Second, session.WhyExpired}} {
		_, s, _ := open(t, session.Window{})
		s.Lost(start, s.Socket())
		h := &session.Hello{V: 1, SID: "s", Key: "k1", Try: 1, Epoch: "e"}
		_, refused := s.Resume(start.Add(row.after), h, session.Caller{Principal: "p", Codec: "json"}, "k2")
		assert.Equal(t, refused.Why, row.why, "no timer has looked before")
	}
}

func TestResume_codec(t *testing.T) {
	_, s, _ := open(t, session.Window{})
	h := &session.Hello{V: 1, SID: "s", Key: "k1", Try: 1, Epoch: "e"}
	_, refused := s.Resume(start, h, session.Caller{Principal: "p", Codec: "cbor"}, "k2")
	assert.Equal(t, refused, session.Refusal{Why: session.WhyCodec, HasRX: true})
	assert.True(t, s.IsOver(), "nobody can resume it now")
}

func TestResume_newerRevision(t *testing.T) {
	s, _ := session.NewServer(&session.ServerConfig{}, start, &session.Hello{V: 9}, session.Caller{}, session.Grant{}, session.Refusal{})
	f, _ := s.Next()
	assert.Equal(t, f.Body.(*session.Welcome).V, uint64(session.Revision))
}

// A client holds what welcome says against what it knows.
func TestWelcome_lies(t *testing.T) {
	good := session.Welcome{V: 1, SID: "s", Key: "k", Resumed: true, HasRX: true, Epoch: "e"}
	for name, row := range map[string]struct {
		change func(*session.Welcome)
		code   int
	}{
		"another revision":         {func(w *session.Welcome) { w.V = 2 }, wire.CodeFrame},
		"another session":          {func(w *session.Welcome) { w.SID = "t" }, wire.CodeFrame},
		"another epoch":            {func(w *session.Welcome) { w.Epoch = "f" }, wire.CodeFrame},
		"no rx":                    {func(w *session.Welcome) { w.HasRX = false }, wire.CodeFrame},
		"rx of what was not sent":  {func(w *session.Welcome) { w.RX = 2 }, wire.CodeFalseAck},
		"a new session, same name": {func(w *session.Welcome) { w.Resumed = false }, wire.CodeFrame},
		"nothing wrong":            {func(*session.Welcome) {}, 0},
	} {
		c, _, sock := open(t, session.Window{})
		_, _ = c.Send(&session.Message{})
		_, _ = c.Next()
		c.Lost(sock)
		sock = c.Connected(start, "")
		w := good
		row.change(&w)
		c.Receive(start, sock, &session.Frame{Kind: session.WelcomeK, Body: &w})
		e, _ := c.NextEvent()
		assert.Equal(t, e.Code, row.code, name)
	}
}

// The key is in no event and no reason.
func TestSecret_staysSecret(t *testing.T) {
	c, s, _ := open(t, session.Window{})
	c.End(1000, "")
	s.Lost(start, s.Socket())
	_, refused := s.Resume(start, &session.Hello{V: 1, SID: "s", Key: "stolen-secret"}, session.Caller{}, "next-secret")
	for e, ok := c.NextEvent(); ok; e, ok = c.NextEvent() {
		assert.True(t, !strings.Contains(e.Reason+e.Why+refused.Why, "secret") && !strings.Contains(e.Reason+e.Why, "k1"), "%+v", e)
	}
}

func TestMalformed(t *testing.T) {
	c, s, sock := open(t, session.Window{})
	c.Malformed(sock+1, "of another socket")
	assert.True(t, !c.IsOver(), "not this socket")
	c.Malformed(sock, "frame: nonsense (offset 3)")
	s.Malformed(s.Socket(), "frame: nonsense (offset 3)")
	for _, next := range []func() (session.Event, bool){c.NextEvent, s.NextEvent} {
		e, _ := next()
		assert.Equal(t, e.Code, wire.CodeFrame)
		assert.Equal(t, e.Reason, "frame: nonsense (offset 3)")
	}
}

// A busy session allocates nothing but what the caller keeps.
func TestAllocations(t *testing.T) {
	c, s, sock := open(t, session.Window{})
	m := session.Message{Payload: []byte("payload")}
	round := func() {
		for range 32 {
			if _, err := c.Send(&m); err != nil {
				t.Fatal(err)
			}
			f, _ := c.Next()
			v, ref := s.Receive(start, s.Socket(), &f)
			if v != session.Deliver || !s.Took(ref) {
				t.Fatal(v)
			}
		}
		f, ok := s.Next()
		if !ok || f.Kind != session.Ack {
			t.Fatal("no ack after 32 messages")
		}
		c.Receive(start, sock, &f)
	}
	round()
	assert.Equal(t, testing.AllocsPerRun(100, round), 0.0)
}

// A verdict finds the credential it is about, and no other.
func TestAnswer_stale(t *testing.T) {
	_, s, sock := open(t, session.Window{})
	ask := func(sock session.Socket, n uint64) {
		s.Receive(start, sock, &session.Frame{Kind: session.AuthK, Body: &session.Auth{N: n, Auth: "token"}})
	}
	ask(sock, 1)
	assert.True(t, !s.Answer(2, s.Principal(), true, ""), "of a question that was not asked")
	assert.True(t, s.Answer(1, s.Principal(), true, ""), "the right one")
	f, _ := s.Next()
	assert.True(t, f.Kind == session.AuthK && f.Body.(*session.Auth).OK && f.Body.(*session.Auth).N == 1, "%+v", f)
	assert.True(t, !s.Answer(1, s.Principal(), true, ""), "again")
	ask(sock, 2)
	assert.True(t, !s.Answer(2, "somebody else", true, ""), "somebody else's")
	s.Lost(start, sock)
	assert.True(t, !s.Answer(2, s.Principal(), true, ""), "its socket is lost")
}

func TestErrors(t *testing.T) {
	for _, err := range []error{session.ErrFull, session.ErrOver, session.ErrExhausted} {
		assert.True(t, errors.Is(err, err) && strings.HasPrefix(err.Error(), "session: "), err.Error())
	}
}

func BenchmarkSession(b *testing.B) {
	t := new(testing.T)
	c, s, sock := open(t, session.Window{})
	m := session.Message{Payload: []byte("payload")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(&m); err != nil {
			b.Fatal(err)
		}
		f, _ := c.Next()
		_, ref := s.Receive(start, s.Socket(), &f)
		s.Took(ref)
		for f, ok := s.Next(); ok; f, ok = s.Next() {
			c.Receive(start, sock, &f)
		}
	}
}
