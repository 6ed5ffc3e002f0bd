package tandem_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newEcho() *tandem.Endpoint[struct{}, string, string] {
	return &tandem.Endpoint[struct{}, string, string]{Path: "/echo", Codec: json.Codec}
}

func echo(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, strings.ToUpper(msg)); err != nil {
			return err
		}
	}
	return nil
}

func TestConn_Send(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, newEcho(), echo, struct{}{}, nil)
		for _, s := range []string{"hi", "", "größe", strings.Repeat("x", 60000)} {
			if err := c.Send(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			got, err := c.Recv(t.Context())
			if err != nil || got != strings.ToUpper(s) {
				t.Fatal(got, err)
			}
		}
	})
}

func TestEndpoint_Handler_returnsNil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangUp := func(context.Context, struct{}, *tandem.Conn[string, string]) error { return nil }
		c := tandemtest.Connect(t, newEcho(), hangUp, struct{}{}, nil)
		_, err := c.Recv(t.Context())
		var ce *tandem.CloseError
		if !errors.Is(err, io.EOF) || !errors.As(err, &ce) || ce.Code != tandem.CodeNormal {
			t.Fatal(err)
		}
	})
}

func TestEndpoint_Handler_panics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := func(context.Context, struct{}, *tandem.Conn[string, string]) error { panic("boom") }
		c := tandemtest.Connect(t, newEcho(), boom, struct{}{}, nil)
		_, err := c.Recv(t.Context())
		var ce *tandem.CloseError
		if !errors.As(err, &ce) || ce.Code != tandem.CodeInternal || ce.Reason != "" {
			t.Fatal(err)
		}
	})
}

func TestEndpoint_Dial_notFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tandemtest.NewServer(t, http.NotFoundHandler(), nil)
		_, err := newEcho().Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
		var he *tandem.HandshakeError
		if !errors.As(err, &he) || he.Status != 404 {
			t.Fatal(err)
		}
	})
}

// A connection that breaks is never the normal end of a conversation, even if TCP ends in an orderly way.
func TestConn_Recv_peerVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fault.New(nil)
		defer p.Close()
		c := tandemtest.Connect(t, newEcho(), echo, struct{}{}, &tandemtest.Options{Fault: p})
		p.On(fault.ServerToClient).CutAfter(0)
		_, err := c.Recv(t.Context())
		if !errors.Is(err, tandem.ErrLost) || errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
}
