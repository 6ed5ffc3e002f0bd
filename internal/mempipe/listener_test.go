package mempipe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
)

func TestListener_servesHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mempipe.Listen()
		mux := http.NewServeMux()
		mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour) // virtual
			_, _ = io.Copy(w, r.Body)
		})
		mux.HandleFunc("/upgrade", func(w http.ResponseWriter, r *http.Request) {
			nc, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: mem\r\n\r\n")
			_ = rw.Flush()
			_, _ = io.Copy(nc, rw)
		})
		server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
		var serving sync.WaitGroup
		serving.Go(func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				t.Errorf("Serve: %v", err)
			}
		})
		transport := &http.Transport{DialContext: l.DialContext}
		client := &http.Client{Transport: transport}

		for _, body := range []string{"small", strings.Repeat("large ", 100_000)} {
			resp, err := client.Post("http://server/echo", "text/plain", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || string(got) != body {
				t.Fatalf("%d bytes back, %v, want %d", len(got), err, len(body))
			}
		}

		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://server/upgrade", nil)
		req.Header.Set("Connection", "upgrade")
		req.Header.Set("Upgrade", "mem")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		upgraded := resp.Body.(io.ReadWriteCloser)
		write(t, upgraded, "raw bytes")
		read(t, upgraded, "raw bytes")
		_ = upgraded.Close()

		transport.CloseIdleConnections()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		serving.Wait()
		// synctest.Test waits for every goroutine of the bubble and fails if one is stuck.
	})
}

func TestListener_Dial_contextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mempipe.Listen()
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		for err == nil { // nobody accepts: the queue is full at some point and Dial waits
			_, err = l.Dial(ctx)
		}
		wantErr(t, "Dial", err, context.DeadlineExceeded)
		_, err = l.Dial(ctx)
		wantErr(t, "Dial with a ctx that has ended", err, context.DeadlineExceeded)
	})
}

func TestListener_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mempipe.Listen()
		first, err := l.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if first.LocalAddr() != accepted.RemoteAddr() {
			t.Errorf("accepted %v, want %v", accepted.RemoteAddr(), first.LocalAddr())
		}
		queued, _ := l.Dial(t.Context())
		var waiting sync.WaitGroup
		_ = l.Close()
		waiting.Go(func() {
			_, err := l.Accept()
			wantErr(t, "Accept", err, net.ErrClosed)
		})
		waiting.Wait()

		_, err = l.Dial(t.Context())
		wantErr(t, "Dial", err, syscall.ECONNREFUSED)
		_, err = queued.Read(make([]byte, 1))
		wantErr(t, "Read of a connection never accepted", err, syscall.ECONNRESET)
		write(t, first, "lives on")
		read(t, accepted, "lives on")
		if err := l.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// TestListener_Close_races: whatever the order, a dialled connection is accepted or reset, never forgotten.
func TestListener_Close_races(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			l := mempipe.Listen()
			go l.Close()
			go func() {
				if c, err := l.Accept(); err == nil {
					_ = c.Close()
				}
			}()
			for range 3 {
				go func() {
					c, err := l.Dial(t.Context())
					if err != nil {
						return
					}
					_, _ = c.Read(make([]byte, 1)) // forgotten means a deadlock here
				}()
			}
		})
	}
}

func TestListener_Options(t *testing.T) {
	l := mempipe.Listen()
	l.Options.Buffer = 10
	defer l.Close()
	c, _ := l.Dial(t.Context())
	if n, err := c.(*mempipe.Conn).TryWrite(bytes.Repeat([]byte("x"), 100)); n != 10 || err != nil {
		t.Errorf("TryWrite = %d, %v, want 10", n, err)
	}
}
