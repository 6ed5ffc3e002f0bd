package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Only the Close frame to a stale peer has another code, and only in place of 1007.
func TestConn_MarkStale(t *testing.T) {
	for code, want := range map[int]int{1000: 1000, 1007: 4906, 1008: 1008, 4906: 4906} {
		synctest.Test(t, func(t *testing.T) {
			a, b := mempipe.Pair(nil)
			server := engine.New(a, config(false), engine.Options{})
			server.MarkStale()
			server.StartClose(wire.Violated(code, "why"), code, "why")
			b.CloseWrite()
			server.Close(1000, "") // changes nothing
			got, err := listenTo(b)
			b.Close()
			if err != nil || got.code != want {
				t.Errorf("%d: closed with %d, want %d: %v", code, got.code, want, err)
			}
			if ce, ok := errors.AsType[*wire.CloseError](server.Err()); !ok || ce.Code != code {
				t.Errorf("%d: the server's own end is %v", code, server.Err())
			}
		})
	}
}
