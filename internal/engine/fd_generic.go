//go:build !linux

package engine

import (
	"syscall"
	"time"
)

// boundUnanswered does nothing where the system has no such bound: TCP's own retransmission timeout has to do.
func boundUnanswered(syscall.RawConn, time.Duration) {}
