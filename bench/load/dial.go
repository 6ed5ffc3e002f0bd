package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tandem-ws/tandem/bench/frame"
)

// What servers should not do.
var (
	errEnded  = errors.New("the server has ended the connection")
	errClosed = errors.New("the server has sent a Close frame")
)

func parseAddr(addr string) (*unix.SockaddrInet4, error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}, nil
}

// source is the address that connection i of n comes from.
func source(i, n int) *unix.SockaddrInet4 {
	if n < spread {
		return nil
	}
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + i%8)}}
}

// socket makes a socket that will come from an address.
func socket(from *unix.SockaddrInet4) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		closeFD(fd)
		return -1, err
	}
	if from == nil {
		return fd, nil
	}
	// The port is chosen when the socket connects, so it need only be free towards this server.
	err = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err == nil {
		err = unix.Bind(fd, from)
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

// closeFD closes a descriptor. Whether that worked tells nothing: it is gone either way.
func closeFD(fd int) { _ = unix.Close(fd) }

// dial connects and waits for it.
func dial(to, from *unix.SockaddrInet4) (int, error) {
	fd, err := socket(from)
	if err != nil {
		return -1, err
	}
	tv := unix.NsecToTimeval(int64(handshakeTime))
	err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	if err == nil {
		err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &tv)
	}
	if err == nil {
		err = unix.Connect(fd, to)
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

// request is the upgrade request.
func request(addr, path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, addr)
}

var (
	switching = []byte("HTTP/1.1 101 ")
	headerEnd = []byte("\r\n\r\n")
)

// shake does the handshake on a blocking socket. rest are bytes the server sent right behind it.
func shake(fd int, addr string, o Options) (rest []byte, err error) {
	if _, err := unix.Write(fd, request(addr, o.Path)); err != nil {
		return nil, err
	}
	var got []byte
	buf := make([]byte, 4096)
	deadline := time.Now().Add(handshakeTime)
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("handshake: %w", err)
		}
		if n == 0 || time.Now().After(deadline) {
			return nil, fmt.Errorf("handshake: no answer: %.100q", got)
		}
		got = append(got, buf[:n]...)
		head, behind, ok := bytes.Cut(got, headerEnd)
		if !ok {
			continue
		}
		if !bytes.HasPrefix(head, switching) {
			return nil, fmt.Errorf("handshake: %.100q", head)
		}
		if o.Hello == nil {
			return behind, nil
		}
		return nil, greet(fd, o.Hello, behind)
	}
}

// greet sends the first message and waits for the end of the first answer.
func greet(fd int, hello, behind []byte) error {
	if _, err := unix.Write(fd, frame.AppendMasked(nil, frame.Text, hello, [4]byte{5, 6, 7, 8})); err != nil {
		return err
	}
	var r frame.Reader
	buf := make([]byte, 4096)
	for b := behind; ; {
		n, _, ok, err := r.Next(b)
		if err != nil {
			return err
		}
		if ok {
			if n < len(b) {
				return errors.New("more than one answer to the first message")
			}
			return nil
		}
		k, err := unix.Read(fd, buf)
		if err != nil || k <= 0 {
			return fmt.Errorf("first message: no answer: %w", err)
		}
		b = buf[:k]
	}
}
