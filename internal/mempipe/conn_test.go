package mempipe_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
)

func TestConn_carriesBytesBothWays(t *testing.T) {
	a, b := mempipe.New(nil)
	defer a.Close()
	defer b.Close()
	write(t, a, "ping")
	write(t, b, "pong") // net.Pipe would wait here for ever
	read(t, b, "ping")
	read(t, a, "pong")
	if a.LocalAddr() != b.RemoteAddr() || a.RemoteAddr() != b.LocalAddr() || a.LocalAddr() == a.RemoteAddr() {
		t.Errorf("addresses %v-%v and %v-%v do not mirror", a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
	}
	if got := a.LocalAddr().Network(); got != "mem" {
		t.Errorf("network %q", got)
	}
}

func TestConn_Read_returnsWhatIsThere(t *testing.T) {
	a, b := pair(t, nil)
	write(t, a, "one")
	write(t, a, "two")
	buf := make([]byte, 100)
	if n, err := b.Read(buf); string(buf[:n]) != "onetwo" || err != nil {
		t.Fatalf("Read = %q, %v", buf[:n], err)
	}
	if n, err := b.Read(nil); n != 0 || err != nil { // must not wait
		t.Fatalf("Read(nil) = %d, %v", n, err)
	}
}

// TestConn_endings pins what each end sees after each kind of ending, with "hello" on its way from a to b and "world"
// from b to a.
func TestConn_endings(t *testing.T) {
	ok := error(nil)
	tests := map[string]struct {
		end                            func(a *mempipe.Conn) error
		aWrite, aRead, bWrite, bRead   error
		bReads                         string // before bRead
		aReads                         string
		aSetDeadline, aCloseWrite, aRe error
	}{
		"Close": {
			end:    (*mempipe.Conn).Close,
			aWrite: net.ErrClosed, aRead: net.ErrClosed, bWrite: syscall.EPIPE, bReads: "hello", bRead: io.EOF,
			aSetDeadline: net.ErrClosed, aCloseWrite: net.ErrClosed, aRe: net.ErrClosed,
		},
		"CloseWrite": {
			end:    (*mempipe.Conn).CloseWrite,
			aWrite: syscall.EPIPE, aReads: "worldagain", bWrite: ok, bReads: "hello", bRead: io.EOF,
			aSetDeadline: ok, aCloseWrite: ok, aRe: ok,
		},
		"Reset": {
			end:    (*mempipe.Conn).Reset,
			aWrite: net.ErrClosed, aRead: net.ErrClosed, bWrite: syscall.ECONNRESET, bRead: syscall.ECONNRESET,
			aSetDeadline: net.ErrClosed, aCloseWrite: net.ErrClosed, aRe: net.ErrClosed,
		},
		"SetLinger(0) and Close": {
			end:    func(a *mempipe.Conn) error { return errors.Join(a.SetLinger(0), a.Close()) },
			aWrite: net.ErrClosed, aRead: net.ErrClosed, bWrite: syscall.ECONNRESET, bRead: syscall.ECONNRESET,
			aSetDeadline: net.ErrClosed, aCloseWrite: net.ErrClosed, aRe: net.ErrClosed,
		},
		"SetLinger(0), SetLinger(-1) and Close": {
			end: func(a *mempipe.Conn) error {
				return errors.Join(a.SetLinger(0), a.SetLinger(-1), a.Close())
			},
			aWrite: net.ErrClosed, aRead: net.ErrClosed, bWrite: syscall.EPIPE, bReads: "hello", bRead: io.EOF,
			aSetDeadline: net.ErrClosed, aCloseWrite: net.ErrClosed, aRe: net.ErrClosed,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t, nil)
			write(t, a, "hello")
			write(t, b, "world")
			if err := test.end(a); err != nil {
				t.Fatal(err)
			}
			one := make([]byte, 1)

			_, err := a.Write(one)
			wantErr(t, "a.Write", err, test.aWrite)
			_, err = b.Write([]byte("again"))
			wantErr(t, "b.Write", err, test.bWrite)
			read(t, b, test.bReads)
			_, err = b.Read(one)
			wantErr(t, "b.Read", err, test.bRead)
			_, ok, err := b.TryRead(one)
			wantErr(t, "b.TryRead", err, test.bRead)
			if !ok {
				t.Error("b.TryRead would wait, at the end of the stream")
			}
			read(t, a, test.aReads)
			if test.aRead != nil {
				_, err = a.Read(one)
				wantErr(t, "a.Read", err, test.aRead)
			}
			wantErr(t, "a.SetDeadline", a.SetDeadline(time.Time{}), test.aSetDeadline)
			wantErr(t, "a.CloseWrite", a.CloseWrite(), test.aCloseWrite)
			wantErr(t, "a.Close", a.Close(), test.aRe)
			if err := b.Close(); err != nil {
				t.Errorf("b.Close: %v", err)
			}
		})
	}
}

func TestConn_errorsAreOpErrors(t *testing.T) {
	a, b := pair(t, nil)
	_ = b.Reset()
	_, err := a.Read(make([]byte, 1))
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "read" || op.Net != "mem" {
		t.Errorf("error %#v, want a *net.OpError of a read", err)
	}
}

func TestConn_Close_resetUnread(t *testing.T) {
	a, b := pair(t, &mempipe.Options{ResetUnread: true})
	write(t, b, "never read")
	write(t, a, "lost with it")
	if n := a.Buffered(); n != len("never read") {
		t.Errorf("Buffered = %d", n)
	}
	_ = a.Close()
	_, err := b.Read(make([]byte, 1))
	wantErr(t, "Read", err, syscall.ECONNRESET)

	a, b = pair(t, &mempipe.Options{ResetUnread: true})
	write(t, b, "read")
	read(t, a, "read")
	_ = a.Close()
	_, err = b.Read(make([]byte, 1))
	wantErr(t, "Read after an orderly Close", err, io.EOF)
}

// TestConn_wakesWaiters checks that every ending reaches calls that wait already. In the bubble a call that is not
// woken is a deadlock, which synctest reports.
func TestConn_wakesWaiters(t *testing.T) {
	tests := map[string]struct {
		end                     func(a, b *mempipe.Conn) error
		wantRead, wantFullWrite error // of calls that wait on b
	}{
		"local Close":  {func(_, b *mempipe.Conn) error { return b.Close() }, net.ErrClosed, net.ErrClosed},
		"local Reset":  {func(_, b *mempipe.Conn) error { return b.Reset() }, net.ErrClosed, net.ErrClosed},
		"peer's Close": {func(a, _ *mempipe.Conn) error { return a.Close() }, io.EOF, syscall.EPIPE},
		"peer's Reset": {func(a, _ *mempipe.Conn) error { return a.Reset() }, syscall.ECONNRESET, syscall.ECONNRESET},
		"past deadline": {
			func(_, b *mempipe.Conn) error { return b.SetDeadline(time.Now()) },
			os.ErrDeadlineExceeded, os.ErrDeadlineExceeded,
		},
		"later deadline": {
			func(_, b *mempipe.Conn) error { return b.SetDeadline(time.Now().Add(time.Hour)) },
			os.ErrDeadlineExceeded, os.ErrDeadlineExceeded,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := pair(t, &mempipe.Options{Buffer: 10})
				var calls sync.WaitGroup
				calls.Go(func() {
					_, err := b.Read(make([]byte, 1))
					wantErr(t, "Read", err, test.wantRead)
				})
				calls.Go(func() {
					n, err := b.Write(make([]byte, 11))
					wantErr(t, "Write", err, test.wantFullWrite)
					if n != 10 {
						t.Errorf("Write = %d, want 10", n)
					}
				})
				calls.Go(func() { // waits for its turn behind the first Write or for room
					synctest.Wait()
					n, err := b.Write(make([]byte, 3))
					wantErr(t, "second Write", err, test.wantFullWrite)
					if n != 0 {
						t.Errorf("second Write = %d, want 0", n)
					}
				})
				time.Sleep(time.Second)
				if err := test.end(a, b); err != nil {
					t.Fatal(err)
				}
				calls.Wait()
			})
		})
	}
}

func TestConn_Write_waitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, &mempipe.Options{Buffer: 10})
		text := "0123456789abcdefghijklmnopqrstuvwxyz"
		done := false
		go func() {
			write(t, a, text)
			done = true
		}()
		synctest.Wait()
		if n := b.Buffered(); n != 10 || done {
			t.Fatalf("%d bytes in a buffer of 10, done = %v", n, done)
		}
		read(t, b, text)
		synctest.Wait()
		if !done {
			t.Fatal("Write still waits with an empty buffer")
		}
	})
}

// TestConn_Write_isAtomic would see mixed digits if a second Write could use the room the first one waits for.
func TestConn_Write_isAtomic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, &mempipe.Options{Buffer: 7})
		const size = 50
		var writers sync.WaitGroup
		for i := range 5 {
			writers.Go(func() { write(t, a, string(bytes.Repeat([]byte{'0' + byte(i)}, size))) })
		}
		for range 5 {
			synctest.Wait()
			if n, err := a.TryWrite([]byte("x")); n != 0 || err != nil {
				t.Fatalf("TryWrite in the middle of a Write = %d, %v", n, err)
			}
			got := make([]byte, size)
			if _, err := io.ReadFull(b, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, bytes.Repeat(got[:1], size)) {
				t.Fatalf("mixed writes: %s", got)
			}
		}
		writers.Wait()
	})
}

// The turn goes on as soon as a Write is done, not when the reader comes back.
func TestConn_Write_passesTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, &mempipe.Options{Buffer: 10})
		go write(t, a, "0123456789a")
		synctest.Wait()
		go write(t, a, "bcd")
		synctest.Wait()
		read(t, b, "0123456789")
		synctest.Wait()
		if n := b.Buffered(); n != 4 {
			t.Errorf("%d bytes there, want those of both writes", n)
		}
	})
}

func TestConn_TryWrite(t *testing.T) {
	a, b := pair(t, &mempipe.Options{Buffer: 5})
	for i, want := range []int{3, 2, 0} {
		if n, err := a.TryWrite([]byte("abc")); n != want || err != nil {
			t.Errorf("TryWrite %d = %d, %v, want %d", i, n, err, want)
		}
	}
	read(t, b, "abcab")
	_ = a.SetWriteDeadline(time.Unix(1, 0))
	_, err := a.TryWrite([]byte("abc"))
	wantErr(t, "TryWrite behind the deadline", err, os.ErrDeadlineExceeded)
	_ = b.Close()
	_ = a.SetWriteDeadline(time.Time{})
	_, err = a.TryWrite([]byte("abc"))
	wantErr(t, "TryWrite to a closed peer", err, syscall.EPIPE)
}

func TestConn_TryRead(t *testing.T) {
	a, b := pair(t, nil)
	buf := make([]byte, 3)
	if n, ok, err := b.TryRead(buf); n != 0 || ok || err != nil {
		t.Errorf("TryRead of nothing = %d, %v, %v", n, ok, err)
	}
	write(t, a, "abcd")
	if n, ok, err := b.TryRead(buf); n != 3 || !ok || err != nil {
		t.Errorf("TryRead = %d, %v, %v", n, ok, err)
	}
	_ = b.SetReadDeadline(time.Unix(1, 0))
	_, ok, err := b.TryRead(buf)
	wantErr(t, "TryRead behind the deadline", err, os.ErrDeadlineExceeded)
	if !ok {
		t.Error("TryRead with an error is not ok")
	}
}

// TestConn_stream sends random pieces through a small buffer and compares the bytes, in both directions at once.
func TestConn_stream(t *testing.T) {
	a, b := pair(t, &mempipe.Options{Buffer: 777})
	const total = 200_000
	var group sync.WaitGroup
	for dir, ends := range [][2]net.Conn{{a, b}, {b, a}} {
		sent := make([]byte, total)
		for i := range sent {
			sent[i] = byte(rand.Uint32())
		}
		group.Go(func() {
			rest := sent
			for len(rest) > 0 {
				n := min(len(rest), 1+rand.IntN(2000))
				if _, err := ends[0].Write(rest[:n]); err != nil {
					t.Error(err)
					return
				}
				rest = rest[n:]
			}
		})
		group.Go(func() {
			var got []byte
			buf := make([]byte, 1000)
			for len(got) < total {
				n, err := ends[1].Read(buf[:1+rand.IntN(len(buf))])
				if err != nil {
					t.Error(err)
					return
				}
				got = append(got, buf[:n]...)
			}
			if !bytes.Equal(got, sent) {
				t.Errorf("direction %d: the bytes differ", dir)
			}
		})
	}
	group.Wait()
}

// TestConn_churn exists for the race detector: everything at once on one connection.
func TestConn_churn(t *testing.T) {
	for range 50 {
		a, b := pair(t, &mempipe.Options{Buffer: 64})
		var group sync.WaitGroup
		for _, c := range []*mempipe.Conn{a, b} {
			for range 2 {
				group.Go(func() { _, _ = io.Copy(io.Discard, c) })
				group.Go(func() {
					for {
						if _, err := c.Write(make([]byte, 100)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
							return
						}
						_, _ = c.TryWrite([]byte("x"))
						_, _, _ = c.TryRead(make([]byte, 1))
					}
				})
			}
			group.Go(func() {
				for range 100 {
					_ = c.SetDeadline(time.Now().Add(time.Duration(rand.IntN(100)) * time.Microsecond))
				}
				_ = c.SetDeadline(time.Time{})
				_ = c.CloseWrite()
			})
		}
		group.Go(func() {
			for range 50 { // about the middle of the above
				_ = a.SetReadDeadline(time.Now().Add(time.Hour))
			}
			_ = a.Reset()
		})
		group.Wait()
	}
}

// What a peer writes when it has seen the end is not read any more: the end that is closed reads nothing, not even while Close
// is at work.
func TestConn_Close_readsNothingOfAnAnswer(t *testing.T) {
	for range 5000 {
		a, b := pair(t, nil)
		go func() {
			_, _ = io.ReadAll(b)
			_, _ = b.Write([]byte("an answer"))
		}()
		read := make(chan error, 1)
		go func() {
			_, err := a.Read(make([]byte, 100))
			read <- err
		}()
		runtime.Gosched() // they wait
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	}
}
