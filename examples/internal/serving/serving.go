// Package serving runs the server of an example until somebody wants it to end, and sees its clients off.
package serving

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem"
)

// How long an orderly end may take. The handshake that closes a websocket is given up after 5 s, so the first is
// reached only when something else hangs.
const (
	shutdownTime = 6 * time.Second
	lastRequests = time.Second
)

// Interrupted gives a context that ends with SIGINT or SIGTERM. A second signal ends the program at once.
func Interrupted() context.Context {
	ctx, end := context.WithCancel(context.Background())
	asked, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(asked, func() {
		stop() // before the end begins: from then on a second signal ends the program at once
		end()
	})
	return ctx
}

// Serve serves on addr until ctx is cancelled, and then sees everybody off. Where it serves is printed to standard output.
func Serve(ctx context.Context, addr string, h http.Handler, hub *tandem.Hub, stderr *log.Logger) error {
	srv := tandem.NewServer(addr, h)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	fmt.Printf("http://%s/\n", reachable(l.Addr().(*net.TCPAddr)))

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// Websockets first, because http.Server does not know them: their clients are told to come back, 1012.
	within, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := hub.Shutdown(within); err != nil {
		stderr.Print("some websockets were dropped: ", err)
	}
	within, cancel = context.WithTimeout(context.Background(), lastRequests)
	defer cancel()
	if srv.Shutdown(within) == nil {
		return nil
	}
	return srv.Close() // what is left are connections that browsers keep in reserve
}

// reachable is an address to put in a URL: a server that listens on all addresses is found on localhost.
func reachable(a *net.TCPAddr) string {
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", a.Port)
	}
	return a.String()
}
