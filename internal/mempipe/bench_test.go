package mempipe_test

import (
	"io"
	"strconv"
	"testing"
	"time"
)

// TestConn_doesNotAllocate guards the engine's own allocation counts, which are taken over this package.
func TestConn_doesNotAllocate(t *testing.T) {
	a, b := pair(t, nil)
	msg, buf := make([]byte, 1000), make([]byte, 1000)
	later := time.Now().Add(time.Hour)
	got := testing.AllocsPerRun(100, func() {
		_ = b.SetDeadline(later)
		_, _ = a.Write(msg)
		_, _ = io.ReadFull(b, buf)
		_, _ = b.TryWrite(msg)
		_, _, _ = a.TryRead(buf)
		_ = b.SetDeadline(time.Time{})
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// BenchmarkConn_roundTrip is two goroutines that wait for each other: what an in-memory echo cannot be faster than.
func BenchmarkConn_roundTrip(b *testing.B) {
	client, server := pair(b, nil)
	go func() {
		buf := make([]byte, 32)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			_, _ = server.Write(buf[:n])
		}
	}()
	msg := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = client.Write(msg)
		_, _ = client.Read(msg)
	}
}

// BenchmarkConn_local is one goroutine, so the price of the calls without the scheduler's.
func BenchmarkConn_local(b *testing.B) {
	client, server := pair(b, nil)
	msg := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = client.Write(msg)
		_, _ = server.Read(msg)
	}
}

func BenchmarkConn_stream(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10, 1 << 20} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			client, server := pair(b, nil)
			go func() { _, _ = io.Copy(io.Discard, struct{ io.Reader }{server}) }()
			msg := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = client.Write(msg)
			}
		})
	}
}
