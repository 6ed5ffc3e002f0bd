package engine

import (
	"syscall"
	"time"
)

const tcpUserTimeout = 18 // TCP_USER_TIMEOUT of tcp(7), which package syscall does not name

// boundUnanswered has the kernel give up a connection whose peer acknowledges nothing for d. Where a program leaves
// messages unread, nobody sees whether a ping is answered; the kernel sees whether it arrived. It is a help, so an
// error is no matter.
func boundUnanswered(raw syscall.RawConn, d time.Duration) {
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
	})
}
