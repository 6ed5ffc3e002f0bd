package dioxus_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/chromium"
)

// tab is the page of src/bin/page.rs in Chromium.
type tab struct {
	ctx   context.Context
	close func()
}

// openPage serves the page and opens it in a browser, which ends with the test.
func openPage(t *testing.T, m mount, base string) tab {
	t.Helper()
	browser := chromium.Start(t)
	dir := bindings(t)
	m.Handle("/page/", http.StripPrefix("/page/", http.FileServer(http.Dir(dir))))
	m.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"><div id="main"></div>
<script type="module">import init from "/page/page.js"; await init({ module_or_path: "/page/page_bg.wasm" });</script>`)
	})
	b := tab{}
	b.ctx, b.close = chromedp.NewContext(browser)
	assert.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate(base)))
	return b
}

// until waits until a JavaScript expression is true.
func (b tab) until(t *testing.T, expr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((resolve) => {
		const end = Date.now() + %d;
		const check = () => %s ? resolve(true) : Date.now() > end ? resolve(false) : setTimeout(check, 10);
		check();
	})`, patience.Milliseconds()/2, expr), chromedp.EvalAwaitPromise))
	assert.NoError(t, err, expr)
	if !held {
		shown, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("not %s; the page shows %q, %v", expr, shown, err)
	}
}

// want waits until elements have these texts.
func (b tab) want(t *testing.T, selector string, texts ...string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map((e) => e.textContent)) === JSON.stringify([%s])`,
		selector, strings.Join(quoted(texts), ",")))
}

func quoted(texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return quoted
}

// fill puts a text into a field, as one act of a user.
func (b tab) fill(t *testing.T, id, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`(() => {
		const e = document.getElementById(%q);
		e.value = %q;
		return e.dispatchEvent(new InputEvent("input", { bubbles: true }));
	})()`, id, text)))
	assert.NoError(t, err)
}

// serveShout serves what the page connects to: a greeting, then every text in upper case, until the text "close". The
// channel has what the handlers return.
func serveShout(m mount) <-chan error {
	return serve(m, api.Uppercase, func(ctx context.Context, p api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		if err := c.Send(ctx, api.Uppercased(fmt.Sprintf("HELLO %s, %d", p.Name, p.Age))); err != nil {
			return err
		}
		for {
			msg, err := c.Recv(ctx)
			if err != nil {
				return err
			}
			if msg == api.TextInput("close") {
				return &tandem.CloseError{Code: 4001, Reason: "bye"}
			}
			if err := c.Send(ctx, api.Uppercased(strings.ToUpper(string(msg.(api.TextInput))))); err != nil {
				return err
			}
		}
	})
}

// A page of Dioxus in a browser talks with a server in Go.
func TestPage(t *testing.T) {
	m, base := listen(t)
	returned := serveShout(m)
	b := openPage(t, m, base)
	b.want(t, "#messages li", "HELLO Ada, 36")
	b.want(t, "#status", "Open")
	b.fill(t, "text", "größe 😀")
	b.want(t, "#messages li", "HELLO Ada, 36", "GRÖßE 😀")

	// Another parameter is another connection; the old one is left with a Close frame without a code.
	b.fill(t, "name", "Grace & Co")
	b.want(t, "#messages li", "HELLO Ada, 36", "GRÖßE 😀", "HELLO Grace & Co, 36")
	b.want(t, "#errors li", `ConnectionClosed { code: Away, description: "Connection replaced by a new one" }`)
	err := soon(t, returned)
	assert.ErrorIs(t, err, io.EOF)
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeNoStatus)

	// The server ends it with a code, which the page is told.
	b.fill(t, "text", "close")
	b.want(t, "#errors li", `ConnectionClosed { code: Away, description: "Connection replaced by a new one" }`,
		`ConnectionClosed { code: Library(4001), description: "bye" }`)
	b.want(t, "#status", "Closed")
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, soon(t, returned)).Code, 4001)
}

// The page is closed.
func TestPage_closed(t *testing.T) {
	m, base := listen(t)
	returned := serveShout(m)
	b := openPage(t, m, base)
	b.want(t, "#status", "Open")
	b.want(t, "#messages li", "HELLO Ada, 36")
	b.close()
	err := soon(t, returned)
	assert.ErrorIs(t, err, io.EOF)
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeGoingAway)
}

// The server shuts down, and refuses the next connection: to the page both look like a close.
func TestPage_shutdown(t *testing.T) {
	m, base := listen(t)
	returned := serveShout(m)
	b := openPage(t, m, base)
	b.want(t, "#messages li", "HELLO Ada, 36")
	assert.NoError(t, m.hub.Shutdown(within(t)))
	soon(t, returned)
	b.want(t, "#errors li", `ConnectionClosed { code: Restart, description: "server shutting down" }`)
	b.want(t, "#status", "Closed")
}

// bindings builds the page for a browser, and gives the directory with what that loads.
func bindings(t *testing.T) string {
	t.Helper()
	target, err := fetched()
	have(t, err)
	lib, err := exec.CommandContext(within(t), "rustc", "--print", "target-libdir", "--target", browserTarget).Output()
	assert.NoError(t, err, "rustc")
	if _, err := os.Stat(strings.TrimSpace(string(lib))); err != nil {
		assert.ErrorIs(t, err, fs.ErrNotExist)
		//nolint:forbidigo // it comes from the internet, as the crates do: see have
		t.Skip("no " + browserTarget + ": rustup target add " + browserTarget)
	}
	assert.NoError(t, builtPage())
	dir := t.TempDir()
	bindgen := exec.CommandContext(within(t), filepath.Join(target, "debug", "bindgen"),
		filepath.Join(target, browserTarget, "debug", "page.wasm"), dir)
	out, err := bindgen.CombinedOutput()
	assert.NoError(t, err, string(out))
	return dir
}

// builtPage builds the page, and what makes it fit for browsers.
var builtPage = sync.OnceValue(func() error {
	if err := cargo("build", "--features", "bindgen", "--bin", "bindgen"); err != nil {
		return err
	}
	return cargo("build", "--features", "web", "--bin", "page", "--target", browserTarget)
})

const browserTarget = "wasm32-unknown-unknown"
