// Package memory measures servers without a kernel: their own loops run over a connection that hands out the same
// frames again and again and throws the replies away. What is left is the library's own cost, which repeats to a few
// per cent even on a busy machine, so budgets can be held against it.
package memory

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/bench/frame"
)

// Feed is the server's end of a connection without another end. Reads give whole batches of frames as long as messages
// are allowed; then they wait for Step. It has the methods by which tandem reads and writes without blocking, as a
// socket has; [Foreign] hides them.
type Feed struct {
	frames []byte // one batch
	size   int    // of one frame
	at     int
	batch  int

	reply  int // bytes of a reply frame
	left   int // messages of the step in progress; below 0 when the connection has ended
	due    int // bytes of them still to be read
	writes atomic.Int64
	bytes  atomic.Int64 // written in this step

	work chan int
	done chan struct{}
	quit chan struct{}
	end  sync.Once
}

// NewFeed makes a feed of a message. batch is how many frames a read may find at once.
func NewFeed(op byte, payload []byte, batch int) *Feed {
	f := &Feed{batch: batch, work: make(chan int), done: make(chan struct{}), quit: make(chan struct{})}
	rng := rand.New(rand.NewPCG(1, 1))
	for range batch {
		mask := [4]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())}
		f.frames = frame.AppendMasked(f.frames, op, payload, mask)
	}
	f.size = len(f.frames) / batch
	f.reply = f.size - 4 // the same without a mask
	return f
}

// Step lets the server work on n messages, a multiple of the batch, and waits until it asks for more and all replies
// are written, which may be by another goroutine a moment later.
func (f *Feed) Step(n int) error {
	select {
	case f.work <- n:
	case <-f.quit:
		return errQuit
	}
	select {
	case <-f.done:
	case <-f.quit:
		return errQuit
	}
	want := int64(n * f.reply)
	for began := time.Now(); f.bytes.Load() < want; runtime.Gosched() {
		if time.Since(began) > replyTime {
			break
		}
	}
	if got := f.bytes.Load(); got != want {
		return fmt.Errorf("%d bytes written for %d messages, which makes not %d", got, n, want)
	}
	return nil
}

// Writes is how many writes there have been.
func (f *Feed) Writes() int64 { return f.writes.Load() }

// replyTime is how long replies may stay away after the last read.
const replyTime = 5 * time.Second

var errQuit = errors.New("the server has closed the connection")

// Read is part of net.Conn.
func (f *Feed) Read(p []byte) (int, error) {
	if f.due == 0 {
		if f.left >= 0 {
			f.wait()
		}
		if f.left < 0 {
			return 0, io.EOF
		}
	}
	return f.copy(p), nil
}

// wait ends the step in progress, if any, and waits for the next.
func (f *Feed) wait() {
	if f.left > 0 {
		f.left = 0
		select {
		case f.done <- struct{}{}:
		case <-f.quit:
		}
	}
	select {
	case n := <-f.work:
		f.left, f.due = n, n*f.size
		f.bytes.Store(0)
	case <-f.quit:
		f.left = -1
	}
}

func (f *Feed) copy(p []byte) int {
	n := copy(p, f.frames[f.at:])
	if f.at += n; f.at == len(f.frames) {
		f.at = 0
	}
	f.due -= n
	return n
}

// TryRead is Read that does not wait.
func (f *Feed) TryRead(p []byte) (n int, ok bool, err error) {
	if f.due == 0 {
		return 0, false, nil
	}
	return f.copy(p), true, nil
}

// Write is part of net.Conn.
func (f *Feed) Write(p []byte) (int, error) {
	f.writes.Add(1)
	f.bytes.Add(int64(len(p)))
	return len(p), nil
}

// TryWrite is Write, which never waits.
func (f *Feed) TryWrite(p []byte) (int, error) { return f.Write(p) }

// Close ends the connection.
func (f *Feed) Close() error {
	f.end.Do(func() { close(f.quit) })
	return nil
}

// LocalAddr is part of net.Conn, as are the rest.
func (f *Feed) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// RemoteAddr is the address of nobody.
func (f *Feed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000} }

// SetDeadline does nothing: nothing takes time here.
func (f *Feed) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (f *Feed) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (f *Feed) SetWriteDeadline(time.Time) error { return nil }

// Foreign is a connection of a type that no library knows.
type Foreign struct{ net.Conn }
