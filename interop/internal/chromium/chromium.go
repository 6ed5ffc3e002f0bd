// Package chromium opens pages in a headless Chromium.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
)

// Patience is how long a browser may take for anything.
const Patience = time.Minute

// Start starts a browser, with a profile of its own that goes with it, and gives a context to open tabs in. It ends with the
// test.
func Start(t testing.TB) context.Context {
	t.Helper()
	program := find(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // it does not work for root, which tests in containers run as
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		within, done := context.WithTimeout(ctx, Patience)
		defer done()
		chromedp.Cancel(within) // waits for the process
		cancel()
		stop()
	})
	assert.NoError(t, chromedp.Do(ctx), "start Chromium")
	return ctx
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	assert.Missing(t, "no chromium, chromium-browser or google-chrome")
	return ""
}

// Tab is a tab.
type Tab struct {
	t     *testing.T
	ctx   context.Context
	Close func()
}

// Open opens a tab with a page, or an empty one for a URL that is empty. It is closed when the test ends.
func Open(t *testing.T, browser context.Context, url string) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	b := &Tab{t, ctx, cancel}
	t.Cleanup(cancel)
	assert.NoError(t, chromedp.Do(ctx), "open a tab")
	if url != "" {
		b.Do(chromedp.Navigate(url))
	}
	return b
}

// Do does something in the tab.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, Patience)
	defer cancel()
	assert.NoError(b.t, chromedp.Do(ctx, actions...))
}

// Command sends a command of the DevTools protocol.
func Command[P, R any](b *Tab, c cdp.Command[P, R], params P) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, Patience)
	defer cancel()
	_, err := chromedp.Call(ctx, c, params)
	assert.NoError(b.t, err)
}

// Eval gives the value of a JavaScript expression, or of its promise.
func Eval[T any](b *Tab, expr string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
	assert.NoError(b.t, err, expr)
	return v
}

// Until waits until a JavaScript expression is true. An expression that throws, and a page that goes away while it is asked,
// are not true yet: the page that comes next may still say so.
func (b *Tab) Until(expr string) {
	b.t.Helper()
	for end := time.Now().Add(Patience); ; {
		ctx, cancel := context.WithTimeout(b.ctx, Patience)
		held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((resolve) => {
			const end = Date.now() + 1000;
			const holds = () => { try { return `+expr+`; } catch { return false; } };
			const check = () => holds() ? resolve(true) : Date.now() > end ? resolve(false) : setTimeout(check, 10);
			check();
		})`, chromedp.EvalAwaitPromise))
		cancel()
		if held {
			return
		}
		if !pageWent(err) {
			assert.NoError(b.t, err, expr)
		}
		if time.Now().After(end) {
			b.t.Fatalf("not %s; the page shows %q", expr, Eval[string](b, "document.body.innerText"))
		}
	}
}

// serverError is the code with which Chromium answers an evaluation whose page or context goes away.
const serverError = -32000

// pageWent tells whether an evaluation has no answer because the page was left.
func pageWent(err error) bool {
	answer, ok := errors.AsType[*cdproto.Error](err)
	return ok && answer.Code == serverError
}

// Shot takes a picture of the window, of this width and in light or dark colours. They are kept only if the environment
// variable TANDEM_SCREENSHOTS names a directory.
func (b *Tab) Shot(name, scheme string, width, height int64) {
	b.t.Helper()
	Command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	Command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500,
	})
	Eval[bool](b, "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))")
	ctx, cancel := context.WithTimeout(b.ctx, Patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	assert.NoError(b.t, err)
	dir := os.Getenv("TANDEM_SCREENSHOTS")
	if dir == "" {
		dir = b.t.TempDir()
	}
	assert.NoError(b.t, os.MkdirAll(dir, 0o750))
	file := filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
	assert.NoError(b.t, os.WriteFile(file, png, 0o600))
}

// OnNewDocument has a script run in each page that is opened from now on, before any other.
func (b *Tab) OnNewDocument(source string) {
	b.t.Helper()
	Command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
}
