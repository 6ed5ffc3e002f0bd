//go:build unix

package engine

import (
	"io"
	"net"
	"syscall"
)

// rawConn gives access to the socket below conn, or nil where that would go past somebody: only the standard
// library's own types are taken, because a type that embeds one of them may well do something in its Read.
func rawConn(conn net.Conn) syscall.RawConn {
	var (
		raw syscall.RawConn
		err error
	)
	switch conn := conn.(type) {
	case *net.TCPConn:
		raw, err = conn.SyscallConn()
	case *net.UnixConn:
		raw, err = conn.SyscallConn()
	}
	if err != nil {
		return nil
	}
	return raw
}

// readFD reads what the socket has. When that is nothing it gives the buffer back and says so by returning false,
// upon which the runtime parks the goroutine until the socket is readable.
func (rd *reader) readFD(fd uintptr) bool {
	for {
		n, err := recv(int(fd), rd.space())
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			if rd.mayWait() {
				return false
			}
			rd.n, rd.rerr = 0, errFlush
			return true
		case err == nil && n == 0:
			err = io.EOF
		}
		rd.n, rd.rerr = max(n, 0), err
		return true
	}
}

// writeFD writes as much as the socket takes.
func (a *attempt) writeFD(fd uintptr) bool {
	for a.n < len(a.p) {
		n, err := send(int(fd), a.p[a.n:])
		switch err {
		case nil:
			a.n += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			a.err = err
			return true
		}
	}
	return true
}
