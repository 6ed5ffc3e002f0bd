//go:build linux && !race

package tandem_test

import (
	"bytes"
	"context"
	"net"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// What an idle session with a socket may hold, in bytes: 6100 of heap, of which the connection has 3100, and a stack of
// 4096, or 8192 where what waits for a message uses too much of it.
const (
	idleSessionHeap  = 6800
	idleSessionStack = 6000
)

func TestSession_idleOnesAreSmall(t *testing.T) {
	api := &tandem.Endpoint[struct{}, profile, profile]{Path: "/idle", Codec: json.Codec, Session: &tandem.SessionPolicy{}}
	hub := tandem.NewHub(nil)
	_, h := api.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[profile, profile]) error {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			m.Age += int(useStack(m.Age))
			if err := c.Send(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}, &tandem.ServeOptions{Hub: hub})
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	fds := make([]int, 0, 20+idleConns)
	t.Cleanup(func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = hub.Shutdown(ctx) // sessions without a socket
	})
	addr := srv.Listener.Addr().String()
	open := func(n int) {
		var settle []func() int
		for range n {
			settle = append(settle, talkInSession(t, addr))
		}
		for _, f := range settle {
			fds = append(fds, f())
		}
	}
	open(20)
	heap, stack := inUse()
	open(idleConns)
	heapAfter, stackAfter := inUse()
	heap, stack = (heapAfter-heap)/idleConns, (stackAfter-stack)/idleConns
	t.Logf("%d bytes of heap, %d of stack", heap, stack)
	if heap > idleSessionHeap {
		t.Errorf("an idle session holds %d bytes of heap, not %d", heap, idleSessionHeap)
	}
	if stack > idleSessionStack {
		t.Errorf("an idle session holds %d bytes of stack, not %d", stack, idleSessionStack)
	}
}

// talkInSession is talkOnce in a session. What it returns waits until everything is acknowledged.
func talkInSession(t *testing.T, addr string) (settle func() (fd int)) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	assert.NoError(t, err)
	fd := 0
	raw, err := conn.(*net.TCPConn).SyscallConn()
	assert.NoError(t, err)
	assert.NoError(t, raw.Control(func(of uintptr) { fd, err = syscall.Dup(int(of)) }))
	assert.NoError(t, err)

	var got []byte
	until := func(text string) {
		t.Helper()
		for buf := make([]byte, 4<<10); !bytes.Contains(got, []byte(text)); {
			n, err := conn.Read(buf)
			assert.NoError(t, err)
			got = append(got, buf[:n]...)
		}
	}
	say := func(frame string) {
		t.Helper()
		_, err := conn.Write(textFrame(frame).appendTo(nil, true))
		assert.NoError(t, err)
	}
	_, err = conn.Write([]byte("GET /idle HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: tandem.v1.json\r\nSec-WebSocket-Key: " + sampleKey + "\r\n\r\n"))
	assert.NoError(t, err)
	until("\r\n\r\n")
	say(`[7,0,{"v":1}]`)
	until("[8,0,")
	say(`[2,0,{"rx":0}]`)
	say(`[0,1,{"id":7,"name":"a name","email":"a@example.com","active":true,"score":1.5,"age":30,` +
		`"tags":["a","b"],"counts":[1,2,3],"location":"somewhere","note":"a note"}]`)
	until("[0,1,")
	say(`[2,0,{"rx":1}]`)
	return func() int {
		defer conn.Close()
		until(`[2,0,{"rx":1}]`)
		return fd
	}
}
