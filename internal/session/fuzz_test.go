//go:build !js

package session_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
)

// FuzzServer gives the server's end of a session whatever a client may send: each line of the input is a frame in JSON.
// A line of one letter does something at our end: t takes, s sends, l loses the socket, r resumes as an honest client
// would, w lets time pass, e ends.
func FuzzServer(f *testing.F) {
	f.Add([]byte("[2,0,{\"rx\":0}]\n[0,1,\"a\"]\nt\ns\n[2,0,{\"rx\":1}]\nl\nr\n[2,0,{\"rx\":1}]\n[0,2,\"b\"]\nt\nw\ne"))
	f.Add([]byte("[99,1,0]\n[0,2,1]\n[99,3,0]\nt\n[9,0,{\"n\":1}]\n[12,0,{\"n\":1,\"auth\":\"x\"}]\n[3,4,0]"))
	f.Add([]byte("[0,1,0]\n[0,2,0]\n[0,3,0]\n[0,4,0]\n[0,5,0]"))
	f.Add([]byte("s\ns\nl\n[2,0,{\"rx\":1}]\nr\n[2,0,{\"rx\":9}]")) //nolint:dupword // one letter is one step
	f.Fuzz(func(t *testing.T, src []byte) {
		w := session.Window{N: 4, Bytes: 64, MS: 5000}
		s, sock := session.NewServer(&session.ServerConfig{Window: w, Epoch: "e"}, start, &session.Hello{V: 1},
			session.Caller{Principal: "p"}, session.Grant{SID: "s", Key: "k0"}, session.Refusal{})
		fuzzEnd(t, src, &fuzzed{
			receive:   func(now time.Time, f *session.Frame) (session.Verdict, session.Ref) { return s.Receive(now, sock, f) },
			malformed: func(reason string) { s.Malformed(sock, reason) },
			send:      s.Send, took: s.Took, next: s.Next, event: s.NextEvent, over: s.IsOver, tick: s.Tick,
			lose: func(now time.Time) { s.Lost(now, sock) },
			resume: func(now time.Time, n int, acked uint64) {
				h := &session.Hello{V: 1, SID: "s", Key: fmt.Sprintf("k%d", n), Try: 1, RX: acked, Epoch: "e"}
				if again, _ := s.Resume(now, h, session.Caller{Principal: "p"}, fmt.Sprintf("k%d", n+1)); again != 0 {
					sock = again
				} else if !s.IsOver() {
					t.Fatal("an honest client is refused")
				}
			},
			end:   func() { s.End(1000, "") },
			flows: s.Flowing, due: s.Due,
		})
	})
}

// FuzzClient is FuzzServer for the client's end.
func FuzzClient(f *testing.F) {
	welcome := `[8,0,{"v":1,"sid":"s","key":"0123456789012345678901","epoch":"e","beat":1000}]`
	f.Add([]byte(welcome + "\n[0,1,\"a\"]\nt\ns\n[2,0,{\"rx\":1}]\nl\nr\n" + `[8,0,{"v":1,"sid":"s","key":"0123456789012345678902","epoch":"e","resumed":true,"rx":1}]` + "\n[0,2,2]\nt\nw\nw\nw")) //nolint:dupword // one letter is one step
	f.Add([]byte("s\n" + welcome + "\nl\nr\n" + `[8,0,{"v":1,"sid":"t","key":"0123456789012345678902","epoch":"e","why":"gap","rx":1}]` + "\ns\n[0,1,0]\nt\ne"))
	f.Add([]byte(welcome + "\n[11,0,{\"why\":\"x\",\"max\":5}]\n[12,0,{\"n\":1,\"ok\":true}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c := session.NewClient(&session.ClientConfig{Window: session.Window{N: 4, Bytes: 64}})
		sock := c.Connected(start, "")
		fuzzEnd(t, src, &fuzzed{
			receive:   func(now time.Time, f *session.Frame) (session.Verdict, session.Ref) { return c.Receive(now, sock, f) },
			malformed: func(reason string) { c.Malformed(sock, reason) },
			send:      c.Send, took: c.Took, next: c.Next, event: c.NextEvent, over: c.IsOver, tick: c.Tick,
			lose:   func(time.Time) { c.Lost(sock) },
			resume: func(now time.Time, _ int, _ uint64) { sock = c.Connected(now, "") },
			end:    func() { c.End(1000, "") },
			flows:  c.Flowing, due: c.Due, client: true,
		})
	})
}

// fuzzed is an end with its differences hidden.
type fuzzed struct {
	receive   func(time.Time, *session.Frame) (session.Verdict, session.Ref)
	malformed func(string)
	send      func(*session.Message) (uint64, error)
	took      func(session.Ref) bool
	next      func() (session.Frame, bool)
	event     func() (session.Event, bool)
	over      func() bool
	tick      func(time.Time)
	lose      func(time.Time)
	resume    func(now time.Time, n int, acked uint64)
	end       func()
	flows     func() bool
	due       func() (time.Time, bool)
	client    bool
}

var inJSON = envelope.New(coderOf(json.Codec))

func fuzzEnd(t *testing.T, src []byte, e *fuzzed) {
	now := start
	var queue []session.Ref
	var sent, peer, last uint64 // numbers: of our last message, of what the peer says it has, of the last delivery
	resumes, overs := 0, 0
	for line := range bytes.SplitSeq(src, []byte("\n")) {
		switch string(line) {
		case "t":
			if len(queue) > 0 {
				took := e.took(queue[0])
				queue = queue[1:]
				if !took && (e.client || !e.over()) {
					t.Fatal("a live session throws a message away")
				}
			}
		case "s":
			if _, err := e.send(&session.Message{Payload: line}); err == nil {
				sent++
			}
		case "l":
			e.lose(now)
		case "r":
			e.resume(now, resumes, peer)
			resumes++
		case "w":
			now = now.Add(700 * time.Millisecond)
			e.tick(now)
		case "e":
			e.end()
		default:
			var f session.Frame
			if err := inJSON.Parse(line, &f); err != nil {
				e.malformed(err.Error())
				break
			}
			flowed := e.flows()
			v, ref := e.receive(now, &f)
			if f.Kind == session.Ack && flowed && !e.over() {
				peer = f.N
			}
			if v != session.Deliver {
				break
			}
			if ref.Seq != 0 {
				if ref.Seq <= last {
					t.Fatalf("number %d after %d", ref.Seq, last)
				}
				last = ref.Seq
			}
			if queue = append(queue, ref); !flowed {
				t.Fatal("a message from a socket that is not open")
			}
		}
		if at, ok := e.due(); ok && at.IsZero() {
			e.tick(now)
		}
		for f, ok := e.next(); ok; f, ok = e.next() {
			b, err := inJSON.Append(nil, &f)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := f.Body.(*session.Welcome); ok {
				continue // the keys of this test are short
			}
			if _, ok := f.Body.(*session.Hello); ok {
				continue
			}
			if err := inJSON.Parse(b, &f); err != nil {
				t.Fatalf("we say %s: %v", b, err)
			}
		}
		for ev, ok := e.event(); ok; ev, ok = e.event() {
			switch ev.Kind {
			case session.Gap:
				last, peer, sent = 0, 0, 0
			case session.Over:
				overs++
			}
			if uint64(len(ev.Unsent)) > sent {
				if ev.Kind != session.Gap {
					t.Fatalf("%d unsent of %d", len(ev.Unsent), sent)
				}
			}
		}
		if e.over() != (overs == 1) || overs > 1 {
			t.Fatalf("over: %v, told %d times", e.over(), overs)
		}
		numbered := 0
		for _, r := range queue {
			if r.Seq != 0 {
				numbered++
			}
		}
		if !e.client && numbered > 4 {
			t.Fatalf("%d messages wait, the window is 4", numbered)
		}
	}
}
