package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

func TestFaults_Delay(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		p.On(d).Delay(3*time.Second, 0)
		start := time.Now()
		write(t, from, "one")
		time.Sleep(time.Second)
		write(t, from, "two")
		_ = from.CloseWrite()
		for i, want := range []string{"one", "two"} {
			read(t, to, want)
			if took, want := time.Since(start), time.Duration(3+i)*time.Second; took != want {
				t.Errorf("message %d came after %v, want %v", i, took, want)
			}
		}
		wantEnd(t, to, io.EOF)

		now := time.Now()
		write(t, to, "back")
		read(t, from, "back")
		if !time.Now().Equal(now) {
			t.Error("the other direction is delayed too")
		}
	})
}

// A delay is not a throughput limit: what is sent together arrives together, however many chunks it takes.
func TestFaults_Delay_isPipelined(t *testing.T) {
	inMemory(t, &fault.Options{Buffer: 1 << 20}, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.Both).Delay(time.Second, 0)
		start := time.Now()
		text := strings.Repeat("x", 500_000)
		go write(t, client, text)
		read(t, server, text)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
	})
}

// arrivals sends 20 messages a second apart under jitter and returns when each came, relative to when it was sent.
func arrivals(t *testing.T, seed uint64) (late []time.Duration) {
	inMemory(t, &fault.Options{Seed: seed}, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.ClientToServer).Delay(200*time.Millisecond, 150*time.Millisecond)
		for range 20 {
			sent := time.Now()
			write(t, client, "x")
			read(t, server, "x")
			late = append(late, time.Since(sent))
			time.Sleep(time.Second)
		}
	})
	return late
}

func TestFaults_Delay_jitterFollowsTheSeed(t *testing.T) {
	first, again, other := arrivals(t, 1), arrivals(t, 1), arrivals(t, 2)
	if !slices.Equal(first, again) {
		t.Errorf("one seed, two sequences:\n%v\n%v", first, again)
	}
	if slices.Equal(first, other) {
		t.Error("two seeds, one sequence")
	}
	low, high := slices.Min(first), slices.Max(first)
	if low < 50*time.Millisecond || high > 350*time.Millisecond {
		t.Errorf("delays from %v to %v, want 200ms±150ms", low, high)
	}
	if high-low < 150*time.Millisecond {
		t.Errorf("delays from %v to %v use less than half of the range", low, high)
	}
}

func TestFaults_Delay_jitterKeepsOrder(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.ClientToServer).Delay(time.Second, time.Second)
		want := ""
		go func() {
			for i := range 100 {
				write(t, client, fmt.Sprintf("%03d", i))
				time.Sleep(10 * time.Millisecond)
			}
		}()
		for i := range 100 {
			want += fmt.Sprintf("%03d", i)
		}
		read(t, server, want)
	})
}

func TestFaults_Bandwidth(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		p.On(d).Bandwidth(1000)
		start := time.Now()
		text := strings.Repeat("x", 3000)
		write(t, from, text)
		read(t, to, text[:1500])
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("the first half took %v, want 1.5s", took)
		}
		p.On(d).Bandwidth(100) // in the middle of it
		read(t, to, text[:100])
		if took := time.Since(start); took < 2400*time.Millisecond || took > 2600*time.Millisecond {
			t.Errorf("100 bytes more took until %v, want about 2.5s", took)
		}
		p.On(d).Bandwidth(0)
		start = time.Now()
		read(t, to, text[:1400])
		if took := time.Since(start); took != 0 {
			t.Errorf("the rest took %v without a limit", took)
		}
	})
}

func TestFaults_Bandwidth_doesNotSaveUp(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.ClientToServer).Bandwidth(10)
		time.Sleep(time.Hour)
		for range 3 {
			start := time.Now()
			write(t, client, "01234")
			read(t, server, "01234")
			if took := time.Since(start); took != 500*time.Millisecond {
				t.Errorf("5 bytes at 10 bytes/s took %v", took)
			}
		}
	})
}

// A receiver who did not read for an hour has not saved up an hour's worth of bandwidth.
func TestFaults_Bandwidth_noBurstAfterAStall(t *testing.T) {
	inMemory(t, &fault.Options{Buffer: 1 << 20}, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.ClientToServer).Bandwidth(10_000)
		text := strings.Repeat("x", 200_000)
		write(t, client, text)
		time.Sleep(time.Hour)
		read(t, server, text[:server.Buffered()+1000]) // what is there, and the delivery that was stalled
		start := time.Now()
		read(t, server, text[:10_000])
		if took := time.Since(start); took < 900*time.Millisecond || took > 1100*time.Millisecond {
			t.Errorf("10,000 bytes at 10,000 bytes/s took %v", took)
		}
	})
}

func TestFaults_CutAfter(t *testing.T) {
	const text = "0123456789"
	for n := range len(text) + 1 {
		eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
			write(t, to, "other way")
			p.On(d).CutAfter(int64(n))
			_, _ = from.Write([]byte(text))
			if got := wantEnd(t, to, io.EOF); got != text[:n] {
				t.Errorf("cut after %d: got %q", n, got)
			}
			write(t, to, "too late, but no error for a moment")
			if got := wantEnd(t, from, io.EOF); got != "other way" {
				t.Errorf("cut after %d: the sender got %q", n, got)
			}
			if b := p.Bytes(d); b != int64(n) {
				t.Errorf("%d bytes counted, want %d", b, n)
			}
			time.Sleep(time.Second)
			for _, c := range []io.Writer{from, to} {
				if _, err := c.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
					t.Errorf("Write to a cut connection: %v, want EPIPE", err)
				}
			}
			if open, _ := p.Conns(); open != 0 {
				t.Errorf("%d connections open", open)
			}
		})
	}
}

// RST at every byte, with a reader that waits for bytes, as every row of the fault model needs it.
func TestFaults_ResetAfter(t *testing.T) {
	const text = "0123456789"
	for n := range len(text) + 1 {
		eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
			p.On(d).ResetAfter(int64(n))
			write(t, from, text)
			if got := wantEnd(t, to, syscall.ECONNRESET); got != text[:n] {
				t.Errorf("reset after %d: got %q", n, got)
			}
			wantEnd(t, from, syscall.ECONNRESET)
			if open, _ := p.Conns(); open != 0 {
				t.Errorf("%d connections open", open)
			}
		})
	}
}

// Each connection counts for itself, and a limit set later counts what has passed.
func TestFaults_limitsWhileRunning(t *testing.T) {
	limits := map[string]struct {
		set  func(f fault.Faults, n int64)
		want error
	}{
		"CutAfter":   {func(f fault.Faults, n int64) { f.CutAfter(n) }, io.EOF},
		"ResetAfter": {func(f fault.Faults, n int64) { f.ResetAfter(n) }, syscall.ECONNRESET},
	}
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
				write(t, from, "12345")
				read(t, to, "12345")
				limit.set(p.On(d), 7)
				wantSilence(t, to, time.Hour)
				limit.set(p.On(d), -1)
				write(t, from, "6789")
				read(t, to, "6789")
				limit.set(p.On(d), 4)
				wantEnd(t, to, limit.want)

				limit.set(p.On(d), 6)
				client, server := connect(t, p)
				from, to = client, server
				if d == fault.ServerToClient {
					from, to = server, client
				}
				write(t, from, "123456789")
				if got := wantEnd(t, to, limit.want); got != "123456" {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

func TestFaults_CutIdle(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		p.On(d).CutIdle(time.Minute)
		for range 5 {
			time.Sleep(59 * time.Second)
			write(t, from, "beat")
			read(t, to, "beat")
		}
		start := time.Now()
		wantEnd(t, to, io.EOF)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("cut after %v, want 1m", took)
		}
		wantEnd(t, from, io.EOF)
	})
}

func TestFaults_CutIdle_notWhileHeld(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.ClientToServer).CutIdle(time.Minute).Hold()
		time.Sleep(time.Hour)
		p.On(fault.ClientToServer).Release()
		time.Sleep(59 * time.Second)
		write(t, client, "alive")
		read(t, server, "alive")
	})
}

func TestFaults_Hold(t *testing.T) {
	endings := map[string]struct {
		end  func(*mempipe.Conn) error
		want error
	}{
		"Close": {(*mempipe.Conn).Close, io.EOF},
		"Reset": {(*mempipe.Conn).Reset, syscall.ECONNRESET},
	}
	for name, ending := range endings {
		t.Run(name, func(t *testing.T) {
			eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
				write(t, from, "before")
				read(t, to, "before")
				p.On(d).Hold()
				write(t, from, "held")
				wantSilence(t, to, 24*time.Hour)
				write(t, to, "the other way is open")
				read(t, from, "the other way is open")
				synctest.Wait()
				_ = ending.end(from)
				wantSilence(t, to, 24*time.Hour)
				p.On(d).Release()
				if got := wantEnd(t, to, ending.want); got != "held" {
					t.Errorf("after Release: %q, want what was held", got)
				}
			})
		})
	}
}

// Hold must also stop a delivery that waits for a receiver who does not read.
func TestFaults_Hold_stopsDeliveryInProgress(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		text := strings.Repeat("x", 100_000)
		go write(t, client, text)
		synctest.Wait()
		there := server.Buffered()
		if there == 0 || there == len(text) {
			t.Fatalf("%d bytes arrived: the test needs a full buffer", there)
		}
		p.On(fault.Both).Hold()
		synctest.Wait()
		read(t, server, text[:there])
		wantSilence(t, server, time.Hour)
		p.On(fault.Both).Release()
		read(t, server, text[there:])
	})
}

func TestFaults_Hold_bothIsHalfOpen(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.Both).Hold().ResetAfter(0)
		_ = server.Close()
		write(t, client, "to nobody")
		wantSilence(t, client, time.Hour)
		if open, _ := p.Conns(); open != 1 {
			t.Errorf("%d connections open, want 1", open)
		}
	})
}

// A reset that began in one direction must not be heard through the other while that is held.
func TestFaults_Hold_hidesReset(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		back := fault.Both - d
		p.On(back).Hold()
		p.On(d).ResetAfter(1)
		write(t, from, "x")
		wantEnd(t, to, syscall.ECONNRESET)
		wantSilence(t, from, time.Hour)
		p.On(back).Release()
		wantEnd(t, from, syscall.ECONNRESET)
	})
}

// The same for a cut, whose other end is closed all the same.
func TestFaults_Hold_hidesCut(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		back := fault.Both - d
		p.On(back).Hold()
		p.On(d).CutAfter(1)
		write(t, from, "x")
		read(t, to, "x")
		wantEnd(t, to, io.EOF)
		wantSilence(t, from, time.Hour)
		if _, err := to.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Write of the end that was cut off: %v, want EPIPE", err)
		}
		p.On(back).Release()
		wantEnd(t, from, io.EOF)
	})
}

func TestFaults_Block(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, p *fault.Proxy, d fault.Direction, from, to *mempipe.Conn) {
		p.On(d).Block()
		write(t, from, "blocked")
		wantSilence(t, to, time.Hour)
		write(t, to, "open")
		read(t, from, "open")
		p.On(d).Release()
		read(t, to, "blocked")
	})
}

// ends sends text in two parts to a reader who waits and returns where each of its reads ended.
func ends(t *testing.T, p *fault.Proxy, text string, firstPart int) (positions []int) {
	t.Helper()
	client, server := connect(t, p)
	go func() {
		write(t, client, text[:firstPart])
		time.Sleep(time.Second)
		write(t, client, text[firstPart:])
		_ = client.CloseWrite()
	}()
	var got []byte
	buf := make([]byte, 100)
	for {
		n, err := server.Read(buf)
		if err != nil {
			break
		}
		got = append(got, buf[:n]...)
		positions = append(positions, len(got))
	}
	if string(got) != text {
		t.Errorf("got %q, want %q", got, text)
	}
	return positions
}

func TestFaults_Slice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := strings.Repeat("0123456789", 50)
		sliced := func(seed uint64) *fault.Proxy {
			p := newProxy(t, &fault.Options{Seed: seed})
			p.On(fault.ClientToServer).Slice(7)
			return p
		}
		p := sliced(1)
		first, second := ends(t, p, text, 0), ends(t, p, text, 0)
		shortest, longest := first[0], first[0]
		for i := range first[1:] {
			n := first[i+1] - first[i]
			shortest, longest = min(shortest, n), max(longest, n)
		}
		if shortest != 1 || longest != 7 {
			t.Errorf("pieces of %d to %d bytes, want 1 to 7", shortest, longest)
		}
		if slices.Equal(first, second) {
			t.Error("two connections, one way to slice")
		}
		p = sliced(1)
		if a, b := ends(t, p, text, 0), ends(t, p, text, 0); !slices.Equal(first, a) || !slices.Equal(second, b) {
			t.Errorf("one seed, two ways to slice:\n%v\n%v\n%v\n%v", first, a, second, b)
		}
		if other := ends(t, sliced(2), text, 0); slices.Equal(first, other) {
			t.Error("two seeds, one way to slice")
		}
		// However the bytes come in, the pieces end where the seed says.
		part := 33
		for slices.Contains(first, part) {
			part++
		}
		split := ends(t, sliced(1), text, part)
		if i := slices.Index(split, part); i >= 0 {
			split = slices.Delete(split, i, i+1)
		}
		if !slices.Equal(first, split) {
			t.Errorf("the pieces moved when the bytes came in two parts:\n%v\n%v", first, split)
		}
	})
}

func TestFaults_Corrupt(t *testing.T) {
	send := func(seed uint64, probability float64) (got []byte) {
		inMemory(t, &fault.Options{Seed: seed}, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
			p.On(fault.ClientToServer).Corrupt(probability)
			go write(t, client, strings.Repeat("x", 10_000))
			got = make([]byte, 10_000)
			if _, err := io.ReadFull(server, got); err != nil {
				t.Fatal(err)
			}
		})
		return got
	}
	for probability, want := range map[float64][2]int{0: {0, 0}, 0.1: {800, 1200}, 1: {10_000, 10_000}} {
		got := send(1, probability)
		if n := len(got) - bytes.Count(got, []byte("x")); n < want[0] || n > want[1] {
			t.Errorf("probability %v changed %d of 10,000 bytes", probability, n)
		}
	}
	if !bytes.Equal(send(1, 0.1), send(1, 0.1)) {
		t.Error("one seed, two corruptions")
	}
	if bytes.Equal(send(1, 0.1), send(2, 0.1)) {
		t.Error("two seeds, one corruption")
	}
}

func TestFaults_Clear(t *testing.T) {
	inMemory(t, nil, func(t *testing.T, p *fault.Proxy, client, server *mempipe.Conn) {
		p.On(fault.Both).Delay(time.Hour, time.Hour).Bandwidth(1).Slice(1).Corrupt(1).CutAfter(100).CutIdle(time.Hour).
			ResetAfter(100).Hold()
		p.On(fault.Both).Clear()
		start := time.Now()
		text := strings.Repeat("x", 1000)
		write(t, client, text)
		read(t, server, text)
		if !time.Now().Equal(start) {
			t.Errorf("took %v", time.Since(start))
		}
		wantSilence(t, server, 2*time.Hour)
	})
}
