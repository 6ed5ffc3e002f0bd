package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/room"
	"github.com/tandem-ws/tandem/examples/cursors/site"
	"github.com/tandem-ws/tandem/internal/assert"
)

// serveCursors serves the cursors example.
func serveCursors(t *testing.T, bots int) (base string) {
	t.Helper()
	hub := tandem.NewHub(nil)
	r := room.New(bots)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	mux := http.NewServeMux()
	r.Handle(mux, hub)
	site.Handle(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		within, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, hub.Shutdown(within))
		srv.Close()
		stop()
		<-ended
	})
	return srv.URL
}

// cursorOf is the cursor of a name, in JavaScript.
func cursorOf(name string) string {
	return fmt.Sprintf("document.querySelector('#cursors [data-name=%q]')", name)
}

// count is how many cursors the page has, in JavaScript.
const count = `document.querySelectorAll("#cursors .cursor").length`

// named enters a name and waits until the server has it.
func (b *tab) named(name string) {
	b.t.Helper()
	b.wantStatus("open")
	b.change("name", name)
	b.until(fmt.Sprintf("%s.placeholder === %q", byID("name"), name))
}

// mouse moves the mouse.
func (b *tab) mouse(x, y float64) {
	b.t.Helper()
	command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y})
}

// Two pages see each other's cursors move, and the element of a cursor is the same all the time.
func TestCursors(t *testing.T) {
	ctx := browser(t)
	base := serveCursors(t, 20)
	ada, bob := open(t, ctx, base), open(t, ctx, base)
	for _, b := range []*tab{ada, bob} {
		command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1000, Height: 800, DeviceScaleFactor: 1})
	}
	ada.named("Ada")
	bob.named("Bob")
	assert.True(t, eval[bool](bob, cursorOf("Ada")+".style.translate === ''"), "who has not moved is nowhere")

	ada.mouse(250, 400)
	bob.until(cursorOf("Ada") + `.style.translate === "25cqw 50cqh"`)
	eval[chromedp.Void](bob, "void (window.first = "+cursorOf("Ada")+", first.mark = 1)")
	assert.True(t, eval[bool](bob, `(r => Math.abs(r.left - 250) < 3 && Math.abs(r.top - 400) < 3)(first.getBoundingClientRect())`), "it is drawn there")
	ada.mouse(500, 200)
	bob.until(cursorOf("Ada") + `.style.translate === "50cqw 25cqh"`)
	bob.mouse(900, 80)
	ada.until(cursorOf("Bob") + `.style.translate === "90cqw 10cqh"`)
	assert.True(t, eval[bool](bob, "first === "+cursorOf("Ada")+" && first.isConnected"), "the same element")
	assert.True(t, eval[bool](ada, cursorOf("Ada")+" === null"), "nobody sees their own twice")

	// The keys move it as well.
	ada.run(chromedp.Focus(chromedp.CSS("#stage")))
	ada.run(chromedp.KeyEvent(kb.ArrowRight))
	bob.until(cursorOf("Ada") + `.style.translate === "52cqw 25cqh"`)
	assert.True(t, eval[bool](ada, `getComputedStyle(`+byID("own")+`).display === "block"`), "and show it")

	ada.close()
	bob.until(cursorOf("Ada") + " === null")
	assert.True(t, eval[bool](bob, "!first.isConnected"), "who is gone is gone")
}

func TestCursors_bots(t *testing.T) {
	ctx := browser(t)
	b := open(t, ctx, serveCursors(t, 150))
	b.wantStatus("open")
	b.until(count + " === 150")
	bot := cursorOf("bot 7")
	b.until(bot + `.style.translate !== ""`)
	eval[chromedp.Void](b, "void (window.first = "+bot+", window.at = first.style.translate)")
	for range 20 { // updates flow
		b.until("first.style.translate !== at")
		eval[chromedp.Void](b, "void (window.at = first.style.translate)")
	}
	b.until(`[...document.querySelectorAll("#cursors .cursor")].every((e) => e.style.translate !== "")`)
	for _, number := range []string{"fps", "updates", "longest"} {
		b.until("Number(" + byID(number) + ".textContent) > 0")
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 360} {
			b.shot("cursors", scheme, width, 760)
			assert.True(t, eval[bool](b, "document.documentElement.scrollWidth <= innerWidth && document.querySelector('#panel').scrollWidth <= innerWidth"), "nothing sticks out at %d px", width)
		}
	}

	b.change("slider", "30")
	b.until(count + " === 30")
	b.until(byID("bots") + `.textContent === "30"`)
	assert.True(t, eval[bool](b, "first === "+bot), "who stays keeps its element")
	b.shot("cursors-few", "light", 1200, 760)
	b.change("slider", "500")
	b.until(count + " === 500")
	assert.True(t, eval[bool](b, "first === "+bot), "and who comes changes nothing of that")
	b.until(cursorOf("bot 500") + `.style.translate !== ""`)
}

// A slider follows what others do, but not while it is dragged.
func TestCursors_slider(t *testing.T) {
	ctx := browser(t)
	base := serveCursors(t, 40)
	a, b := open(t, ctx, base), open(t, ctx, base)
	a.wantStatus("open")
	b.wantStatus("open")
	value := func(n int) string { return fmt.Sprintf("%s.value === '%d'", byID("slider"), n) }
	a.until(value(40))
	b.until(value(40))
	a.change("slider", "100")
	b.until(value(100))
	b.change("slider", "200")
	a.until(byID("bots") + `.textContent === "200"`)
	assert.True(t, eval[bool](a, value(100)), "held where it is")
	eval[bool](a, byID("slider")+`.dispatchEvent(new Event("change", { bubbles: true }))`)
	b.until(byID("bots") + `.textContent === "100"`)
	b.change("slider", "50")
	eval[bool](b, byID("slider")+`.dispatchEvent(new Event("change", { bubbles: true }))`)
	a.until(value(50))
}

func TestCursors_pause(t *testing.T) {
	ctx := browser(t)
	b := open(t, ctx, serveCursors(t, 10))
	b.wantStatus("open")
	b.until(cursorOf("bot 7") + `.style.translate !== ""`)
	b.click("pause")
	b.until(byID("updates") + `.textContent === "0"`)
	at := eval[string](b, cursorOf("bot 7")+".style.translate")
	b.click("pause")
	b.until(fmt.Sprintf("%s.style.translate !== %q", cursorOf("bot 7"), at))
}

// Who prefers reduced motion sees bots, but not move.
func TestCursors_calm(t *testing.T) {
	ctx := browser(t)
	b := open(t, ctx, serveCursors(t, 10))
	b.wantStatus("open")
	moves := func() string {
		return `new Promise((resolve) => {
			const e = ` + cursorOf("bot 7") + `, at = e.style.translate;
			let frames = 0;
			const look = () => e.style.translate !== at ? resolve(true) : ++frames === 60 ? resolve(false) : requestAnimationFrame(look);
			look();
		})`
	}
	b.until(cursorOf("bot 7") + `.style.translate !== ""`)
	assert.True(t, eval[bool](b, moves()), "it moves")
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.until(byID("calm") + " !== null")
	assert.True(t, !eval[bool](b, moves()), "it stands still")
	b.shot("cursors-calm", "light", 360, 640)
}

// A finger is a pointer too.
func TestCursors_touch(t *testing.T) {
	ctx := browser(t)
	base := serveCursors(t, 0)
	a, b := open(t, ctx, base), open(t, ctx, base)
	for _, tab := range []*tab{a, b} {
		command(tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		command(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 400, Height: 800, DeviceScaleFactor: 1, Mobile: true})
	}
	command(a, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	a.named("Ada")
	b.wantStatus("open")
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		command(a, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: 100, Y: 200})
	b.until(cursorOf("Ada") + `.style.translate === "25cqw 25cqh"`)
	touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: 200, Y: 80})
	b.until(cursorOf("Ada") + `.style.translate === "50cqw 10cqh"`)
	touch(input.DispatchTouchEventTypeTouchEnd)
}
