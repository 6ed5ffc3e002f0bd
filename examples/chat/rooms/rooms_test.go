package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/api"
	"github.com/tandem-ws/tandem/examples/chat/rooms"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

func TestRooms_joinAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada := w.enter("lobby", "Ada")
		ada.sees("Ada")
		bob := w.enter("lobby", "Bob")
		cy := w.enter("lobby", "Cy")
		w.enter("elsewhere", "Dee")
		for _, k := range []*client{ada, bob, cy} {
			k.sees("Ada", "Bob", "Cy")
		}
		bob.leave()
		ada.sees("Ada", "Cy")
		bob = w.enter("lobby", "Bob")
		assert.True(t, bob.you > cy.you, "nobody is taken for who has left")
		cy.sees("Ada", "Cy", "Bob")
		assert.Equal(t, len(cy.history), 0)
	})
}

func TestRooms_say(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob, dee := w.enter("lobby", "Ada"), w.enter("lobby", "Bob"), w.enter("elsewhere", "Dee")
		now := time.Now()
		ada.send(api.Say{Text: " hello,\r\n\tBob! \n"})
		want := api.Said{ID: 1, At: now.UTC(), By: ada.you, Name: "Ada", Text: "hello,\n\tBob!"}
		assert.Equal(t, ada.hears("hello,\n\tBob!"), want, "who says it hears it too")
		assert.Equal(t, bob.hears("hello,\n\tBob!"), want)
		bob.send(api.Say{Text: "hi"})
		ada.hears("hi")
		ada.leave()

		cy := w.enter("lobby", "Cy")
		assert.Equal(t, len(cy.history), 2, "who comes later knows what was said")
		assert.Equal(t, cy.history[0], want, "also by who has left")
		dee.send(api.Say{Text: "anybody?"})
		assert.Equal(t, dee.hears("anybody?").ID, 1, "nothing is heard through the wall")
	})
}

// All are told the same in the same order, whoever talks at once: take checks the numbers.
func TestRooms_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		var all []*client
		for i := range 5 {
			all = append(all, w.enter("lobby", fmt.Sprint(i)))
		}
		for _, k := range all {
			go func() {
				for i := range 10 {
					if err := k.c.Send(context.Background(), api.Say{Text: fmt.Sprint(i)}); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		for _, k := range all {
			k.until(func() bool { return len(k.history) == 50 })
			assert.Equal(t, k.history, all[0].history)
		}
	})
}

// What is kept of what was said has bounds, and is the newest.
func TestRooms_history(t *testing.T) {
	for name, row := range map[string]struct {
		text  string
		count int
	}{
		"messages": {"x", 100},
		"bytes":    {strings.Repeat("€", api.MaxText), 5}, // 6000 bytes each, of 32 KiB
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				ada := w.enter("lobby", "Ada")
				for i := range 120 {
					ada.send(api.Say{Text: row.text})
					ada.until(func() bool { return len(ada.history) == i+1 })
					time.Sleep(time.Second)
				}
				bob := w.enter("lobby", "Bob")
				assert.Equal(t, len(bob.history), row.count)
				assert.Equal(t, bob.history, ada.history[120-row.count:])
			})
		})
	}
}

// A room that is empty keeps what was said for a while.
func TestOptions_Keep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &rooms.Options{Keep: time.Minute})
		visit := func(said int) {
			t.Helper()
			ada := w.enter("lobby", "Ada")
			ada.sees("Ada")
			assert.Equal(t, len(ada.history), said)
			time.Sleep(time.Hour) // while somebody is there it stays anyway
			ada.send(api.Say{Text: "still here"})
			ada.hears("still here")
			ada.leave()
			synctest.Wait()
		}
		visit(0)
		time.Sleep(59 * time.Second)
		visit(1)
		time.Sleep(59 * time.Second)
		visit(2)
		time.Sleep(time.Minute + time.Second) // not at the very instant
		visit(0)
	})
}

func TestOptions_MaxRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &rooms.Options{MaxRooms: 3})
		a, b := w.enter("a", "Ada"), w.enter("b", "Bob")
		w.enter("c", "Cy")
		refused := w.refusedTo("d", "Dee")
		assert.Equal(t, refused.Code, api.CodeFull)
		assert.Equal(t, refused.Reason, "there are too many rooms")
		w.enter("a", "Dee").leave()

		b.send(api.Say{Text: "I was here"})
		b.hears("I was here")
		b.leave()
		time.Sleep(time.Second)
		a.leave()
		time.Sleep(time.Second)
		w.enter("d", "Dee")
		b = w.enter("b", "Bob")
		assert.Equal(t, len(b.history), 0, "b had been empty for longest, and gave way to d, as a has now to b")
		assert.Equal(t, w.refusedTo("a", "Ada").Code, api.CodeFull)
	})
}

func TestOptions_MaxMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &rooms.Options{MaxMembers: 2})
		ada := w.enter("lobby", "Ada")
		bob := w.enter("lobby", "Bob")
		refused := w.refusedTo("lobby", "Cy")
		assert.Equal(t, refused.Code, api.CodeFull)
		assert.Equal(t, refused.Reason, "the room is full")
		w.enter("elsewhere", "Cy")

		bob.loseNetwork() // who is away has a place
		ada.sees("Ada", "Bob")
		ada.sees("Ada", "Bob?")
		assert.Equal(t, w.refusedTo("lobby", "Cy").Code, api.CodeFull)
		ada.leave()
		synctest.Wait()
		w.enter("lobby", "Cy").sees("Bob?", "Cy")
	})
}

func TestRooms_names(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, other := w.enter("lobby", "Ada"), w.enter("lobby", "  Ada ")
		assert.True(t, ada.you != other.you, "two may have one name")
		ada.sees("Ada", "Ada")
		other.send(api.Say{Text: "I am the other one"})
		assert.Equal(t, ada.hears("I am the other one").By, other.you)

		other.send(api.Rename{Name: "Countess \n of  Lovelace"})
		ada.sees("Ada", "Countess of Lovelace")
		other.send(api.Say{Text: "better"})
		assert.Equal(t, ada.hears("better").Name, "Countess of Lovelace")
		assert.Equal(t, ada.history[0].Name, "Ada", "what was said before keeps the name")
		ada.send(api.Rename{Name: "\u200d"})
		ada.until(func() bool { return len(ada.refused) == 1 })
		w.enter("lobby", "Bob").sees("Ada", "Countess of Lovelace", "Bob")

		for _, name := range []string{"Zoë", "👩\u200d👩\u200d👧", "کتاب\u200cخانه", strings.Repeat("é", 32)} {
			k := w.enter("elsewhere", name)
			k.sees(name)
			k.leave()
			synctest.Wait()
		}
		for _, name := range []string{"", " \t", "\u200b", "\u200d", "a\u202eb", "a\x00b", strings.Repeat("é", 33)} {
			assert.Equal(t, w.refusedTo("lobby", name).Code, api.CodeName, "%q", name)
		}
		for _, room := range []string{"Lobby", "a b", "é", "a.b", "a/b", strings.Repeat("x", 33)} {
			assert.Equal(t, w.refusedTo(room, "Ada").Code, api.CodeRoom, "%q", room)
		}
		w.enter(strings.Repeat("x", 31)+"-", "Ada")
		ada.sees("Ada", "Countess of Lovelace", "Bob")
	})
}

// What cannot be said is answered, to who has said it, and harms nothing.
func TestRooms_refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		for _, row := range []struct {
			text string
			why  api.Refusal
		}{
			{"", api.RefusalEmpty},
			{" \n\t\u00a0\u200b", api.RefusalEmpty},
			{strings.Repeat("x", api.MaxText+1), api.RefusalTooLong},
			{strings.Repeat("\x01", api.MaxText+1), api.RefusalTooLong}, // six times as long on the wire
			{"beep\a", api.RefusalControl},
			{"\u0085x\u009b", api.RefusalControl},
		} {
			ada.refused = nil
			ada.send(api.Say{Text: row.text})
			ada.until(func() bool { return ada.refused != nil })
			assert.Equal(t, ada.refused, []api.Refusal{row.why}, "%.20q", row.text)
		}
		longest := strings.Repeat("\U0001f600", api.MaxText)
		ada.send(api.Say{Text: longest})
		assert.Equal(t, bob.hears(longest).ID, 1, "Bob has heard nothing else")
		assert.Equal(t, len(bob.refused), 0)
	})
}

// More than anybody can read is refused, until a moment later.
func TestRooms_tooFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		try := func(times, pass int) {
			t.Helper()
			before := len(ada.history)
			ada.refused = nil
			for range times {
				ada.send(api.Say{Text: "spam"})
			}
			ada.until(func() bool { return len(ada.history)-before+len(ada.refused) == times })
			assert.Equal(t, len(ada.history)-before, pass)
			for _, why := range ada.refused {
				assert.Equal(t, why, api.RefusalTooFast)
			}
		}
		try(12, 10)
		time.Sleep(time.Second)
		try(3, 1)
		time.Sleep(3500 * time.Millisecond)
		try(5, 3)
		time.Sleep(500 * time.Millisecond)
		try(2, 1)
		bob.send(api.Say{Text: "quiet!"}) // others may
		ada.hears("quiet!")
		time.Sleep(time.Hour)
		try(12, 10)
	})
}

// Who does not listen to that is closed.
func TestRooms_flood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada := w.enter("lobby", "Ada")
		eve, err := w.dial(api.Params{Room: "lobby", Name: "Eve"}, true)
		assert.NoError(t, err)
		ada.sees("Ada", "Eve")
		said := make(chan struct{})
		go func() {
			defer close(said)
			for eve.c.Send(context.Background(), api.Typing{}) == nil {
				time.Sleep(time.Millisecond) // or her own window would be full before
			}
		}()
		for err == nil {
			err = eve.take()
		}
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodePolicy)
		<-said
		ada.sees("Ada")
	})
}

func TestRooms_typing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		ada.sees("Ada", "Bob")
		type_ := func() {
			ada.send(api.Typing{})
			synctest.Wait()
		}
		type_()
		type_()
		time.Sleep(time.Second)
		type_()
		ada.send(api.Say{Text: "hi"})
		ada.hears("hi")
		type_() // something else
		ada.send(api.Say{Text: "bye"})
		bob.hears("bye")
		assert.Equal(t, bob.writes, []api.MemberID{ada.you, ada.you, ada.you})
		ada.hears("bye")
		assert.Equal(t, len(ada.writes), 0, "of oneself one knows")
	})
}

// loseNetwork loses the network until Up, in a session that both sides know is there.
func (k *client) loseNetwork() {
	time.Sleep(time.Second)
	k.network.Down()
}

// Who has lost the network is away, and misses nothing.
func TestRooms_away(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		id := bob.you
		bob.loseNetwork()
		ada.sees("Ada", "Bob")
		ada.sees("Ada", "Bob?")
		cy := w.enter("lobby", "Cy")
		cy.sees("Ada", "Bob?", "Cy")
		for i := range 60 {
			ada.send(api.Typing{}) // of that he need not know
			ada.send(api.Say{Text: fmt.Sprint(i)})
			ada.hears(fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		bob.send(api.Say{Text: "said without a network"})
		bob.network.Up()
		cy.hears("said without a network")
		assert.Equal(t, cy.names(), []string{"Ada", "Bob", "Cy"}, "he is back before he speaks")
		bob.hears("said without a network")
		assert.Equal(t, len(bob.history), 61)
		assert.Equal(t, len(bob.writes), 0)
		bob.sees("Ada", "Bob", "Cy")
		assert.Equal(t, bob.you, id)
		assert.Equal(t, len(bob.gaps), 0)
	})
}

// Who is away for too long has left, and comes back as somebody new who knows what was said.
func TestRooms_gone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		id := bob.you
		ada.sees("Ada", "Bob")
		bob.loseNetwork()
		lost := time.Now()
		ada.sees("Ada", "Bob?")
		ada.sees("Ada")
		assert.Equal(t, time.Since(lost).Round(time.Second), 2*time.Minute)
		ada.send(api.Say{Text: "where is he?"})
		ada.hears("where is he?")
		bob.send(api.Say{Text: "I am here"})
		bob.network.Up()
		bob.hears("where is he?")
		assert.True(t, bob.you != id, "somebody new")
		assert.Equal(t, len(bob.gaps), 1)
		assert.Equal(t, bob.gaps[0].Unsent, []tandem.Unsent[api.ClientEvent]{{Number: 1, Message: api.Say{Text: "I am here"}}}, "he may say it again")
		ada.sees("Ada", "Bob")
	})
}

// A tab without sessions leaves with its socket.
func TestRooms_plain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada := w.enter("lobby", "Ada")
		bob, err := w.dial(api.Params{Room: "lobby", Name: "Bob"}, true)
		assert.NoError(t, err)
		bob.recv()
		bob.send(api.Say{Text: "hi"})
		ada.hears("hi")
		bob.network.Down()
		ada.sees("Ada")
	})
}

// Who does not read is closed, and holds nobody up before.
func TestRooms_slow(t *testing.T) {
	for name, plain := range map[string]bool{"session": false, "plain": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				ada := w.enter("lobby", "Ada")
				slow, err := w.dial(api.Params{Room: "lobby", Name: "Slow"}, plain)
				assert.NoError(t, err)
				ada.sees("Ada", "Slow")
				text := strings.Repeat("x", api.MaxText)
				said := 0
				for ada.left == 0 {
					began := time.Now()
					ada.send(api.Say{Text: text})
					said++
					for len(ada.history) < said {
						ada.recv()
					}
					assert.Equal(t, time.Since(began), 0, "after %d", said)
					assert.True(t, said < 700, "he is still there")
					time.Sleep(time.Second)
				}
				t.Logf("closed after %d", said)
				for err == nil && len(slow.gaps) == 0 {
					err = slow.take()
				}
				if plain { // ten seconds in which nothing was read came first
					assert.ErrorIs(t, err, tandem.ErrLost)
					return
				}
				assert.NoError(t, err)
				assert.Equal(t, slow.gaps[0].Reason, "ended")
				ada.sees("Ada", "Slow") // he has come back
				slow.sees("Ada", "Slow")
			})
		})
	}
}

// A page that leaves out its name is told so, in a way that it can read.
func TestRooms_noName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		nameless := &tandem.Endpoint[struct{ Room string }, api.ClientEvent, api.ServerEvent]{Path: "/api/chat/{room}", Codec: api.Chat.Codec}
		c, err := nameless.Dial(t.Context(), tandemtest.URL, struct{ Room string }{"lobby"}, &tandem.DialOptions{
			Transport: w.site.Transport(),
			Header:    map[string][]string{"Origin": {tandemtest.URL}},
		})
		assert.NoError(t, err)
		_, err = c.Recv(t.Context())
		refused := assert.ErrorAs[*tandem.CloseError](t, err)
		assert.Equal(t, refused.Code, tandem.CodeRefused)
		assert.Equal(t, refused.Reason, `query parameter "name": missing`)
	})
}

// What is no message ends its own connection only.
func TestRooms_hostile(t *testing.T) {
	for _, data := range []string{`{"Say":{"text":5}}`, `{"Said":{}}`, `"Welcome"`, `{"Say":`, `{"Say":null}`, `[]`} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			ada := w.enter("lobby", "Ada")
			eve, err := w.dial(api.Params{Room: "lobby", Name: "Eve"}, true)
			assert.NoError(t, err)
			eve.recv()
			ada.sees("Ada", "Eve")
			assert.NoError(t, eve.c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(data)}))
			_, err = eve.c.Recv(t.Context())
			assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeInvalid, data)
			ada.sees("Ada")
		})
	}
}

// When the server stops all are told to come back, and nobody is said to leave. The next one knows nothing.
func TestRooms_shutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ada, bob := w.enter("lobby", "Ada"), w.enter("lobby", "Bob")
		plain, err := w.dial(api.Params{Room: "lobby", Name: "Cy"}, true)
		assert.NoError(t, err)
		ada.send(api.Say{Text: "hi"})
		for _, k := range []*client{ada, bob, plain} {
			k.hears("hi")
		}
		w.node.Stop()
		err = plain.take()
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeRestart)
		plain.sees("Ada", "Bob", "Cy")
		w.start(nil)
		bob.until(func() bool { return len(bob.gaps) == 1 && len(bob.members) == 2 })
		ada.until(func() bool { return len(ada.gaps) == 1 && len(ada.members) == 2 })
		assert.Equal(t, len(bob.history), 0)
		bob.send(api.Say{Text: "where were we?"})
		ada.hears("where were we?")
		assert.True(t, !errors.Is(ada.c.Err(), tandem.ErrLost))
	})
}
