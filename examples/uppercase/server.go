package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/examples/uppercase/site"
)

// uppercase has one conversation. Each connection runs it in a goroutine of its own.
func uppercase(ctx context.Context, p api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
	hello := fmt.Sprintf("HELLO %s, %d", strings.ToUpper(p.Name), p.Age)
	if err := c.Send(ctx, api.Uppercased(hello)); err != nil {
		return err
	}
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		switch msg := msg.(type) {
		case api.TextInput:
			if err := c.Send(ctx, api.Uppercased(strings.ToUpper(string(msg)))); err != nil {
				return err
			}
		}
	}
	return nil
}

// routes are the endpoint and the pages. The endpoint's own codec is CBOR, which the page in Go speaks; who offers the
// subprotocol "json", as the plain page does, or "msgpack", gets that.
func routes(hub *tandem.Hub) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Uppercase.Handler(uppercase, &tandem.ServeOptions{
		Hub:    hub,
		Codecs: []tandem.Codec{json.Codec, msgpack.Codec},
	}))
	site.Handle(mux)
	return mux
}

// How long an orderly end may take. The handshake that closes a websocket is given up after 5 s, so the first is
// reached only when something else hangs.
const (
	shutdownTime = 6 * time.Second
	lastRequests = time.Second
)

// serve serves on addr until ctx is cancelled, and then sees everybody off.
func serve(ctx context.Context, addr string) error {
	hub := tandem.NewHub(nil)
	srv := tandem.NewServer(addr, routes(hub))
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
