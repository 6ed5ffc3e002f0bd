// Package centrifuge is a broadcast server on centrifugal/centrifuge, whose clients speak its JSON protocol.
package centrifuge

import (
	"context"
	"net/http"

	"github.com/centrifugal/centrifuge"

	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "centrifuge", About: "centrifugal/centrifuge, one channel, JSON protocol", Fanout: newFanout}

const channel = "x"

type fanout struct {
	http.Handler
	node *centrifuge.Node
}

func newFanout() rival.Fanout {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		panic(err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}},
		}, nil
	})
	node.OnConnect(func(*centrifuge.Client) {})
	if err := node.Run(); err != nil {
		panic(err)
	}
	return fanout{centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}), node}
}

// Publish wraps the payload, which is JSON, in the library's envelope.
func (f fanout) Publish(payload []byte, times int) {
	for range times {
		_, _ = f.node.Publish(channel, payload)
	}
}
