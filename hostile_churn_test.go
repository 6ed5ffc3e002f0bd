package tandem_test

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// departures are the ways in which a peer comes and goes. They run beside the test's goroutine, so they return what is
// wrong.
var departures = []struct {
	name string
	play func(p *rawPeer, path string) error
}{
	{"connects and hangs up", func(*rawPeer, string) error { return nil }},
	{"half a handshake", func(p *rawPeer, path string) error {
		_, err := p.Write([]byte(upgradeRequest(path)[:60]))
		return err
	}},
	{"half a handshake, reset", func(p *rawPeer, path string) error {
		_, err := p.Write([]byte(upgradeRequest(path)[:60]))
		p.Conn.(*net.TCPConn).SetLinger(0)
		return err
	}},
	{"handshake, does not wait for the answer", func(p *rawPeer, path string) error {
		_, err := p.Write([]byte(upgradeRequest(path)))
		return err
	}},
	{"handshake and reset", func(p *rawPeer, path string) error {
		err := p.tryUpgrade(path)
		p.Conn.(*net.TCPConn).SetLinger(0)
		return err
	}},
	{"hangs up", func(p *rawPeer, path string) error { return p.tryUpgrade(path) }},
	{"hangs up in a message", func(p *rawPeer, path string) error {
		err := p.tryUpgrade(path)
		p.Write(p.bytes(rawFrame{op: opText, more: true}))
		return err
	}},
	{"resets with an answer on its way", func(p *rawPeer, path string) error {
		err := p.tryUpgrade(path)
		p.Write(p.bytes(binaryFrame(make([]byte, 50_000))))
		p.Conn.(*net.TCPConn).SetLinger(0)
		return err
	}},
	{"is refused", func(p *rawPeer, path string) error {
		if p.tryUpgrade(path, "Origin: https://evil.example") == nil {
			return errors.New("a foreign origin was let in")
		}
		return nil
	}},
	{"breaks the protocol", func(p *rawPeer, path string) error {
		err := p.tryUpgrade(path)
		p.Write([]byte{0xff, 0xff})
		return errors.Join(err, p.untilClose())
	}},
	{"in good order", func(p *rawPeer, path string) error {
		err := p.tryUpgrade(path)
		p.Write(p.bytes(textFrame("hello"), closeFrame(1000, "")))
		return errors.Join(err, p.untilClose())
	}},
}

// tryUpgrade is upgrade for other goroutines than the test's.
func (p *rawPeer) tryUpgrade(path string, lines ...string) error {
	if _, err := p.Write([]byte(upgradeRequest(path, lines...))); err != nil {
		return err
	}
	line, err := p.r.ReadString('\n')
	for end := line; err == nil && end != "\r\n"; {
		end, err = p.r.ReadString('\n')
	}
	if err == nil && line[:12] != "HTTP/1.1 101" {
		err = errors.New(line)
	}
	return err
}

// untilClose reads up to a Close frame.
func (p *rawPeer) untilClose() error {
	for {
		f, err := p.receive()
		if err != nil || f.op == opClose {
			return err
		}
	}
}

// Ten thousand strangers come and go, and nothing of them stays.
func TestHostile_churn(t *testing.T) {
	connections, atOnce := 10_000, 50
	if testing.Short() {
		connections = 1000
	}
	before := goleak.IgnoreCurrent()
	files := openFiles(t)
	t.Run("strangers", func(t *testing.T) {
		s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
		for n := 0; n < connections; n += atOnce {
			var wg sync.WaitGroup
			for i := range atOnce {
				how := departures[(n+i)%len(departures)]
				wg.Go(func() {
					conn, err := s.dial()
					if err != nil {
						t.Error(how.name, err)
						return
					}
					defer conn.Close()
					if err := how.play(rawPeerOn(conn), s.path); err != nil {
						t.Errorf("%s: %v", how.name, err)
					}
				})
			}
			wg.Wait()
			if t.Failed() {
				return
			}
		}
		s.waitEmpty(t)
	}) // its end closes the server
	goleak.VerifyNone(t, before)
	if after := openFiles(t); after > files {
		t.Errorf("%d files are open, %d were before", after, files)
	}
}

// openFiles counts the process's file descriptors; 0 where that cannot be told.
func openFiles(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	assert.NoError(t, err)
	return len(entries)
}
