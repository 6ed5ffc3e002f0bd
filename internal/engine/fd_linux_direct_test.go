//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package engine_test

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Who reads from a socket that somebody has made a blocking one, as File().Fd() does, can still give up.
func TestConn_blockingSocket(t *testing.T) {
	conn, peer := sockets(t)
	defer peer.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	assert.NoError(t, err)
	assert.NoError(t, raw.Control(func(fd uintptr) { assert.NoError(t, syscall.SetNonblock(int(fd), false)) }))

	c := engine.New(conn, config(false), engine.Options{})
	defer c.Abort(wire.ErrClosed)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = c.Next(ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
