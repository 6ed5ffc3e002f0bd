package ui_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/chromium"
)

// patience is how long the browser may take for all tests.
const patience = 5 * time.Minute

// TestDOM has a subtest for each test of ui/dom, which fails if that does.
func TestDOM(t *testing.T) {
	output, code := run(t, build(t), "-test.v")
	tests := 0
	for _, outcome := range regexp.MustCompile(`(?m)^--- (PASS|FAIL|SKIP): (\S+)`).FindAllStringSubmatch(output, -1) {
		tests++
		t.Run(outcome[2], func(t *testing.T) { assert.Equal(t, outcome[1], "PASS") })
	}
	assert.True(t, tests > 20 && code == 0 && !t.Failed(), "%d tests in the browser, exit code %d:\n%s", tests, code, output)
}

// BenchmarkDOM runs the benchmarks of ui/dom.
func BenchmarkDOM(b *testing.B) {
	output, code := run(b, build(b), "-test.run=^$", "-test.bench=.")
	assert.Equal(b, code, 0, output)
	os.Stdout.WriteString(output) // b.Log would leave most of it out
	for b.Loop() {                // the numbers are those that the browser prints
	}
}

// build compiles the tests of ui/dom for the browser, and gives the file.
func build(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "test.wasm")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-tags=browser", "-o", program, "github.com/tandem-ws/tandem/ui/dom")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, string(out))
	return program
}

// run runs a program in a page of a browser, and gives what it prints and its exit code.
func run(t testing.TB, program string, args ...string) (output string, code int) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	assert.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; base-uri 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(`<!doctype html><title>tests</title><script src="wasm_exec.js"></script><script src="boot.js" defer></script>`))
	})
	for name, file := range map[string]string{
		"/test.wasm": program, "/boot.js": "boot.js", "/wasm_exec.js": filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"),
	} {
		mux.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()

	ctx, stop := context.WithTimeout(chromium.Start(t), patience)
	defer stop()
	// Without a window there are no focus events.
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	assert.NoError(t, err)
	assert.NoError(t, chromedp.Do(ctx, chromedp.Navigate(srv.URL+"/?"+url.Values{"arg": args}.Encode())))
	code, err = chromedp.Run(ctx, chromedp.Evaluate[int](`new Promise((resolve) => {
		const look = () => window.exitCode === null ? setTimeout(look, 20) : resolve(window.exitCode);
		look();
	})`, chromedp.EvalAwaitPromise))
	output, _ = chromedp.Run(ctx, chromedp.Evaluate[string]("window.printed"))
	assert.NoError(t, err, output)
	return output, code
}
