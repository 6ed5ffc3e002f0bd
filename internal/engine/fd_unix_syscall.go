//go:build unix && !(linux && (amd64 || arm64) && !race && !msan && !asan)

package engine

import "syscall"

// recv and send rely on the socket's being a non-blocking one, as the runtime makes it. Where they can do without, and cost less,
// stand others: fd_linux_direct.go.

func recv(fd int, p []byte) (int, error) { return syscall.Read(fd, p) }

func send(fd int, p []byte) (int, error) { return syscall.Write(fd, p) }
