//go:build !js

package view_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/examples/cursors/room"
	"github.com/tandem-ws/tandem/examples/cursors/site"
	"github.com/tandem-ws/tandem/examples/cursors/view"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// screen is a screen that draws when it is told to.
type screen struct {
	mu   sync.Mutex
	draw func(time.Duration)
	calm func(bool)
	now  time.Duration
}

func (s *screen) Frames(f func(time.Duration)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draw = f
	return func() {}
}

func (s *screen) Size() (width, height float64) { return 1000, 500 }

func (s *screen) Calm(tell func(bool)) (stop func()) {
	s.calm = tell
	return func() {}
}

// frames draws n frames, sixty in a second.
func (s *screen) frames(n int) {
	for range n {
		time.Sleep(time.Second / 60)
		s.now += time.Second / 60
		s.draw(s.now)
	}
}

// page is the page with a conversation with a handler.
type page struct {
	t      *testing.T
	screen *screen
	node   ui.Node
}

func newPage(t *testing.T, handler http.Handler, hub *tandem.Hub) *page {
	server := tandemtest.NewServer(t, handler, &tandemtest.Options{Hub: hub})
	p := &page{t: t, screen: &screen{}}
	scope := signals.NewScope(signals.NewGraph(nil))
	p.node = view.Page(&view.Options{
		Socket: &live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: server.Transport()}},
		Screen: p.screen,
	})(scope)
	t.Cleanup(func() {
		scope.Dispose()
		synctest.Wait()
	})
	time.Sleep(time.Second / 120) // from here on frames fall between the server's updates, never on the same instant
	p.screen.frames(2)
	return p
}

// text is the page as HTML.
func (p *page) text() string {
	p.t.Helper()
	var b strings.Builder
	assert.NoError(p.t, html.Render(&b, p.node))
	return b.String()
}

func (p *page) has(parts ...string) {
	p.t.Helper()
	text := p.text()
	for _, part := range parts {
		assert.True(p.t, strings.Contains(text, part), "%s in %s", part, text)
	}
}

// script serves the endpoint with messages for the page, one when it is told to.
func script(t *testing.T, msgs ...api.ServerEvent) (p *page, next func(), heard chan api.ClientEvent) {
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	more := make(chan struct{})
	heard = make(chan api.ClientEvent, 100)
	mux.Handle(api.Cursors.Handler(func(ctx context.Context, _ api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		go func() {
			for _, msg := range msgs {
				select {
				case <-more:
				case <-ctx.Done():
					return
				}
				_ = c.Send(ctx, msg) // the page shows whether it has come
			}
		}()
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			heard <- msg
		}
		return nil
	}, &tandem.ServeOptions{Hub: hub}))
	p = newPage(t, mux, hub)
	return p, func() {
		more <- struct{}{}
		synctest.Wait()
	}, heard
}

func TestPage_cursors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		you, ada, bot := api.Cursor{ID: 1, Name: "Me"}, api.Cursor{ID: 2, Name: "<Ada>", Color: 3}, api.Cursor{ID: 3, Name: "bot 1", Color: 15, Bot: true}
		p, next, _ := script(t,
			api.Welcome{You: you},
			api.Change{Joined: []api.Cursor{you, ada, bot}, Bots: 1},
			api.Frame{Tick: 1, Places: []api.Place{{ID: 1, X: 9, Y: 9}, {ID: 2, X: 16384, Y: 65535}, {ID: 77, X: 5, Y: 5}}},
			api.Frame{Tick: 2, Places: []api.Place{{ID: 2, X: 0, Y: 1}, {ID: 3, X: 32768, Y: 32768}}},
			api.Change{Joined: []api.Cursor{{ID: 3, Name: "Eve"}}, Left: []uint16{2}},
		)
		const count = `data-testid="count">`
		p.has(count+"0<", `role="status">open<`)
		next()
		p.has(`placeholder="Me"`)
		next()
		p.has(count+"2<", `data-name="&lt;Ada&gt;"`, `class="cursor person c3"`, `class="cursor bot c3"`, `data-testid="bots">1<`)
		assert.True(t, !strings.Contains(p.text(), "translate"), "nobody is anywhere")
		next()
		assert.True(t, !strings.Contains(p.text(), "translate"), "what has come is drawn with the next frame")
		p.screen.frames(1)
		p.has("translate: 25.00cqw 100.00cqh")
		next()
		p.screen.frames(1)
		p.has("translate: 0.00cqw 0.00cqh", "translate: 50.00cqw 50.00cqh")
		next()
		p.has(count+"1<", `data-name="Eve"`, `data-testid="bots">0<`)
		assert.True(t, !strings.Contains(p.text(), "Ada") && !strings.Contains(p.text(), "bot 1"), "who has left is gone, and so is whose ID is another's")
		assert.True(t, !strings.Contains(p.text(), "translate"), "who comes is nowhere")
	})
}

// Of several frames that have come only the last is drawn, and all are counted.
func TestPage_numbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		r := room.New(25)
		mux := http.NewServeMux()
		r.Handle(mux, hub)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.Run(t.Context())
		}()
		t.Cleanup(func() { <-ended })
		p := newPage(t, mux, hub)
		p.screen.frames(200)
		p.has(`data-testid="fps">60<`, `data-testid="updates">60<`, `data-testid="longest">17<`, `data-testid="count">25<`)
		assert.Equal(t, strings.Count(p.text(), "cqw "), 25)
		p.screen.now += 10 * time.Second // out of sight
		p.screen.frames(10)
		p.has(`data-testid="longest">17<`)
	})
}

// Who prefers reduced motion sees people move, and where the bots were.
func TestPage_calm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, next, _ := script(t,
			api.Welcome{},
			api.Change{Joined: []api.Cursor{{ID: 1, Name: "Ada"}, {ID: 2, Name: "bot 1", Bot: true}}},
			api.Frame{Places: []api.Place{{ID: 1, X: 1, Y: 1}, {ID: 2, X: 16384, Y: 16384}}},
			api.Frame{Places: []api.Place{{ID: 1, X: 32768, Y: 32768}, {ID: 2, X: 65535, Y: 65535}}},
			api.Frame{Places: []api.Place{{ID: 1, X: 32768, Y: 32768}, {ID: 2, X: 65535, Y: 65535}}},
		)
		p.screen.calm(true)
		for range 4 {
			next()
			p.screen.frames(1)
		}
		p.has("translate: 50.00cqw 50.00cqh", "translate: 25.00cqw 25.00cqh", "you prefer reduced motion")
		p.screen.calm(false)
		next()
		p.screen.frames(1)
		p.has("translate: 100.00cqw 100.00cqh")
	})
}

// The page that the server sends, and what is beside it.
func TestSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		site.Handle(mux)
		client := tandemtest.NewServer(t, mux, nil).HTTPClient()
		for path, content := range map[string]string{
			"/": "text/html; charset=utf-8", "/page.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml", "/boot.js": "text/javascript; charset=utf-8",
		} {
			resp, err := client.Get(tandemtest.URL + path)
			assert.NoError(t, err)
			var body strings.Builder
			_, err = io.Copy(&body, resp.Body)
			resp.Body.Close()
			assert.NoError(t, err)
			assert.Equal(t, resp.StatusCode, http.StatusOK, path)
			assert.Equal(t, resp.Header.Get("Content-Type"), content, path)
			if path == "/" {
				for _, part := range []string{"<title>Cursors</title>", `data-testid="stage"`, `data-testid="slider"`, `data-testid="status"`} {
					assert.True(t, strings.Contains(body.String(), part), "%s in %s", part, body.String())
				}
				assert.True(t, !strings.Contains(body.String(), " style="), "the policy forbids style attributes")
			}
		}
	})
}
