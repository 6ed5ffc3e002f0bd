//go:build linux && !race

package tandem_test

import (
	"bytes"
	"context"
	"net"
	"net/http/httptest"
	"runtime"
	"syscall"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// profile is a message as programs send them: some ten fields, 144 bytes in Go.
type profile struct {
	ID       uint64   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Active   bool     `json:"active"`
	Score    float64  `json:"score"`
	Age      int      `json:"age"`
	Tags     []string `json:"tags"`
	Counts   []int    `json:"counts"`
	Location string   `json:"location"`
	Note     string   `json:"note"`
}

// What an idle connection may hold after typed traffic on plain TCP, in bytes. The heap is 3100, with 450 of the
// goroutine's and 800 of net and net/http. The stack is 4096 or 8192, and what the runtime keeps for new goroutines.
const (
	idleConns = 500
	idleHeap  = 3600
	idleStack = 6000
)

func TestMessages_idleConnectionsAreSmall(t *testing.T) {
	api := &tandem.Endpoint[struct{}, profile, profile]{Path: "/idle", Codec: json.Codec}
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
	}, nil)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	addr := srv.Listener.Addr().String()
	// The first ones pay for what pools and net/http keep for all.
	fds := make([]int, 0, 20+idleConns)
	t.Cleanup(func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	})
	for range 20 {
		fds = append(fds, talkOnce(t, addr))
	}
	heap, stack := inUse()
	for range idleConns {
		fds = append(fds, talkOnce(t, addr))
	}
	heapAfter, stackAfter := inUse()
	heap, stack = (heapAfter-heap)/idleConns, (stackAfter-stack)/idleConns
	t.Logf("%d bytes of heap, %d of stack", heap, stack)
	if heap > idleHeap {
		t.Errorf("an idle connection holds %d bytes of heap, not %d", heap, idleHeap)
	}
	if stack > idleStack {
		t.Errorf("an idle connection holds %d bytes of stack, not %d: what waits for a message uses too much of it",
			stack, idleStack)
	}
}

// useStack makes the goroutine's stack grow, as a message that lies deep in others does.
//
//go:noinline
func useStack(n int) byte {
	var b [7 << 10]byte
	b[n%len(b)] = 1
	return b[(n+1)%len(b)]
}

// inUse gives the bytes of the heap and of stacks after garbage collection. Pools survive one, and each halves a stack
// once.
func inUse() (heap, stack int64) {
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}

// talkOnce opens a connection, exchanges one message, and leaves it open. Only its file descriptor remains, so that
// what the process holds is the server's.
func talkOnce(t *testing.T, addr string) (fd int) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	assert.NoError(t, err)
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	assert.NoError(t, err)
	assert.NoError(t, raw.Control(func(of uintptr) { fd, err = syscall.Dup(int(of)) }))
	assert.NoError(t, err)

	buf := make([]byte, 4<<10)
	_, err = conn.Write([]byte("GET /idle HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + sampleKey + "\r\n\r\n"))
	assert.NoError(t, err)
	for got := []byte(nil); !bytes.HasSuffix(got, []byte("\r\n\r\n")); {
		n, err := conn.Read(buf)
		assert.NoError(t, err)
		got = append(got, buf[:n]...)
	}
	_, err = conn.Write(textFrame(`{"id":7,"name":"a name","email":"a@example.com","active":true,"score":1.5,"age":30,`+
		`"tags":["a","b"],"counts":[1,2,3],"location":"somewhere","note":"a note"}`).appendTo(nil, true))
	assert.NoError(t, err)
	_, err = conn.Read(buf)
	assert.NoError(t, err)
	return fd
}
