package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

// PlayerMove is what a client sends: a Walk or a Wait.
type PlayerMove interface{ playerMove() }

type Walk struct {
	Dx int `json:"dx"`
	Dy int `json:"dy"`
}

type Wait struct{}

func (Walk) playerMove() {}
func (Wait) playerMove() {}

var _ = tandem.Union[PlayerMove](map[string]PlayerMove{"Walk": Walk{}, "Wait": Wait{}})

var Game = &tandem.Endpoint[struct{}, PlayerMove, string]{Path: "/game", Codec: json.Codec}

func serveGame(ctx context.Context, _ struct{}, c *tandem.Conn[PlayerMove, string]) error {
	for move, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		var seen string
		switch m := move.(type) {
		case Walk:
			seen = fmt.Sprintf("walked by %d, %d", m.Dx, m.Dy)
		case Wait:
			seen = "waited"
		}
		if err := c.Send(ctx, seen); err != nil {
			return err
		}
	}
	return nil
}

// A message that is one of several is a sealed interface with a table of its variants. Their wire form is that of a
// Rust enum: {"Walk":{"dx":1,"dy":2}} and "Wait".
func ExampleUnion() {
	mux := http.NewServeMux()
	mux.Handle(Game.Handler(serveGame, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Game.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	for _, move := range []PlayerMove{Walk{Dx: 1, Dy: 2}, Wait{}} {
		if err := c.Send(ctx, move); err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Recv(ctx))
	}
	// Output:
	// walked by 1, 2 <nil>
	// waited <nil>
}
