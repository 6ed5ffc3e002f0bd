package engine_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/wire"
)

// feed is a stream without a kernel: reads give the same masked frame again and again, writes are counted.
type feed struct {
	net.Conn
	frame  []byte
	at     int
	writes int
}

func newFeed(payload int) *feed {
	b := []byte{0x82}
	switch {
	case payload < 126:
		b = append(b, 0x80|byte(payload))
	case payload < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(payload))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(payload))
	}
	b = append(b, 1, 2, 3, 4)
	return &feed{frame: append(b, make([]byte, payload)...)}
}

func (f *feed) Read(p []byte) (int, error) {
	n := copy(p, f.frame[f.at:])
	if f.at += n; f.at == len(f.frame) {
		f.at = 0
	}
	return n, nil
}

func (f *feed) TryRead(p []byte) (int, bool, error) {
	n, err := f.Read(p)
	return n, true, err
}

func (f *feed) Write(p []byte) (int, error)        { f.writes++; return len(p), nil }
func (f *feed) TryWrite(p []byte) (int, error)     { f.writes++; return len(p), nil }
func (f *feed) Close() error                       { return nil }
func (f *feed) SetReadDeadline(time.Time) error    { return nil }
func (f *feed) SetWriteDeadline(t time.Time) error { return nil }

// BenchmarkCost is what the engine itself costs for an echoed message, and limit the least a loop by hand costs.
func BenchmarkCost(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"32B", 32}, {"1KiB", 1024}, {"64KiB", 65536}} {
		b.Run("limit/"+size.name, func(b *testing.B) { benchmarkLimit(b, size.n) })
		b.Run("engine/"+size.name, func(b *testing.B) { benchmarkEngine(b, size.n) })
	}
}

func benchmarkEngine(b *testing.B, n int) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg := config(false)
	cfg.PingInterval = 0
	c := engine.New(newFeed(n), cfg, engine.Options{})
	defer c.Abort(wire.ErrClosed)
	b.ReportAllocs()
	for b.Loop() {
		kind, p, err := c.Next(ctx)
		if err != nil {
			b.Fatal(err)
		}
		blk := c.Begin()
		blk.Grow(len(p))
		blk.B = append(blk.B, p...)
		c.Done()
		if err := c.Commit(ctx, kind, blk); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkLimit is a hand-written loop without context, control frames, checks, locks or queue.
func benchmarkLimit(b *testing.B, n int) {
	b.Helper()
	f := newFeed(n)
	br := bufio.NewReaderSize(f, 4096)
	big := make([]byte, 14+n)
	b.ReportAllocs()
	for b.Loop() {
		h, err := br.Peek(2)
		if err != nil {
			b.Fatal(err)
		}
		length, size := int(h[1]&0x7f), 2
		switch length {
		case 126:
			h, _ = br.Peek(4)
			length, size = int(binary.BigEndian.Uint16(h[2:])), 4
		case 127:
			h, _ = br.Peek(10)
			length, size = int(binary.BigEndian.Uint64(h[2:])), 10
		}
		h, _ = br.Peek(size + 4)
		mask := [4]byte(h[size:])
		op := h[0]
		br.Discard(size + 4)
		p := big[10 : 10+length]
		for read := 0; read < length; {
			k, err := br.Read(p[read:])
			if err != nil {
				b.Fatal(err)
			}
			read += k
		}
		maskWords(p, mask)
		start := 10 - size
		big[start] = op
		switch size {
		case 2:
			big[start+1] = byte(length)
		case 4:
			big[start+1] = 126
			binary.BigEndian.PutUint16(big[start+2:], uint16(length))
		case 10:
			big[start+1] = 127
			binary.BigEndian.PutUint64(big[start+2:], uint64(length))
		}
		f.Write(big[start : 10+length])
	}
}

func maskWords(p []byte, mask [4]byte) {
	m := uint64(binary.LittleEndian.Uint32(mask[:]))
	m |= m << 32
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^m)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= mask[i&3]
	}
}
