package ws_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience    = 30 * time.Second // for anything that a peer does
	installTime = 3 * time.Minute  // for npm
)

// event is what a peer says.
type event struct {
	Event      string `json:"event"`
	Data       string `json:"data"` // of a message, a ping or a pong; the reason of a close; the text of an error
	Binary     bool   `json:"binary"`
	Code       int    `json:"code"`
	Protocol   string `json:"protocol"`
	Extensions string `json:"extensions"`
	URL        string `json:"url"`
	Port       int    `json:"port"`
}

// command is what a peer is told; see commands in peer.mjs.
type command map[string]any

// peer is one of the scripts, at work.
type peer struct {
	t *testing.T
	*process.Process[event]
}

// startPeer runs a script. It is stopped when the test ends.
func startPeer(t *testing.T, script string, args ...string) *peer {
	t.Helper()
	install(t)
	cmd := exec.Command("node", append([]string{script}, args...)...)
	cmd.Stderr = os.Stderr
	return &peer{t, process.Start[event](t, cmd, patience)}
}

// tell gives the peer a command.
func (p *peer) tell(c command) {
	p.t.Helper()
	p.Tell(p.t, c)
}

// next waits for the next event.
func (p *peer) next() event {
	p.t.Helper()
	return p.Next(p.t)
}

// want waits for the next event and compares it.
func (p *peer) want(e event) {
	p.t.Helper()
	assert.Equal(p.t, p.next(), e)
}

func (p *peer) wantClose(code int, reason string) {
	p.t.Helper()
	p.want(event{Event: "close", Code: code, Data: reason})
}

// pongs waits for the answer to the last of n pings, numbered from 0, and for so many other events, which it returns.
// Not every ping needs an answer of its own (RFC 6455, section 5.5.3), but they are in order.
func (p *peer) pongs(n, others int) (rest []event) {
	p.t.Helper()
	for last := -1; last < n-1 || len(rest) < others; {
		e := p.next()
		if e.Event != "pong" {
			rest = append(rest, e)
			continue
		}
		i, err := strconv.Atoi(e.Data)
		assert.NoError(p.t, err)
		assert.True(p.t, i > last, "pong %d after %d", i, last)
		last = i
	}
	return rest
}

// install makes sure that there are node and the package. Errors say what is missing, and are the same for every test.
func install(t *testing.T) {
	t.Helper()
	if err := installed(); err != nil {
		assert.Missing(t, err.Error())
	}
}

var installed = sync.OnceValue(func() error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("no %s", program)
		}
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		return err
	}
	// npm leaves a copy of the lock file behind a finished installation.
	if done, err := os.Stat(filepath.Join("node_modules", ".package-lock.json")); err == nil && done.ModTime().After(lock.ModTime()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.WaitDelay = time.Second // what npm has started may hold its output open
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return nil
})

// latin1 spells bytes as the characters of these numbers, which is how they get to a peer unchanged.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
