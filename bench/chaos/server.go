package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"time"

	"net/http"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
)

// Note is a message of a client.
type Note struct{ Client, Number int }

// Notes is the endpoint. The server answers each note with itself.
var Notes = &tandem.Endpoint[struct{}, Note, Note]{Path: "/notes", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}}

// serve takes notes and writes each into the ledger, which outlives the process.
func serve(addr, ledger string) error {
	//nolint:gosec // G304: the parent names its own file
	file, err := os.OpenFile(ledger, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // the process is killed anyway
	mux := http.NewServeMux()
	mux.Handle(Notes.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[Note, Note]) error {
		for n, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(file, "%d %d\n", n.Client, n.Number); err != nil {
				log.Fatal(err)
			}
			if err := c.Send(ctx, n); err != nil {
				return err
			}
		}
		return nil
	}, nil))
	return tandem.NewServer(addr, mux).ListenAndServe()
}

// process is the server that is running.
type process struct {
	addr, ledger string
	cmd          *exec.Cmd
}

// start starts the server and waits until it listens.
func (p *process) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	//nolint:gosec // G204: it is this program
	p.cmd = exec.CommandContext(ctx, self, "-serve", p.addr, "-ledger", p.ledger)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: time.Second}
	for range 1000 {
		c, err := dialer.DialContext(ctx, "tcp", p.addr)
		if err == nil {
			return c.Close()
		}
		if !sleep(ctx, 5*time.Millisecond) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("the server does not listen at %s", p.addr)
}

func (p *process) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}
