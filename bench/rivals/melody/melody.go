// Package melody is a broadcast server on olahol/melody.
package melody

import (
	"net/http"

	"github.com/olahol/melody"

	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "melody", About: "olahol/melody, Broadcast", Fanout: newFanout}

type fanout struct{ m *melody.Melody }

func newFanout() rival.Fanout { return fanout{melody.New()} }

func (f fanout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = f.m.HandleRequest(w, r) // the peer has left
}

func (f fanout) Publish(payload []byte, times int) {
	for range times {
		_ = f.m.Broadcast(payload)
	}
}
