package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

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
