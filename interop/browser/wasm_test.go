package browser_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/chromium"
	"github.com/tandem-ws/tandem/interop/wasm"
)

// The tests of package wasm, and those of the packages that a page is made of, pass in a page, which allows no eval.
func TestWasm(t *testing.T) {
	ctx := browser(t)
	for _, pkg := range []string{
		wasm.Package,
		"github.com/tandem-ws/tandem/internal/jsws",
		"github.com/tandem-ws/tandem/signals",
		"github.com/tandem-ws/tandem/live",
		"github.com/tandem-ws/tandem/ui/html",
	} {
		t.Run(path.Base(pkg), func(t *testing.T) {
			base := serveWasm(t, pkg, "-test.skip=^Example|^Fuzz|"+wasm.Leaving) // these have files, which a page has not
			b := openPage(t, ctx, base)
			b.until("exitCode !== null")
			assert.NoError(t, wasm.Report(t, strings.NewReader(eval[string](b, "output"))))
			assert.Equal(t, eval[int](b, "exitCode"), 0, eval[string](b, "output.slice(-2000)"))
		})
	}
}

// A page that is left closes its connections, and goes on with its session when the browser brings it back from memory.
func TestWasm_pageIsLeft(t *testing.T) {
	ctx := browser(t)
	base := serveWasm(t, wasm.Package, "-test.run="+wasm.Leaving)
	b := openPage(t, ctx, base)
	b.until("globalThis.mayLeave || exitCode !== null")
	eval[chromedp.Void](b, "void addEventListener('pageshow', (e) => { globalThis.kept = e.persisted; })")
	b.run(chromedp.Navigate("about:blank"))
	eval[chromedp.Void](b, "void setTimeout(() => history.back())")
	b.until("exitCode !== null")
	assert.NoError(t, wasm.Report(t, strings.NewReader(eval[string](b, "output"))))
	assert.Equal(t, eval[int](b, "exitCode"), 0)
	assert.True(t, eval[bool](b, "kept"), "the page was kept in memory")
}

// openPage opens a page that shows nothing.
func openPage(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	return &tab{chromium.Open(t, browser, url), t}
}

// serveWasm serves a page with the test binary beside the endpoints that it speaks with.
func serveWasm(t *testing.T, pkg, which string) (page string) {
	t.Helper()
	server := wasm.NewServer()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, server.Stop(ctx))
	})
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	assert.NoError(t, err)
	options, err := json.Marshal(map[string]any{
		"argv": []string{"client.wasm", "-test.v", which},
		"env":  map[string]string{wasm.ServerVar: ""}, // the page's origin
	})
	assert.NoError(t, err)
	files := http.NewServeMux()
	for name, file := range map[string]string{
		"page":         "testdata/wasm.html",
		"wasm.js":      "testdata/wasm.js",
		"client.wasm":  wasm.Build(t, pkg),
		"wasm_exec.js": filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"),
	} {
		files.HandleFunc("/page/"+strings.TrimPrefix(name, "page"), func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
	files.HandleFunc("/page/options.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(options) })
	server.Mux.HandleFunc("/page/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'self' 'wasm-unsafe-eval'")
		files.ServeHTTP(w, r)
	})
	return server.URL + "/page/"
}
