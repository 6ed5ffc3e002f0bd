package engine

import (
	"net"
	"runtime"
	"testing"

	"github.com/tandem-ws/tandem/internal/wire"
)

// A reader that is about to wait writes what is queued itself, even if the flusher is due: else it would go round and
// round between a read that finds nothing and a flusher that does not get to run.
func TestWriter_beforeWait_flusherScheduled(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that the flusher does not run in between
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := New(conn, &Config{MaxMessage: 100, MaxSend: 100, QueueMessages: 10, QueueBytes: 1000}, Options{})
	defer c.Abort(wire.ErrClosed)

	c.rd.ahead.Store(muchAhead) // as while a batch of messages is worked on
	if err := c.Send(t.Context(), wire.Binary, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if !c.wr.unwritten() {
		t.Fatal("the message is not queued for the flusher")
	}
	c.wr.beforeWait()
	if c.wr.unwritten() {
		t.Error("still unwritten")
	}
}
