// Package child starts servers as processes of their own and talks to them.
package child

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/rivals/dioxus"
	"github.com/tandem-ws/tandem/bench/rivals/script"
)

// Child is a running server. Its methods belong to one goroutine.
type Child struct {
	Name    string
	Addr    string
	Version string // of its language

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *strings.Builder
	pipe   *os.File
}

// ErrAbsent says that this machine cannot run a server at all.
var ErrAbsent = errors.New("absent")

// answerTime bounds how long a server may take for an answer.
const answerTime = 30 * time.Second

// Start runs a server on some processors. Without all of them, Go gives it GOMAXPROCS to match.
func Start(ctx context.Context, name string, o rivals.Options, cpus []int) (*Child, error) {
	var args []string
	if name == dioxus.Name || slices.Contains(script.Names, name) {
		if o.TLS || o.Wrap {
			return nil, fmt.Errorf("%w: measured on plain TCP only", ErrAbsent)
		}
		var err error
		if name == dioxus.Name {
			args, err = dioxus.Command(ctx)
		} else {
			args, err = script.Command(ctx, name)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
		}
	} else {
		program := o.Program
		if program == "" {
			var err error
			if program, err = os.Executable(); err != nil {
				return nil, err
			}
		}
		args = []string{program, "-server", name}
		if o.TLS {
			args = append(args, "-tls")
		}
		if o.Wrap {
			args = append(args, "-wrap")
		}
		if o.Profile != "" {
			args = append(args, "-profile", o.Profile)
		}
	}
	c := &Child{Name: name, stderr: &strings.Builder{}}
	c.cmd = exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // it is this program, node, bun or one that cargo has built
	c.cmd.Stderr = c.stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.pipe, _ = out.(*os.File)
	c.out = bufio.NewReader(out)
	if err := proc.On(cpus, c.cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	var hello rivals.Hello
	if err := c.read(&hello); err != nil {
		c.Stop()
		return nil, fmt.Errorf("start %s: %w: %s", name, err, c.stderr)
	}
	c.Addr, c.Version = hello.Addr, hello.Version
	return c, nil
}

// PID is the process.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// CPU is the processor time the server has used so far.
func (c *Child) CPU() (time.Duration, error) { return proc.CPU(c.PID()) }

// RSS is the server's memory in bytes.
func (c *Child) RSS() (int64, error) { return proc.RSS(c.PID()) }

// Stats asks for the server's own figures.
func (c *Child) Stats() (rivals.Stats, error) { return c.ask("stats") }

// Collect has the server collect its garbage and give the memory back, and asks for its figures then.
func (c *Child) Collect() (rivals.Stats, error) { return c.ask("gc") }

// Publisher gives a function that has the server send a payload to all its connections, so many times.
func (c *Child) Publisher(payload []byte, times int) func() error {
	line := fmt.Appendf(nil, "publish %d %s\n", times, base64.StdEncoding.EncodeToString(payload))
	return func() error {
		_, err := c.in.Write(line)
		return err
	}
}

// Stop ends the server and waits for it.
func (c *Child) Stop() {
	c.in.Close()
	t := time.AfterFunc(5*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer t.Stop()
	_ = c.cmd.Wait() // a server that was killed has nothing to say
}

func (c *Child) ask(command string) (rivals.Stats, error) {
	var s rivals.Stats
	if _, err := io.WriteString(c.in, command+"\n"); err != nil {
		return s, fmt.Errorf("%s: %w: %s", c.Name, err, c.stderr)
	}
	err := c.read(&s)
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", c.Name, err, c.stderr)
	}
	return s, err
}

func (c *Child) read(v any) error {
	if c.pipe != nil {
		_ = c.pipe.SetReadDeadline(time.Now().Add(answerTime)) // without one it waits, and the context ends it
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}
