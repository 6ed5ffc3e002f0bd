//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package engine

import (
	"syscall"
	"unsafe"
)

// recv and send are recvfrom and sendto of a socket without waiting, even if somebody has made it a blocking one.
//
// The scheduler is not told of short ones, because they return soon: 1 to 3 % off the processor time of a message of 32 bytes that
// is answered by itself, which takes three of them. Race detectors and the like have to be told, and get the calls of package
// syscall.
func recv(fd int, p []byte) (int, error) {
	return direct(syscall.SYS_RECVFROM, fd, p, syscall.MSG_DONTWAIT)
}

func send(fd int, p []byte) (int, error) {
	return direct(syscall.SYS_SENDTO, fd, p, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
}

// longCall is what takes so long to copy that others should get the processor meanwhile.
const longCall = 32 << 10

func direct(call uintptr, fd int, p []byte, flags uintptr) (int, error) {
	at := unsafe.Pointer(unsafe.SliceData(p)) //nolint:gosec // len(p) bytes from here on, as the call is told
	var n uintptr
	var errno syscall.Errno
	if len(p) <= longCall {
		n, _, errno = syscall.RawSyscall6(call, uintptr(fd), uintptr(at), uintptr(len(p)), flags, 0, 0)
	} else {
		n, _, errno = syscall.Syscall6(call, uintptr(fd), uintptr(at), uintptr(len(p)), flags, 0, 0)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
