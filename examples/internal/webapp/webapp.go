// Package webapp builds a Go program for browsers and serves it, with what a page needs to start it.
package webapp

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tandem-ws/tandem/examples/internal/content"
)

// Policy is a content security policy for the page: it may load its own files, compile WASM, connect to its own server, and
// nothing else. The style attribute is forbidden too.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed boot.js
var boot []byte

// App is a program that is built when it is first asked for, or by Build, and then kept.
type App struct {
	pkg   string
	build func() (*files, error)
}

// files are what is served.
type files struct {
	support []byte // wasm_exec.js of the Go that has built the program
	program []byte // gzipped
}

// New makes an App of a package, such as "github.com/tandem-ws/tandem/examples/uppercase/web". It is built with the go
// command, in the module that the working directory is in.
func New(pkg string) *App {
	a := &App{pkg: pkg}
	a.build = sync.OnceValues(func() (*files, error) { return build(pkg) })
	return a
}

// Build builds the program, unless that was done. The error has what the compiler says.
func (a *App) Build() error {
	_, err := a.build()
	return err
}

// Handle serves the program, below path:
//
//	boot.js        starts it, and shows in the page's element #app why it cannot be
//	wasm_exec.js   what Go needs of JavaScript
//	app.wasm       the program, gzipped; a build error is its text with status 500
//
// A page has <script src="wasm_exec.js" defer> and <script src="boot.js" defer>, in this order.
func (a *App) Handle(mux *http.ServeMux, path string) {
	serve := func(name, kind string, body func(*files) []byte) {
		mux.HandleFunc("GET "+path+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Cache-Control", "no-cache")
			f, err := a.build()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", kind)
			b := body(f)
			if name == "app.wasm" {
				if !content.Accepts(r, "gzip") {
					b = unzip(b)
				} else {
					w.Header().Set("Content-Encoding", "gzip")
				}
				w.Header().Set("Vary", "Accept-Encoding")
			}
			_, _ = w.Write(b) // who has gone does not want it
		})
	}
	serve("wasm_exec.js", "text/javascript; charset=utf-8", func(f *files) []byte { return f.support })
	serve("app.wasm", "application/wasm", func(f *files) []byte { return f.program })
	mux.HandleFunc("GET "+path+"boot.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(boot)
	})
}

func unzip(b []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		panic(err) // it is our own
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// flags make the program small. Without inlining the uppercase page is 874 kB (brotli) instead of 941, and what a page does
// takes no time anyway.
var flags = []string{"-trimpath", "-ldflags=-s -w", "-gcflags=all=-l"}

// build compiles a package as [App] serves it. The go command keeps what it has compiled, so it takes long only the first time.
func build(pkg string) (*files, error) {
	root, err := goCommand("env", "GOROOT")
	if err != nil {
		return nil, err
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "webapp")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is in a directory for what may be left
	out := filepath.Join(dir, "app.wasm")
	if _, err := goCommand(append([]string{"build", "-o", out}, append(flags, pkg)...)...); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(out) //nolint:gosec // it has just been built there
	if err != nil {
		return nil, err
	}
	return &files{support, content.Gzip(program)}, nil
}

// goCommand runs the go command for browsers. Its error is what the command has said.
func goCommand(args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // what is built is the program's to say
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=-buildvcs=false")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if text := strings.TrimSpace(stderr.String()); err != nil && text != "" {
		return "", errors.New("go " + strings.Join(args, " ") + "\n" + text)
	}
	return string(out), err
}
