package mempipe

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// stream is one direction of a connection. It waits on sync.Cond only: that is a durable block for testing/synctest,
// allocates nothing, and does not tie the stream to the bubble it was made in. The mutex is never held while waiting,
// because a goroutine that waits for a mutex keeps the bubble's clock from advancing.
type stream struct {
	mu       sync.Mutex // guards everything below
	readable sync.Cond  // bytes, end or deadline for readers
	writable sync.Cond  // room, end, deadline or turn for writers
	data     ring

	readerClosed bool // the reading end was closed or reset
	writerClosed bool // the writing end was closed or reset
	finished     bool // no bytes will follow those in data
	reset        bool // either end sent a reset
	writing      bool // a Write has the turn and may be waiting for room; others wait so that bytes do not mix

	readDeadline, writeDeadline deadline
}

func newStream(size int) *stream {
	s := &stream{data: ring{max: size}}
	s.readable.L, s.writable.L = &s.mu, &s.mu
	return s
}

// read reports ok = false if it would have to wait and must not.
func (s *stream) read(p []byte, wait bool) (n int, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readerClosed:
			return 0, true, net.ErrClosed
		case len(p) == 0:
			return 0, true, nil
		case s.readDeadline.expired:
			return 0, true, os.ErrDeadlineExceeded
		case s.reset:
			return 0, true, syscall.ECONNRESET
		case s.data.len > 0:
			n = s.data.read(p)
			s.writable.Broadcast()
			return n, true, nil
		case s.finished:
			return 0, true, io.EOF
		case !wait:
			return 0, false, nil
		}
		s.readable.Wait()
	}
}

// write returns a short count without an error only if it must not wait.
func (s *stream) write(p []byte, wait bool) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing {
		if err := s.writeErr(); err != nil || !wait {
			return 0, err
		}
		s.writable.Wait()
	}
	for {
		if err = s.writeErr(); err != nil {
			break
		}
		if k := s.data.write(p[n:]); k > 0 {
			n += k
			s.readable.Broadcast()
		}
		if n == len(p) || !wait {
			break
		}
		s.writing = true
		s.writable.Wait()
	}
	if s.writing {
		s.writing = false
		s.writable.Broadcast()
	}
	return n, err
}

func (s *stream) writeErr() error {
	switch {
	case s.writerClosed:
		return net.ErrClosed
	case s.writeDeadline.expired:
		return os.ErrDeadlineExceeded
	case s.reset:
		return syscall.ECONNRESET
	case s.finished, s.readerClosed:
		return syscall.EPIPE
	}
	return nil
}

// finish is the half close.
func (s *stream) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = true
	s.wake()
}

func (s *stream) closeWriter(reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writerClosed, s.finished = true, true
	s.writeDeadline.stop()
	if reset {
		s.reset = true
		s.data.drop()
	}
	s.wake()
}

func (s *stream) closeReader(reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readerClosed = true
	s.reset = s.reset || reset
	s.readDeadline.stop()
	s.data.drop()
	s.wake()
}

func (s *stream) wake() {
	s.readable.Broadcast()
	s.writable.Broadcast()
}

func (s *stream) buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.len
}

func (s *stream) setReadDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.readerClosed {
		s.readDeadline.set(t, &s.readable)
	}
}

func (s *stream) setWriteDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.writerClosed {
		s.writeDeadline.set(t, &s.writable)
	}
}
