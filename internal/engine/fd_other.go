//go:build !unix

package engine

import (
	"net"
	"syscall"
)

// rawConn finds no way to read without blocking: the portable path serves every stream.
func rawConn(net.Conn) syscall.RawConn { return nil }

func (rd *reader) readFD(uintptr) bool { panic("engine: no raw connection on this platform") }

func (a *attempt) writeFD(uintptr) bool { panic("engine: no raw connection on this platform") }
