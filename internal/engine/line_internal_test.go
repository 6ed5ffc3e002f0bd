package engine

import (
	"testing"
	"unsafe"
)

// What a message to many connections needs of each ends with the first cache line of a Conn, whose memory begins where one does.
func TestConn_broadcastTouchesOneLine(t *testing.T) {
	const line = 64
	var c Conn
	if end := unsafe.Offsetof(c.wr) + unsafe.Offsetof(c.wr.spare) + unsafe.Sizeof(c.wr.spare); end > line {
		t.Errorf("it ends at byte %d of a Conn", end)
	}
	if size := unsafe.Sizeof(c); size > 768 {
		t.Errorf("a Conn has %d bytes: beyond 768 the allocator takes 896", size)
	}
}
