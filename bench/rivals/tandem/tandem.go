// Package tandem is the server of this repository, through its public interface and with its defaults, but for the
// length of messages. What its interface gives, the programs of its users get.
package tandem

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "tandem", About: "this repository: Conn typed, RawConn raw, default limits", Echo: Echo, Fanout: newFanout}

var limits = tandem.Limits{MaxClientMessage: rival.MaxMessage, MaxServerMessage: rival.MaxMessage}

// Echo serves an app.
func Echo(app rival.App) http.Handler {
	if app.Raw() {
		return raw()
	}
	codec := msg.Codecs[app.Codec]
	switch app.Message {
	case "small":
		return typed[msg.Small](codec)
	case "ten":
		return typed[msg.Ten](codec)
	case "big":
		return typed[msg.Big](codec)
	}
	panic("no message " + app.Message)
}

func raw() http.Handler {
	e := &tandem.Endpoint[struct{}, []byte, []byte]{Path: "/echo/raw", Codec: msg.Codecs["cbor"], Limits: limits}
	_, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[[]byte, []byte]) error {
		r := c.Raw()
		var buf []byte
		for {
			f, err := r.RecvInto(ctx, buf)
			if err != nil {
				return quiet(err)
			}
			buf = f.Data
			if f.Kind != tandem.FrameText && f.Kind != tandem.FrameBinary {
				continue
			}
			if err := r.Send(ctx, f); err != nil {
				return err
			}
		}
	}, nil)
	return h
}

func typed[T any](codec tandem.Codec) http.Handler {
	e := &tandem.Endpoint[struct{}, T, T]{Path: "/echo", Codec: codec, Limits: limits}
	_, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[T, T]) error {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := c.Send(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	return h
}

func quiet(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
