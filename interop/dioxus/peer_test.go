package dioxus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience  = time.Minute      // for anything that a peer does
	lifetime  = 10 * time.Minute // of a peer
	buildTime = 14 * time.Minute // for cargo; .ci/test builds before it tests
)

// event is what a peer says.
type event struct {
	Event string `json:"event"`
	Text  string `json:"text"`
}

// command is what the client is told; see Command in src/bin/client.rs.
type command map[string]any

// peer is a program of Dioxus at work.
type peer struct{ *process.Process[event] }

// start starts a program. It ends with the test.
func start(t *testing.T, program string, args ...string) *peer {
	t.Helper()
	binary := build(t, program)
	ctx, cancel := context.WithTimeout(context.Background(), lifetime)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "RUST_BACKTRACE=0", "NO_PROXY=127.0.0.1")
	stderr := &bytes.Buffer{}
	cmd.Stderr = stderr
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s said: %s", program, stderr)
		}
	})
	return &peer{process.Start[event](t, cmd, patience)}
}

// startServer starts the server of Dioxus.
func startServer(t *testing.T) (p *peer, base string) {
	t.Helper()
	p = start(t, "server")
	listening := p.next(t)
	assert.Equal(t, listening.Event, "listening")
	return p, "http://" + listening.Text
}

// startClient starts the client of Dioxus, which calls the server at base.
func startClient(t *testing.T, base string) *peer {
	t.Helper()
	return start(t, "client", base)
}

// tell gives the client a command.
func (p *peer) tell(t *testing.T, c command) {
	t.Helper()
	p.Tell(t, c)
}

// next waits for what the peer says next.
func (p *peer) next(t *testing.T) event {
	t.Helper()
	return p.Next(t)
}

// want waits for what the peer says next and compares it.
func (p *peer) want(t *testing.T, name, text string) {
	t.Helper()
	assert.Equal(t, p.next(t), event{name, text})
}

// do gives the client a command and waits until it is done.
func (p *peer) do(t *testing.T, c command) {
	t.Helper()
	p.tell(t, c)
	if e := p.next(t); e != (event{Event: "done"}) {
		t.Fatalf("%s: %s", e.Event, e.Text)
	}
}

// kill ends the process without any notice to it.
func (p *peer) kill(t *testing.T) {
	t.Helper()
	p.Kill(t)
}

// mount is where endpoints are served.
type mount struct {
	*http.ServeMux
	hub *tandem.Hub
}

// listen serves what is mounted. The server ends with the test.
func listen(t *testing.T) (m mount, base string) {
	t.Helper()
	m = mount{http.NewServeMux(), tandem.NewHub(nil)}
	srv := httptest.NewServer(m)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, m.hub.Shutdown(ctx), "shutdown")
		srv.Close()
	})
	return m, srv.URL
}

// serve mounts an endpoint. The channel has what its handler returns.
func serve[P, In, Out any](m mount, e *tandem.Endpoint[P, In, Out], h func(context.Context, P, *tandem.Conn[In, Out]) error) <-chan error {
	returned := make(chan error, 16)
	m.Handle(e.Handler(func(ctx context.Context, p P, c *tandem.Conn[In, Out]) error {
		err := h(ctx, p, c)
		returned <- err
		return err
	}, &tandem.ServeOptions{Hub: m.hub}))
	return returned
}

// soon waits for what comes from a channel.
func soon[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatal("nothing comes")
	}
	panic("unreachable")
}

// within bounds what a test does with a connection.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// build gives the path of a program, which cargo has built.
func build(t *testing.T, program string) string {
	t.Helper()
	dir, err := built()
	have(t, err)
	return filepath.Join(dir, program)
}

// have ends the test if there is an error of cargo, and says what is missing.
func have(t *testing.T, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errOffline):
		t.Skip(err) //nolint:forbidigo // the one reason for which a strict run may go on without these tests
	case errors.Is(err, exec.ErrNotFound):
		assert.Missing(t, "no cargo: Rust comes from https://rustup.rs")
	default:
		assert.NoError(t, err)
	}
}

var errOffline = errors.New("the crates cannot be fetched")

// built is the directory with the native programs.
var built = sync.OnceValues(func() (string, error) {
	target, err := fetched()
	if err != nil {
		return "", err
	}
	for _, program := range []string{"server", "client"} {
		if err := cargo("build", "--features", program, "--bin", program); err != nil {
			return "", err
		}
	}
	return filepath.Join(target, "debug"), nil
})

// fetched makes sure that cargo has all crates, and gives the directory in which it builds.
var fetched = sync.OnceValues(func() (string, error) {
	target, err := targetDir()
	if err != nil {
		return "", err
	}
	err = cargo("fetch")
	if err != nil && !errors.Is(err, exec.ErrNotFound) && !strings.Contains(err.Error(), "--locked") {
		err = fmt.Errorf("%w: %w", errOffline, err)
	}
	return target, err
})

// targetDir is the directory in which cargo builds: not in the checkout, so that a new clone need not build it all.
func targetDir() (string, error) {
	if dir := os.Getenv("CARGO_TARGET_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "tandem", "dioxus-target"), err
}

// cargo runs cargo with the versions of Cargo.lock.
func cargo(command string, args ...string) error {
	target, err := targetDir()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), buildTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "cargo", append([]string{command, "--locked", "--quiet"}, args...)...)
	cmd.Env = append(os.Environ(), "CARGO_TARGET_DIR="+target)
	cmd.WaitDelay = time.Second // what cargo has started may hold its output open
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cargo %s: %w: %s", command, err, out)
	}
	return nil
}
