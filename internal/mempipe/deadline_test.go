package mempipe_test

import (
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
)

func TestDeadline_isExactInTheBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := pair(t, &mempipe.Options{Buffer: 1})
		write(t, a, "x")
		calls := map[string]struct {
			set  func(time.Time) error
			call func([]byte) (int, error)
		}{
			"read":  {a.SetReadDeadline, a.Read},
			"write": {a.SetWriteDeadline, a.Write},
		}
		for name, c := range calls {
			start := time.Now()
			_ = c.set(start.Add(5 * time.Second))
			_, err := c.call(make([]byte, 1))
			wantErr(t, name, err, os.ErrDeadlineExceeded)
			if ne, ok := err.(net.Error); !ok || !ne.Timeout() {
				t.Errorf("%s: %v is not a timeout for net.Error", name, err)
			}
			if d := time.Since(start); d != 5*time.Second {
				t.Errorf("%s waited %v, want 5s", name, d)
			}
			_, err = c.call(make([]byte, 1))
			wantErr(t, name+" again", err, os.ErrDeadlineExceeded)
		}
	})
}

func TestDeadline_canBeMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, nil)
		_ = a.SetReadDeadline(time.Now().Add(time.Second))
		go func() {
			time.Sleep(500 * time.Millisecond)
			_ = a.SetReadDeadline(time.Now().Add(10 * time.Second)) // while Read waits
			time.Sleep(5 * time.Second)
			write(t, b, "late")
		}()
		read(t, a, "late")

		start := time.Now()
		_ = a.SetReadDeadline(start.Add(time.Hour))
		_ = a.SetReadDeadline(start.Add(time.Minute)) // earlier than the timer that runs
		_, err := a.Read(make([]byte, 1))
		wantErr(t, "Read", err, os.ErrDeadlineExceeded)
		if d := time.Since(start); d != time.Minute {
			t.Errorf("waited %v, want 1m", d)
		}
	})
}

// A timer that fires at the very moment its deadline is moved must not count as the new one.
func TestDeadline_movedWhileFiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := pair(t, nil)
		for range 1000 {
			_ = a.SetReadDeadline(time.Now().Add(time.Second))
			time.Sleep(time.Second)
			_ = a.SetReadDeadline(time.Now().Add(time.Hour))
			synctest.Wait()
			if _, _, err := a.TryRead(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestDeadline_zeroRevives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, nil)
		write(t, b, "there")
		_ = a.SetDeadline(time.Now().Add(-time.Second))
		_, err := a.Read(make([]byte, 1))
		wantErr(t, "Read with bytes there", err, os.ErrDeadlineExceeded) // as TCP: the deadline comes first
		n, err := a.Write([]byte("x"))
		wantErr(t, "Write with room", err, os.ErrDeadlineExceeded)
		if n != 0 {
			t.Errorf("Write = %d", n)
		}
		_ = a.SetDeadline(time.Time{})
		read(t, a, "there")
		write(t, a, "x")

		_ = a.SetReadDeadline(time.Now().Add(time.Second))
		_ = a.SetReadDeadline(time.Time{})
		go func() { time.Sleep(time.Hour); write(t, b, "y") }()
		read(t, a, "y")
	})
}

// A deadline without a monotonic reading, as time.Unix makes it, must not be taken for over before it is.
func TestDeadline_wallClock(t *testing.T) {
	a, _ := pair(t, nil)
	at := time.Unix(0, time.Now().Add(20*time.Millisecond).UnixNano())
	_ = a.SetReadDeadline(at)
	_, err := a.Read(make([]byte, 1))
	wantErr(t, "Read", err, os.ErrDeadlineExceeded)
	if time.Now().Before(at) {
		t.Error("too early")
	}
}
