package browser_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/examples/uppercase/site"
	"github.com/tandem-ws/tandem/internal/assert"
)

// change puts a text into a field, as if it had been entered at once.
func (b *tab) change(id, text string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(e => { e.value = %q; return e.dispatchEvent(new Event("input", { bubbles: true })); })(%s)`, text, byID(id)))
}

// The page in Go does what the one in JavaScript does.
func TestGoPage(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, srv.base)
	b.wantStatus("open")
	b.wantMessage("HELLO ADA, 36")

	b.typeInto("input", "größe\r") // without a click: the input has the focus
	b.wantMessage("GRÖßE")
	assert.Equal(t, eval[string](b, byID("input")+".value"), "", "what was sent is gone from the input")
	b.typeInto("input", "<b>1</b> \"2\"")
	b.click("send")
	b.wantMessage("<B>1</B> \"2\"")
	assert.Equal(t, b.messages(), []string{"HELLO ADA, 36", "GRÖßE", "<B>1</B> \"2\""})

	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 360} {
			b.shot("go-open", scheme, width, 760)
			assert.True(t, eval[bool](b, "document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out at %d px", width)
		}
	}

	// Another name is another conversation; two fast changes are one.
	b.click("clear")
	assert.Equal(t, b.messages(), []string{})
	eval[bool](b, `(e => { for (const v of ["Zo", "Zoë & co+1"]) { e.value = v; e.dispatchEvent(new Event("input", { bubbles: true })); } return true; })(`+byID("name")+`)`)
	b.wantMessage("HELLO ZOË & CO+1, 36")
	b.wantStatus("open")
	b.typeInto("input", "after clear\r")
	b.wantMessage("AFTER CLEAR")
	assert.Equal(t, b.messages(), []string{"HELLO ZOË & CO+1, 36", "AFTER CLEAR"})

	// A name typed letter by letter: the caret stays where it is.
	b.change("name", "Ab")
	eval[chromedp.Void](b, "void "+byID("name")+".setSelectionRange(1, 1)")
	b.run(chromedp.Focus(chromedp.CSS("[data-testid=name]")))
	b.run(chromedp.KeyEvent("x"))
	assert.Equal(t, eval[string](b, byID("name")+".value"), "Axb")
	assert.Equal(t, eval[int](b, byID("name")+".selectionStart"), 2)
	b.wantMessage("HELLO AXB, 36")

	b.change("input", strings.Repeat("word ", 40)+strings.Repeat("x", 200))
	b.typeInto("input", "\r")
	for i := range 12 {
		b.change("input", fmt.Sprintf("%d more, and another line", i))
		b.typeInto("input", "\r")
	}
	b.wantMessage("11 MORE, AND ANOTHER LINE")
	for _, width := range []int64{360, 1200} {
		b.shot("go-full", "light", width, 640)
		assert.True(t, eval[bool](b, "document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out")
		assert.True(t, eval[bool](b, `(e => e.getBoundingClientRect().bottom <= e.closest(".log").getBoundingClientRect().bottom + 1)(`+
			byID("messages")+`.querySelector("li:last-child"))`), "the last message is in sight")
	}
}

// What the server has rendered is what the program goes on with: nothing is built anew.
func TestGoPage_hydrated(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, srv.base) // from the readyState interactive on it watches the status element there was
	b.wantStatus("open")
	assert.True(t, slices.Contains(b.statuses(), "open"), "the status element of the server's page: %q", b.statuses())
}

func TestGoPage_restart(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, srv.base)
	b.wantMessage("HELLO ADA, 36")
	srv.terminate()
	b.wantStatus("closed 1012 “server shutting down”, reconnecting")
	b.typeInto("input", "kept\r")
	b.shot("go-waiting", "light", 1200, 760)
	b.shot("go-waiting", "dark", 360, 640)

	startExample(t, srv.addr())
	b.wantStatus("open")
	b.until(byID("messages") + `.querySelectorAll("li").length === 2`)
	assert.Equal(t, eval[string](b, byID("input")+".value"), "kept", "what could not be sent")
	b.typeInto("input", "\r")
	b.wantMessage("KEPT")
	assert.Equal(t, b.messages(), []string{"HELLO ADA, 36", "HELLO ADA, 36", "KEPT"}, "nothing is sent twice")
}

// A server that dies says nothing.
func TestGoPage_killed(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, srv.base)
	b.wantStatus("open")
	assert.NoError(t, srv.cmd.Process.Kill())
	b.until(`statuses.includes("connection lost, reconnecting")`)
	b.until(`statuses.includes("failed to connect, reconnecting")`)
	srv.ends()
	startExample(t, srv.addr())
	b.wantStatus("open")
}

// What the server says when it ends a connection, or does not let the page in, the page shows.
func TestGoPage_closed(t *testing.T) {
	ctx := browser(t)
	for _, row := range []struct {
		name   string
		err    error
		status string
	}{
		{"normal", nil, "closed 1000"},
		{"stay away", &tandem.CloseError{Code: 4500, Reason: "bye"}, "closed 4500 “bye”"},
		{"policy", &tandem.CloseError{Code: tandem.CodePolicy}, "closed 1008"},
		{"unauthorized", &tandem.CloseError{Code: 4401, Reason: "who are you?"}, "closed 4401 “who are you?”"},
		{"come back", &tandem.CloseError{Code: 4001, Reason: "bye"}, "closed 4001 “bye”, reconnecting"},
		{"going away", &tandem.CloseError{Code: tandem.CodeGoingAway}, "closed 1001, reconnecting"},
		{"handler failed", io.ErrUnexpectedEOF, "closed 1011, reconnecting"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var times atomic.Int64
			base, _ := serve(t, func(ctx context.Context, c *conn) error {
				if _, err := c.Recv(ctx); err != nil {
					return err
				}
				if times.Add(1) == 1 {
					return row.err
				}
				_, err := c.Recv(ctx)
				return err
			})
			b := open(t, ctx, base)
			b.wantStatus("open")
			b.typeInto("input", "bye\r")
			b.until(fmt.Sprintf("statuses.includes(%q)", row.status))
			if strings.HasSuffix(row.status, "reconnecting") {
				b.wantStatus("open") // by itself
			} else {
				b.shot("go-closed", "light", 360, 640)
				b.click("connect")
				b.wantStatus("open")
			}
			b.until(byID("messages") + `.querySelectorAll("li").length === 2`)
		})
	}
}

// serveWith serves the pages with these options.
func serveWith(t *testing.T, o *tandem.ServeOptions, h func(context.Context, *conn) error) (base string) {
	t.Helper()
	o.Hub = tandem.NewHub(nil)
	mux := http.NewServeMux()
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, _ api.Person, c *conn) error { return h(ctx, c) }, o))
	site.Handle(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, o.Hub.Shutdown(ctx))
		srv.Close()
	})
	return srv.URL
}

// greet sends one message and waits for the end.
func greet(ctx context.Context, c *conn) error {
	if err := c.Send(ctx, api.Uppercased("HELLO")); err != nil {
		return err
	}
	_, err := c.Recv(ctx)
	return err
}

// A refusal in band is read by the page: final or not, as its status says.
func TestGoPage_refused(t *testing.T) {
	ctx := browser(t)
	for status, shown := range map[int]string{
		http.StatusUnauthorized:       "closed 4401 “not you”",
		http.StatusServiceUnavailable: "closed 1013 “not you”, reconnecting",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var refused atomic.Int64
			base := serveWith(t, &tandem.ServeOptions{
				RefuseInBand: true,
				Authorize: func(*http.Request) (context.Context, error) {
					if refused.Add(1) == 1 {
						return nil, &tandem.HandshakeError{Status: status, Message: "not you"}
					}
					return nil, nil
				},
			}, greet)
			b := open(t, ctx, base)
			b.until(fmt.Sprintf("statuses.includes(%q)", shown))
			if !strings.HasSuffix(shown, "reconnecting") {
				b.click("connect")
			}
			b.wantStatus("open")
		})
	}
}

// A message that is not as declared ends the conversation, and the page lives.
func TestGoPage_undecodable(t *testing.T) {
	ctx := browser(t)
	var times atomic.Int64
	base := serveWith(t, &tandem.ServeOptions{}, func(ctx context.Context, c *conn) error {
		if times.Add(1) == 1 {
			if err := c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameBinary, Data: []byte("\xff\x00nonsense")}); err != nil {
				return err
			}
			_, err := c.Recv(ctx)
			return err
		}
		return greet(ctx, c)
	})
	b := open(t, ctx, base)
	b.until(byID("status") + `.textContent.includes("cbor")`)
	b.shot("go-undecodable", "light", 360, 640)
	b.click("connect")
	b.wantMessage("HELLO")
}

// Without a network the page waits for one.
func TestGoPage_offline(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, srv.base)
	b.wantStatus("open")
	offline := func(off bool) {
		command(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
	}
	offline(true)
	assert.NoError(t, srv.cmd.Process.Kill()) // what the browser knows cuts no websocket
	srv.ends()
	b.wantStatus("connection lost, waiting for a network")
	b.shot("go-offline", "dark", 360, 640)
	startExample(t, srv.addr())
	offline(false)
	b.wantStatus("open")
}

// A tab that is closed, and a page that is left, end the conversation in order.
func TestGoPage_leaves(t *testing.T) {
	ctx := browser(t)
	base, returned := serve(t, func(ctx context.Context, c *conn) error {
		_, err := c.Recv(ctx)
		return err
	})
	want := func(codes ...tandem.Code) {
		t.Helper()
		select {
		case err := <-returned:
			code := assert.ErrorAs[*tandem.CloseError](t, err).Code
			assert.True(t, slices.Contains(codes, code), "closed with %d, want %d", code, codes)
			assert.True(t, errors.Is(err, io.EOF), "a normal end: %v", err)
		case <-time.After(patience):
			t.Fatal("the handler has not returned")
		}
	}
	b := open(t, ctx, base)
	b.wantStatus("open")
	b.change("name", "Grace")
	want(tandem.CodeNormal)
	b.wantStatus("open")
	b.until(byID("messages") + `.querySelectorAll("li").length === 2`)

	b.run(chromedp.Navigate("about:blank"))
	want(tandem.CodeNormal, tandem.CodeGoingAway) // not every version keeps a page with a websocket
	eval[chromedp.Void](b, "void setTimeout(() => history.back())")
	b.wantStatus("open")

	b.close()
	want(tandem.CodeNormal, tandem.CodeGoingAway)
}

func TestGoPage_keyboard(t *testing.T) {
	b := open(t, browser(t), startExample(t, "127.0.0.1:0").base)
	b.wantMessage("HELLO ADA, 36")
	assert.Equal(t, eval[string](b, "document.activeElement.id"), "input", "the page is ready to be typed into")
	b.run(chromedp.Focus(chromedp.CSS("[data-testid=name]")))
	for _, next := range []string{"age", "clear", "messages", "input", "send"} {
		b.run(chromedp.KeyEvent("\t"))
		assert.Equal(t, eval[string](b, "document.activeElement.id"), next)
	}
}

// A program that does not build says so in the page.
func TestGoPage_buildError(t *testing.T) {
	ctx := browser(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /app.wasm", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "view.go:7: undefined: nothing", http.StatusInternalServerError)
	})
	pages := http.NewServeMux()
	site.Handle(pages)
	mux.Handle("/", pages)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	b := open(t, ctx, srv.URL)
	b.until(`document.querySelector("[role=alert]")?.textContent.includes("undefined: nothing")`)
	b.shot("go-build-error", "light", 360, 640)
}

// A panic in an effect or in the handler of an event is told to the console, and the page lives.
func TestGoPage_panics(t *testing.T) {
	ctx := browser(t)
	program := filepath.Join(t.TempDir(), "app.wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "./panics")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := build.CombinedOutput()
	assert.NoError(t, err, string(out))

	hub := tandem.NewHub(nil)
	mux, pages := http.NewServeMux(), http.NewServeMux()
	site.Handle(pages)
	mux.Handle("/", pages)
	mux.HandleFunc("GET /app.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, program) })
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, _ api.Person, c *conn) error {
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := c.Send(ctx, api.Uppercased(strings.ToUpper(string(msg.(api.TextInput))))); err != nil {
				return err
			}
		}
		return nil
	}, &tandem.ServeOptions{Hub: hub}))
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		within, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, hub.Shutdown(within))
		srv.Close()
	})

	b := open(t, ctx, srv.URL)
	b.until(byID("handler") + ` && ` + byID("status") + `.textContent === "open"`)
	eval[chromedp.Void](b, `void (globalThis.said = [], console.error = (text) => said.push(text))`)
	for i, id := range []string{"effect", "handler", "effect"} { // the effect runs again
		b.click(id)
		b.until(fmt.Sprintf("said.length === %d", i+1))
	}
	said := eval[[]string](b, "said")
	for i, want := range []string{"in an effect", "in a handler", "in an effect"} {
		assert.True(t, strings.Contains(said[i], want) && strings.Contains(said[i], "main.go:"), "the panic and where it was: %s", said[i])
	}
	b.typeInto("input", "still here\r")
	b.wantMessage("STILL HERE")
}
