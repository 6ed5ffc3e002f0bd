package room

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// world is a room at work, in memory.
type world struct {
	t      *testing.T
	room   *Room
	server *tandemtest.Server
}

// newWorld makes a room with so many bots. buffer is how many bytes the network takes of what nobody reads.
func newWorld(t *testing.T, bots, buffer int) *world {
	hub := tandem.NewHub(nil)
	w := &world{t: t, room: New(bots)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.room.Run(ctx)
	}()
	mux := http.NewServeMux()
	w.room.Handle(mux, hub)
	w.server = tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub, Buffer: buffer})
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return w
}

// client is somebody in the room, and what they know.
type client struct {
	t     *testing.T
	c     *tandem.Conn[api.ServerEvent, api.ClientEvent]
	you   api.Cursor
	there map[uint16]api.Cursor
	bots  int
	last  api.Frame
}

// enter connects, and waits until the client knows of itself.
func (w *world) enter(name string) *client {
	w.t.Helper()
	c, err := api.Cursors.Dial(w.t.Context(), tandemtest.URL, api.Person{Name: name}, &tandem.DialOptions{Transport: w.server.Transport()})
	assert.NoError(w.t, err)
	k := &client{t: w.t, c: c, there: map[uint16]api.Cursor{}}
	w.t.Cleanup(func() { c.Close(tandem.CodeNormal, "") })
	k.until(func() bool { return k.there[k.you.ID].Name != "" })
	return k
}

// recv takes in one message.
func (k *client) recv() {
	k.t.Helper()
	msg, err := k.c.Recv(k.t.Context())
	assert.NoError(k.t, err)
	switch msg := msg.(type) {
	case api.Welcome:
		k.you = msg.You
	case api.Change:
		k.bots = msg.Bots
		for _, id := range msg.Left {
			_, was := k.there[id]
			assert.True(k.t, was, "who leaves was there")
			delete(k.there, id)
		}
		for _, c := range msg.Joined {
			k.there[c.ID] = c
		}
	case api.Frame:
		assert.True(k.t, msg.Tick > k.last.Tick, "time goes on: %d after %d", msg.Tick, k.last.Tick)
		for _, p := range msg.Places {
			_, known := k.there[p.ID]
			assert.True(k.t, known, "who is somewhere is there")
		}
		k.last = msg
	}
}

// until takes messages in until something holds, for ten seconds of messages at most.
func (k *client) until(holds func() bool) {
	k.t.Helper()
	for range 10 * Rate {
		if holds() {
			return
		}
		k.recv()
	}
	k.t.Fatal("it does not come to hold")
}

// at is where somebody is in the last frame.
func (k *client) at(id uint16) (at api.Place, somewhere bool) {
	for _, p := range k.last.Places {
		if p.ID == id {
			return p, true
		}
	}
	return api.Place{}, false
}

func (k *client) send(msg api.ClientEvent) {
	k.t.Helper()
	assert.NoError(k.t, k.c.Send(k.t.Context(), msg))
}

// knows reports whether it knows somebody of a name.
func (k *client) knows(name string) bool {
	for _, c := range k.there {
		if c.Name == name {
			return true
		}
	}
	return false
}

func TestRoom_joinAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, 0)
		ada := w.enter("Ada")
		assert.Equal(t, len(ada.there), 4, "three bots and oneself")
		assert.Equal(t, ada.bots, 3)
		bob := w.enter("Bob")
		ada.until(func() bool { return ada.knows("Bob") })
		assert.True(t, bob.knows("Ada"), "who comes later knows who was there")
		assert.True(t, ada.you.ID != bob.you.ID, "everybody has an ID of their own")

		_, somewhere := ada.at(bob.you.ID)
		assert.True(t, !somewhere, "who has not moved is nowhere")
		bob.send(api.Move{X: 10, Y: 65535})
		ada.until(func() bool {
			at, _ := ada.at(bob.you.ID)
			return at == api.Place{ID: bob.you.ID, X: 10, Y: 65535}
		})

		assert.NoError(t, bob.c.Close(tandem.CodeNormal, ""))
		ada.until(func() bool { return !ada.knows("Bob") })
		ada.recv()
		_, somewhere = ada.at(bob.you.ID)
		assert.True(t, !somewhere, "and is nowhere then")
		assert.True(t, w.enter("Cy").you.ID != bob.you.ID, "the ID is not given again at once")
	})
}

// A room that everybody has left is as good as new for who comes next.
func TestRoom_empty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, 0)
		assert.NoError(t, w.enter("Ada").c.Close(tandem.CodeNormal, ""))
		synctest.Wait()
		tick := w.room.now.Load().tick
		time.Sleep(time.Minute)
		assert.Equal(t, w.room.now.Load().tick, tick, "nothing happens while nobody is there")
		bob := w.enter("Bob")
		assert.True(t, !bob.knows("Ada"), "who was there before is not any more")
		bob.until(func() bool { return len(bob.last.Places) == 2 })
	})
}

func TestRoom_bots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 150, 0)
		ada, bob := w.enter("Ada"), w.enter("Bob")
		for _, k := range []*client{ada, bob} {
			k.until(func() bool { return k.last.Tick == w.room.now.Load().tick })
		}
		assert.Equal(t, len(ada.last.Places), 150)
		began, before := time.Now(), ada.last
		for range Rate {
			ada.recv()
			bob.recv()
			assert.Equal(t, bob.last, ada.last, "all see the same")
		}
		assert.Equal(t, time.Since(began).Round(50*time.Millisecond), time.Second, "sixty in a second")
		moved := 0
		for _, p := range before.Places {
			if now, _ := ada.at(p.ID); now != p {
				moved++
			}
		}
		assert.Equal(t, moved, 150, "all of them move")

		for _, row := range []struct{ asked, get int }{{40, 40}, {0, 0}, {-1, 0}, {1 << 30, api.MaxBots}, {90, 90}} {
			bob.send(api.Bots(row.asked))
			ada.until(func() bool { return ada.bots == row.get })
			assert.Equal(t, len(ada.there), row.get+2)
			ada.until(func() bool { return len(ada.last.Places) == row.get })
		}
	})
}

// Bots keep away from people.
func TestRoom_shy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ada := newWorld(t, 200, 0).enter("Ada")
		near := func() (n int) {
			for _, p := range ada.last.Places {
				dx, dy := float64(p.X)/full-0.5, float64(p.Y)/full-0.5
				if p.ID != ada.you.ID && dx*dx+dy*dy < 0.06*0.06 {
					n++
				}
			}
			return n
		}
		for range 5 * Rate {
			ada.recv()
		}
		alone := near()
		assert.True(t, alone > 0, "the middle is no empty place")
		ada.send(api.Move{X: full / 2, Y: full / 2})
		for range 3 * Rate {
			ada.recv()
		}
		assert.Equal(t, near(), 0, "%d bots were near before", alone)
	})
}

func TestRoom_pause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5, 0)
		ada := w.enter("Ada")
		ada.send(api.Watch(false))
		synctest.Wait()
		w.enter("Bob")
		time.Sleep(5 * time.Second)
		for !ada.knows("Bob") { // of who is there she is told
			ada.recv()
		}
		paused := ada.last.Tick
		ada.send(api.Watch(true))
		ada.recv()
		assert.True(t, ada.last.Tick > paused+4*Rate, "no frames of meanwhile: %d after %d", ada.last.Tick, paused)
	})
}

// A client that does not read gets what is then new when it reads again, and holds nobody up meanwhile.
func TestRoom_slow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 100, 4<<10)
		slow, ada := w.enter("Slow"), w.enter("Ada")
		ada.until(func() bool { return ada.last.Tick > 0 })
		began, first := time.Now(), ada.last.Tick
		const seconds = 5
		for i := range seconds * Rate {
			if i == Rate { // of this he has to be told, late or not
				w.enter("Bob")
			}
			before := ada.last.Tick
			ada.recv()
			assert.True(t, ada.last.Tick-before <= 1, "she misses none: %d after %d", ada.last.Tick, before)
		}
		assert.True(t, time.Since(began) < seconds*time.Second+100*time.Millisecond, "in time: %v", time.Since(began))

		// What had been on the way, and then the present.
		now, old := w.room.now.Load().tick, 0
		for slow.last.Tick < now {
			slow.recv()
			if old++; old > 30 {
				t.Fatalf("%d frames waited for him", old)
			}
		}
		assert.True(t, now-first > 4*Rate, "there were %d", now-first)
		slow.until(func() bool { return slow.knows("Bob") })
		before := slow.last.Tick
		for range 10 {
			slow.recv()
		}
		assert.True(t, slow.last.Tick >= before+9, "and from then on all")
	})
}

// What cannot be is refused, and ends its own connection only.
func TestRoom_hostile(t *testing.T) {
	for name, data := range map[string]string{
		"out of the page": "\xa1\x64Move\x82\x1a\x00\x01\x00\x00\x00", // 65536
		"negative":        "\xa1\x64Move\x82\x20\x00",
		"one coordinate":  "\xa1\x64Move\x81\x00",
		"three":           "\xa1\x64Move\x83\x00\x00\x00",
		"no number":       "\xa1\x64Move\x82\xf9\x7e\x00\x00", // NaN
		"somebody else's": "\xa1\x65Frame\xa0",
		"no bots":         "\xa1\x64Bots\x63all",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 3, 0)
				ada, eve := w.enter("Ada"), w.enter("Eve")
				assert.NoError(t, eve.c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameBinary, Data: []byte(data)}))
				var err error
				for err == nil {
					_, err = eve.c.Recv(t.Context())
				}
				assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeInvalid)
				ada.until(func() bool { return ada.knows("Eve") })
				ada.until(func() bool { return !ada.knows("Eve") })
			})
		})
	}
	t.Run("too fast", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			eve := newWorld(t, 3, 0).enter("Eve")
			go func() {
				for eve.c.Send(context.Background(), api.Move{}) == nil {
				}
			}()
			var err error
			for err == nil {
				_, err = eve.c.Recv(t.Context())
			}
			assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodePolicy)
		})
	})
}

func TestNameOf(t *testing.T) {
	for wanted, want := range map[string]string{
		"":                       "Curious Heron",
		" \t\n":                  "Curious Heron",
		"\u202e\x00\u200b":       "Curious Heron",
		" Zoë   &\n co ":         "Zoë & co",
		"<b>":                    "<b>",
		"a\u202eb\x07c":          "abc",
		strings.Repeat("é", 24):  strings.Repeat("é", 24),
		strings.Repeat("é", 500): strings.Repeat("é", 23) + "…",
		"\xff":                   "Curious Heron",
	} {
		assert.Equal(t, nameOf(wanted, 1), want, "%q", wanted)
	}
}

// An ID is given to one at a time, also after all of them were.
func TestRoom_ids(t *testing.T) {
	r := New(api.MaxBots)
	keep := r.join("Ada")
	for range 1 << 17 {
		p := r.join("Bob")
		if p.cursor.ID == keep.cursor.ID {
			t.Fatal("two have the same ID")
		}
		r.leave(p)
	}
	for _, b := range r.bots {
		assert.True(t, r.taken[b.ID], "the bots have theirs")
	}
}

// What a frame costs, once for each connection, and how long it is.
func BenchmarkFrame(b *testing.B) {
	for _, bots := range []int{150, 500} {
		b.Run(strconv.Itoa(bots), func(b *testing.B) {
			r := New(bots)
			r.join("Ada")
			r.tick()
			msg := r.now.Load().frame
			var buf []byte
			for b.Loop() {
				buf, _ = cbor.Codec.Append(buf[:0], &msg)
			}
			b.ReportMetric(float64(len(buf)), "bytes")
			b.ReportAllocs()
		})
	}
}

// What a tick costs, once for all.
func BenchmarkTick(b *testing.B) {
	r := New(500)
	r.move(r.join("Ada"), api.Move{})
	for b.Loop() {
		r.tick()
	}
	b.ReportAllocs()
}
