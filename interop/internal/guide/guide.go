//go:build unix

// Package guide follows the guides in docs as their readers do: it writes the files that they print into an empty folder, and
// runs there what they say to run.
package guide

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
)

// Address is where the servers of the guides serve.
const Address = "localhost:8080"

var (
	file  = regexp.MustCompile("(?ms)^`([^`\n]+)`\n\n```[a-z]+\n(.*?)^```$")
	fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	link  = regexp.MustCompile(`\]\(([^)#:]+)`)
)

// Blocks gives the blocks of code in a language that a part of a guide prints.
func Blocks(part, language string) (texts []string) {
	for _, m := range fence.FindAllStringSubmatch(part, -1) {
		if m[1] == language {
			texts = append(texts, m[2])
		}
	}
	return texts
}

// Links checks that the files beside a guide which it leads to are there.
func Links(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	assert.NoError(t, err)
	links := link.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1)
	assert.True(t, len(links) > 3, "links: %q", links)
	for _, link := range links {
		_, err := os.Stat(filepath.Join(filepath.Dir(name), link[1]))
		assert.NoError(t, err)
	}
}

// FreeAddress is an address on which nobody serves.
func FreeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	assert.NoError(t, err)
	assert.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(l.Addr().String())
	assert.NoError(t, err)
	return net.JoinHostPort("localhost", port)
}

// Folder is where a guide is followed.
type Folder struct {
	t    *testing.T
	Dir  string
	Addr string // of its server, instead of Address
}

// NewFolder makes an empty folder.
func NewFolder(t *testing.T) *Folder {
	t.Helper()
	return &Folder{t, t.TempDir(), FreeAddress(t)}
}

// UseRepository has the folder's module take tandem from this repository, whose root is given.
func (f *Folder) UseRepository(root string) {
	f.t.Helper()
	root, err := filepath.Abs(root)
	assert.NoError(f.t, err)
	f.Run("go", "mod", "edit", "-require=github.com/tandem-ws/tandem@v0.0.0", "-replace=github.com/tandem-ws/tandem="+root)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	assert.NoError(f.t, err)
	assert.NoError(f.t, os.WriteFile(filepath.Join(f.Dir, "go.sum"), sums, 0o600))
}

// Write writes the files that a part of the guide prints, and tells how many there were: each is a line with the name
// alone, and a block of code.
func (f *Folder) Write(part string) (files int) {
	f.t.Helper()
	for _, m := range file.FindAllStringSubmatch(part, -1) {
		name := filepath.Join(f.Dir, m[1])
		assert.NoError(f.t, os.MkdirAll(filepath.Dir(name), 0o750))
		assert.NoError(f.t, os.WriteFile(name, []byte(strings.ReplaceAll(m[2], Address, f.Addr)), 0o600))
		files++
	}
	return files
}

// Run runs a command, which must succeed.
func (f *Folder) Run(name string, args ...string) (output string) {
	f.t.Helper()
	output, err := f.Try(name, args...)
	assert.NoError(f.t, err, "%s %q: %s", name, args, output)
	return output
}

// Try runs a command.
func (f *Folder) Try(name string, args ...string) (output string, err error) {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), name, args...)
	cmd.Dir, cmd.Env = f.Dir, environment()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// environment keeps the module in the folder out of this repository's workspace.
func environment() []string { return append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false") }

// Server is a program at work.
type Server struct {
	Cmd    *exec.Cmd
	Output strings.Builder // to be read when the program has ended
}

// Serve starts a program and waits until it answers requests on an address: that it takes connections is not enough, because
// Vite listens for a moment to see whether the port is free, and drops who came. It is killed when the test ends, unless it has
// ended by then.
func (f *Folder) Serve(t *testing.T, addr string, patience time.Duration, name string, args ...string) *Server {
	t.Helper()
	s := &Server{Cmd: exec.Command(name, args...)}
	s.Cmd.Dir, s.Cmd.Env = f.Dir, environment()
	s.Cmd.Stdout, s.Cmd.Stderr = &s.Output, &s.Output
	s.Cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npm does not end what it has started
	assert.NoError(t, s.Cmd.Start())
	t.Cleanup(func() {
		if s.Cmd.ProcessState == nil {
			s.Kill(t)
		}
	})
	for end := time.Now().Add(patience); ; <-time.After(10 * time.Millisecond) { // it says nothing when it is ready
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr, http.NoBody)
		assert.NoError(t, err)
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			assert.NoError(t, resp.Body.Close())
			return s
		}
		assert.True(t, time.Now().Before(end), "%s does not answer: %v", name, err)
	}
}

// Interrupt does what Ctrl-C does, and waits for an end that is in order.
func (s *Server) Interrupt(t *testing.T) {
	t.Helper()
	assert.NoError(t, s.Cmd.Process.Signal(os.Interrupt))
	assert.NoError(t, s.Cmd.Wait(), "%s", &s.Output)
}

// Kill ends it, and what it has started, without any notice.
func (s *Server) Kill(t *testing.T) {
	t.Helper()
	assert.NoError(t, syscall.Kill(-s.Cmd.Process.Pid, syscall.SIGKILL))
	_ = s.Cmd.Wait() // which says that it was killed
}
