package browser_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/examples/uppercase/site"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/chromium"
)

// patience is how long a browser or a server may take for anything.
const patience = chromium.Patience

// browser starts a Chromium, and gives a context to open tabs in. It ends with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	return chromium.Start(t)
}

// tab is the example's page in a tab.
type tab struct {
	page *chromium.Tab
	t    *testing.T
}

// open opens the page that a server has at base. It remembers every status that the page shows.
func open(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	b := &tab{chromium.Open(t, browser, ""), t}
	b.page.OnNewDocument(`
		window.statuses = [];
		document.addEventListener("readystatechange", () => {
			const status = document.querySelector("[data-testid=status]");
			if (!status || document.readyState !== "interactive") return;
			new MutationObserver(() => statuses.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
		});`)
	b.run(chromedp.Navigate(base))
	return b
}

func (b *tab) close() { b.page.Close() }

// run does something in the tab.
func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.page.Do(actions...)
}

// command sends a command of the DevTools protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.t.Helper()
	chromium.Command(b.page, c, params)
}

// eval gives the value of a JavaScript expression, or of its promise.
func eval[T any](b *tab, expr string) T {
	b.t.Helper()
	return chromium.Eval[T](b.page, expr)
}

// until waits until a JavaScript expression is true.
func (b *tab) until(expr string) {
	b.t.Helper()
	b.page.Until(expr)
}

// byID is the element of a test's name, in JavaScript.
func byID(id string) string { return `document.querySelector("[data-testid=` + id + `]")` }

// messages gives the texts of the messages, without their times.
func (b *tab) messages() []string {
	b.t.Helper()
	return eval[[]string](b, `[...`+byID("messages")+`.querySelectorAll("li span")].map((e) => e.textContent)`)
}

// wantStatus waits for a status.
func (b *tab) wantStatus(status string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%s.textContent === %q", byID("status"), status))
}

// wantMessage waits for a message to come last.
func (b *tab) wantMessage(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`%s.querySelector("li:last-child span")?.textContent === %q`, byID("messages"), text))
}

// statuses gives what the page has shown since the beginning.
func (b *tab) statuses() []string {
	b.t.Helper()
	return eval[[]string](b, "statuses")
}

// typeInto types keys into a field; "\r" is Enter.
func (b *tab) typeInto(id, keys string) {
	b.t.Helper()
	b.run(chromedp.SendKeys(chromedp.CSS("[data-testid="+id+"]"), keys))
}

// paste puts a text into a field, at once and without an event.
func (b *tab) paste(id, text string) {
	b.t.Helper()
	eval[string](b, fmt.Sprintf("%s.value = %q", byID(id), text))
}

func (b *tab) click(id string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS("[data-testid=" + id + "]")))
}

// shot takes a picture of the window: see TANDEM_SCREENSHOTS.
func (b *tab) shot(name, scheme string, width, height int64) {
	b.t.Helper()
	b.page.Shot(name, scheme, width, height)
}

// example is the program examples/uppercase at work as a server.
type example struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string
	errs strings.Builder
	ends func() // at most once
}

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "uppercase"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(buildDir, "uppercase")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "github.com/tandem-ws/tandem/examples/uppercase").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// startExample starts the program on an address. It is killed when the test ends, unless it has ended by then.
func startExample(t *testing.T, addr string) *example {
	t.Helper()
	binary, err := build()
	assert.NoError(t, err)
	e := &example{t: t, cmd: exec.Command(binary, "-addr", addr)}
	e.cmd.Stderr = &e.errs
	out, err := e.cmd.StdoutPipe()
	assert.NoError(t, err)
	assert.NoError(t, e.cmd.Start())
	e.ends = sync.OnceFunc(func() {
		hung := time.AfterFunc(patience, func() { e.cmd.Process.Kill() })
		io.Copy(io.Discard, out)
		e.cmd.Wait()
		hung.Stop()
	})
	t.Cleanup(func() {
		e.cmd.Process.Kill()
		e.ends()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		e.ends()
		t.Fatalf("the server says no address: %s", e.errs.String())
	}
	e.base = strings.TrimSpace(line)
	return e
}

// addr is the address it serves on.
func (e *example) addr() string {
	return strings.TrimSuffix(strings.TrimPrefix(e.base, "http://"), "/")
}

// terminate asks it to end and waits until it has.
func (e *example) terminate() {
	e.t.Helper()
	assert.NoError(e.t, e.cmd.Process.Signal(syscall.SIGTERM))
	e.ends()
	assert.Equal(e.t, e.cmd.ProcessState.ExitCode(), 0, "exit code of the server; %s", e.errs.String())
	assert.Equal(e.t, e.errs.String(), "")
}

type conn = tandem.Conn[api.ClientEvent, api.ServerEvent]

// plain is the page in JavaScript of the server at base.
func plain(base string) string { return strings.TrimSuffix(base, "/") + "/plain" }

// serve serves the pages with another handler. The channel gets what the handler returns.
func serve(t *testing.T, h func(context.Context, *conn) error) (base string, returned <-chan error) {
	t.Helper()
	hub := tandem.NewHub(nil)
	ch := make(chan error, 16)
	mux := http.NewServeMux()
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, _ api.Person, c *conn) error {
		err := c.Send(ctx, api.Uppercased("HELLO"))
		if err == nil {
			err = h(ctx, c)
		}
		ch <- err
		return err
	}, &tandem.ServeOptions{Hub: hub, Codecs: []tandem.Codec{json.Codec}}))
	site.Handle(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, hub.Shutdown(ctx))
		srv.Close()
	})
	return srv.URL, ch
}
