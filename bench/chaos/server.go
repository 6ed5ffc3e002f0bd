package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/store/bolt"
)

// Note is a message of a client.
type Note struct{ Client, Number int }

// Notes is the endpoint. The server answers each note with itself.
var Notes = &tandem.Endpoint[struct{}, Note, Note]{Path: "/notes", Codec: cbor.Codec, Session: &tandem.SessionPolicy{}}

// serve takes notes and writes each into the ledger, which outlives the process.
func serve(o *options) error {
	file, err := os.OpenFile(o.ledger, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()                            //nolint:errcheck // the process is killed anyway
	if _, err := fmt.Fprintln(file); err != nil { // ends the line that the last process may have died over
		return err
	}
	hub := tandem.NewHub(&tandem.HubOptions{Spread: 20 * time.Millisecond})
	so := &tandem.ServeOptions{Hub: hub}
	if o.store {
		store, err := bolt.Open(o.ledger+".sessions", nil)
		if err != nil {
			return err
		}
		defer store.Close() //nolint:errcheck // what is saved is saved
		so.Store = store
	}
	mux := http.NewServeMux()
	mux.Handle(Notes.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[Note, Note]) error {
		for n, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(file, "%d %d %s %s\n", n.Client, n.Number, c.Session().Key(), lineEnd); err != nil {
				log.Fatal(err)
			}
			if err := c.Send(ctx, n); err != nil {
				return err
			}
		}
		return nil
	}, so))
	server := tandem.NewServer(o.serve, mux)
	asked, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-asked.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(hub.Shutdown(ctx), server.Shutdown(ctx))
}

// lineEnd ends a whole line of the ledger.
const lineEnd = "."

// process is the server that is running.
type process struct {
	o    *options
	addr string
	cmd  *exec.Cmd
}

// start starts the server and waits until it listens.
func (p *process) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	//nolint:gosec // G204: it is this program
	p.cmd = exec.CommandContext(ctx, self, "-serve", p.addr, "-ledger", p.o.ledger,
		fmt.Sprint("-store=", p.o.store), fmt.Sprint("-durable=", p.o.durable))
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

// stop asks the server to end in order, and waits until it has.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.cmd.Wait()
	p.cmd = nil
	if err != nil {
		return fmt.Errorf("the server did not end in order: %w", err)
	}
	return nil
}

func (p *process) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}
