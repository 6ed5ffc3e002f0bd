//go:build !js

package session_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

var ada = session.Caller{Principal: "ada", Codec: "json"}

// kept is a server's end of a session with three messages of which the client has the first, and takes two of its own.
func kept(t *testing.T, durable bool) *session.Server {
	t.Helper()
	cfg := config(durable)
	s, sock := session.NewServer(cfg, start, &session.Hello{V: 1, Schema: "x"}, ada, session.Grant{SID: "s", Key: "k1"}, session.Refusal{})
	save(s)
	s.Receive(start, sock, &session.Frame{Kind: session.Ack})
	for i := range 3 {
		_, err := s.Send(&session.Message{Payload: fmt.Appendf(nil, "%d", i+1), Meta: []byte("{}")[:2*(i%2)]})
		assert.NoError(t, err)
	}
	take(t, s, 1)
	take(t, s, 2)
	s.Settle()
	save(s)
	flush(s)
	s.Receive(start, sock, &session.Frame{Kind: session.Ack, N: 1})
	return s
}

func config(durable bool) *session.ServerConfig {
	return &session.ServerConfig{Epoch: "e", Durable: durable, Window: session.Window{N: 8, Bytes: 100, MS: 60_000}}
}

func save(s *session.Server) []byte {
	b := s.Snapshot(nil)
	s.Saved()
	return b
}

func take(t *testing.T, s *session.Server, seq uint64) {
	t.Helper()
	v, ref := s.Receive(start, s.Socket(), &session.Frame{Kind: session.Msg, Seq: seq})
	assert.Equal(t, v, session.Deliver)
	assert.True(t, s.Took(ref), "taken")
}

func flush(s *session.Server) (list []session.Frame) {
	for f, ok := s.Next(); ok; f, ok = s.Next() {
		list = append(list, f)
	}
	return list
}

func restore(t *testing.T, durable bool, b []byte) *session.Server {
	t.Helper()
	s, err := session.Restore(config(durable), start, bytes.Clone(b))
	assert.NoError(t, err)
	return s
}

// come is the client that comes back, having taken rx.
func come(s *session.Server, now time.Time, rx uint64) session.Refusal {
	_, refused := s.Resume(now, &session.Hello{V: 1, SID: "s", Key: "k1", Try: 1, RX: rx, Epoch: "e"}, ada, "k2")
	return refused
}

func TestRest_goesOnExactly(t *testing.T) {
	old := kept(t, false)
	take(t, old, 3)
	old.Rest(start, 1012, "back soon")
	assert.Equal(t, flush(old)[0].N, uint64(3), "what was taken is acknowledged")
	e, _ := old.NextEvent()
	assert.Equal(t, e.Code, 1012)
	_, told := old.NextEvent()
	assert.True(t, !told && old.IsOver(), "nobody is told of an end")
	_, err := old.Send(&session.Message{})
	assert.ErrorIs(t, err, session.ErrOver)
	assert.Equal(t, come(old, start, 1), session.Refusal{Why: session.WhyUnknown}, "it is no longer here")

	s := restore(t, false, old.Snapshot(nil))
	assert.Equal(t, s.Principal(), "ada")
	assert.Equal(t, s.SID(), "s")
	assert.Equal(t, come(s, start, 1), session.Refusal{})
	assert.Equal(t, len(flush(s)), 0, "its record still says that it is at rest")
	assert.True(t, s.Unsaved(), "so there is one to write")
	save(s)
	out := flush(s)
	w := out[0].Body.(*session.Welcome)
	assert.True(t, w.Resumed && w.RX == 3 && w.Key == "k2", "%+v", w)
	assert.Equal(t, len(out), 3)
	assert.Equal(t, string(out[1].Payload)+string(out[1].Meta)+string(out[2].Payload), "2{}3")
	assert.Equal(t, s.NextSeq(), uint64(4))
}

func TestRest_clockOfTheSession(t *testing.T) {
	for _, row := range []struct {
		after time.Duration
		why   string
	}{{60*time.Second - 1, ""}, {60 * time.Second, session.WhyExpired}} {
		old := kept(t, false)
		old.Rest(start, 1012, "")
		s, err := session.Restore(config(false), start.Add(30*time.Second), old.Snapshot(nil))
		assert.NoError(t, err)
		assert.Equal(t, come(s, start.Add(row.after), 1).Why, row.why, "it waits since it was lost")
	}
}

func TestRestore_crashed(t *testing.T) {
	old := kept(t, false)
	b := old.Snapshot(nil)
	take(t, old, 3) // nobody knows

	s := restore(t, false, b)
	e, _ := s.NextEvent()
	assert.Equal(t, e.Why, session.WhyCrashed)
	assert.Equal(t, len(e.Unsent), 2)
	assert.True(t, e.Unsent[0].Maybe && e.Unsent[1].Maybe, "nobody knows what left")
	for range 2 {
		assert.Equal(t, come(s, start, 1), session.Refusal{Why: session.WhyCrashed}, "no number that could be wrong")
	}
	again := restore(t, false, save(s))
	_, told := again.NextEvent()
	assert.True(t, !told, "the end is told once")
	assert.Equal(t, come(again, start, 1), session.Refusal{Why: session.WhyCrashed})
}

func TestRestore_epoch(t *testing.T) {
	old := kept(t, false)
	old.Rest(start, 1012, "")
	cfg := config(false)
	cfg.Epoch = "after the backup"
	s, err := session.Restore(cfg, start, old.Snapshot(nil))
	assert.NoError(t, err)
	e, _ := s.NextEvent()
	assert.Equal(t, e.Why, session.WhyEpoch)
	assert.Equal(t, come(s, start, 1), session.Refusal{Why: session.WhyEpoch})
}

// Of a durable session nothing leaves that is not stored, and what is stored goes on.
func TestDurable(t *testing.T) {
	old := kept(t, true)
	_, err := old.Send(&session.Message{Payload: []byte("4")})
	assert.NoError(t, err)
	take(t, old, 3)
	assert.Equal(t, len(flush(old)), 0, "the application is not done")
	old.Settle()
	b := old.Snapshot(nil)
	assert.Equal(t, len(flush(old)), 0, "it is, and that is not stored")
	take(t, old, 4)
	old.Saved()
	out := flush(old)
	assert.Equal(t, out[0].N, uint64(3), "number 4 is not in the snapshot")
	assert.Equal(t, string(out[1].Payload), "4")

	s := restore(t, true, b)
	assert.Equal(t, come(s, start, 4), session.Refusal{}, "the client has taken number 4 of ours")
	save(s)
	w := flush(s)[0].Body.(*session.Welcome)
	assert.Equal(t, w.RX, uint64(3))
}

// Number 4 was handed over by a process that died: nobody may say that it was not delivered.
func TestDurable_doubt(t *testing.T) {
	old := kept(t, true)
	b := old.Snapshot(nil)
	s := restore(t, true, b)
	s.Tick(start.Add(time.Hour))
	save(s)
	assert.Equal(t, come(s, start.Add(time.Hour), 1), session.Refusal{Why: session.WhyExpired})
	old.End(1000, "")
	assert.Equal(t, come(old, start, 1), session.Refusal{Why: session.WhyEnded}, "not stored")
	save(old)
	assert.Equal(t, come(old, start, 1), session.Refusal{Why: session.WhyEnded, RX: 2, HasRX: true})

	s = restore(t, true, b)
	assert.Equal(t, come(s, start, 1), session.Refusal{})
	for seq := uint64(3); seq <= 10; seq++ { // the whole window again
		take(t, s, seq)
		s.Settle()
		save(s)
		flush(s)
	}
	s.Lost(start, s.Socket())
	s.Tick(start.Add(time.Hour))
	save(s)
	_, refused := s.Resume(start, &session.Hello{V: 1, SID: "s", Key: "k2", Try: 1, RX: 1, Epoch: "e"}, ada, "k3")
	assert.Equal(t, refused, session.Refusal{Why: session.WhyExpired, RX: 10, HasRX: true})
}

// Numbers that no application takes need none to settle them.
func TestDurable_skipped(t *testing.T) {
	s := kept(t, true)
	s.Receive(start, s.Socket(), &session.Frame{Kind: session.Unknown, Seq: 3})
	assert.True(t, s.Unsaved(), "one to write")
	save(s)
	assert.Equal(t, flush(s)[0].N, uint64(3))
}

func TestDurable_restUnsettled(t *testing.T) {
	old := kept(t, true)
	take(t, old, 3)
	old.Rest(start, 1012, "")
	s := restore(t, true, old.Snapshot(nil))
	assert.Equal(t, come(s, start, 1), session.Refusal{})
	save(s)
	assert.Equal(t, flush(s)[0].Body.(*session.Welcome).RX, uint64(2), "back to what is settled")
}

func TestFenced(t *testing.T) {
	s := kept(t, false)
	s.Fenced()
	e, _ := s.NextEvent()
	assert.Equal(t, e.Code, wire.CodeTakenOver)
	e, _ = s.NextEvent()
	assert.Equal(t, e.Why, session.WhyTakenOver)
	assert.Equal(t, len(e.Unsent), 2)
	assert.Equal(t, come(s, start, 1), session.Refusal{Why: session.WhyUnknown})

	// A restored session was fenced before it said anything: the other one may send what was in the record.
	old := kept(t, false)
	old.Rest(start, 1012, "")
	s = restore(t, false, old.Snapshot(nil))
	s.Fenced()
	e, _ = s.NextEvent()
	assert.True(t, e.Unsent[0].Maybe && e.Unsent[1].Maybe, "the other one may send them")
	s.Fenced()
	_, told := s.NextEvent()
	assert.True(t, !told, "once")
}

func TestRestore_refuses(t *testing.T) {
	good := kept(t, false).Snapshot(nil)
	_, err := session.Restore(config(false), start, nil)
	assert.ErrorIs(t, err, session.ErrSnapshot)
	newer := bytes.Clone(good)
	newer[0]++
	_, err = session.Restore(config(false), start, newer)
	assert.ErrorIs(t, err, session.ErrVersion)
	for n := 1; n < len(good); n++ {
		_, err := session.Restore(config(false), start, bytes.Clone(good[:n]))
		assert.ErrorIs(t, err, session.ErrSnapshot, n)
		_, err = session.Restore(config(false), start, sealed(good[:n]))
		assert.True(t, n == len(good)-4 || err != nil, "cut at %d, and the sum is right", n)
		flipped := bytes.Clone(good)
		flipped[n] ^= 4
		_, err = session.Restore(config(false), start, flipped)
		assert.ErrorIs(t, err, session.ErrSnapshot, n)
	}
}

// sealed appends the right checksum.
func sealed(b []byte) []byte {
	b = bytes.Clone(b)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// FuzzRestore gives Restore what a damaged store may hold, with the right checksum. What is accepted is a session like
// any other.
func FuzzRestore(f *testing.F) {
	for _, durable := range []bool{false, true} {
		s := open0(durable)
		add := func() { b := save(s); f.Add(b[:len(b)-4], durable) }
		add()
		_, _ = s.Send(&session.Message{Payload: []byte("x"), Meta: []byte("{}")})
		s.Receive(start, s.Socket(), &session.Frame{Kind: session.Msg, Seq: 1})
		s.Settle()
		add()
		s.Lost(start, s.Socket())
		add()
		s.Rest(start, 1012, "")
		add()
		s = open0(durable)
		s.End(1000, "")
		add()
	}
	f.Fuzz(func(t *testing.T, src []byte, durable bool) {
		s, err := session.Restore(config(durable), start, sealed(src))
		if err != nil {
			return
		}
		told := 0
		for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
			told += len(e.Unsent)
		}
		if 3*told > len(src) {
			t.Fatalf("%d messages in %d bytes", told, len(src))
		}
		again := s.Snapshot(nil)
		s.Saved()
		if s.Unsaved() {
			t.Fatal("saved, and not")
		}
		second, err := session.Restore(config(durable), start, bytes.Clone(again))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if second.SID() != s.SID() || second.Principal() != s.Principal() {
			t.Fatal("another session")
		}
		again = second.Snapshot(nil) // of a process that died, if it was durable
		third, err := session.Restore(config(durable), start, bytes.Clone(again))
		if err != nil || durable && !second.IsOver() && !bytes.Equal(third.Snapshot(nil), again) {
			t.Fatalf("written twice, and different: %v", err)
		}
		_ = come(s, start, 0)
		_, _ = s.Send(&session.Message{})
		flush(s)
		s.Tick(start.Add(time.Hour))
		s.Rest(start, 1012, "")
		flush(s)
	})
}

func open0(durable bool) *session.Server {
	s, _ := session.NewServer(config(durable), start, &session.Hello{V: 1}, ada, session.Grant{SID: "s", Key: "k1"}, session.Refusal{})
	return s
}

func BenchmarkSnapshot(b *testing.B) {
	s := open0(false)
	for range 8 {
		_, _ = s.Send(&session.Message{Payload: make([]byte, 12)})
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = s.Snapshot(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "bytes")
}
