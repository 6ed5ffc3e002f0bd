//go:build unix

package main_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

// patience is how long a process may take for anything.
const patience = time.Minute

// build builds the program.
func build(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "chat")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput()
	assert.NoError(t, err, string(out))
	return binary
}

// A server of the program's own, from its first word to its orderly end.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, build(t), "-addr", "127.0.0.1:0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	assert.NoError(t, err)
	assert.NoError(t, cmd.Start())
	defer cmd.Wait()
	defer cmd.Process.Kill()
	url, err := bufio.NewReader(stdout).ReadString('\n')
	assert.NoError(t, err)

	resp, err := http.Get(strings.TrimSpace(url))
	assert.NoError(t, err)
	page, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	assert.True(t, strings.Contains(string(page), `<div id="app">`), string(page))

	dial := func(name string, plain bool) *tandem.Conn[api.ServerEvent, api.ClientEvent] {
		t.Helper()
		c, err := api.Chat.Dial(ctx, strings.TrimSuffix(url, "/\n"), api.Params{Room: "lobby", Name: name}, &tandem.DialOptions{Plain: plain})
		assert.NoError(t, err)
		t.Cleanup(c.CloseNow)
		msg, err := c.Recv(ctx)
		assert.NoError(t, err)
		_, ok := msg.(api.Welcome)
		assert.True(t, ok, "welcome comes first")
		return c
	}
	ada, bob := dial("Ada", false), dial("Bob", true)
	assert.NoError(t, ada.Send(ctx, api.Say{Text: "hello"}))
	for {
		msg, err := bob.Recv(ctx)
		assert.NoError(t, err)
		if said, ok := msg.(api.Said); ok {
			assert.Equal(t, said.Name+": "+said.Text, "Ada: hello")
			break
		}
	}
	assert.NoError(t, ada.Close(tandem.CodeNormal, ""))

	assert.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	for err = nil; err == nil; {
		_, err = bob.Recv(ctx) // that she has left
	}
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeRestart)
	assert.NoError(t, cmd.Wait())
	assert.Equal(t, stderr.String(), "")
}

func TestUsage(t *testing.T) {
	out, err := exec.Command(build(t), "lobby").CombinedOutput()
	var exit *exec.ExitError
	assert.True(t, errors.As(err, &exit) && exit.ExitCode() == 2, "exit code 2: %v", err)
	assert.True(t, strings.Contains(string(out), "-addr address"), string(out))
}
