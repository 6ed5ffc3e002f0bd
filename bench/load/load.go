// Package load is the load generator: one thread, raw sockets and epoll, frames built beforehand, replies counted to
// the byte. It has to cost less than any server does, and says in every result how busy it was, so that one can see
// whether it held a server up. It belongs to one goroutine. Linux only.
package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tandem-ws/tandem/bench/frame"
)

// Options say how to connect.
type Options struct {
	Path string
	// Hello is a text message to send first, whose answer is waited for, in protocols that want one.
	Hello []byte
}

// Client is a set of connections to one server.
type Client struct {
	ep     int
	conns  []*conn
	byFD   map[int32]*conn
	buf    []byte
	events []unix.EpollEvent
	began  time.Time
}

// conn is one connection.
type conn struct {
	fd   int
	in   frame.Reader
	ring *frame.Ring
	at   int    // where in the ring the next byte to write stands
	owed int    // bytes of the ring still to be written
	pong []byte // a control frame to be written when owed is 0
	out  bool   // EPOLLOUT is asked for

	sent []int64 // when the messages in flight were sent, oldest at first
	head int
	open int // messages in flight
}

// readBuffer is more than what a loopback socket hands over at once.
const readBuffer = 256 << 10

// handshakeTime bounds connecting and the handshake of one connection.
const handshakeTime = 20 * time.Second

// spread is from how many connections on source addresses are varied, because one has 28,000 ports, some of which
// rest after use.
const spread = 4000

// Dial connects n times.
func Dial(addr string, n int, o Options) (*Client, error) {
	to, err := parseAddr(addr)
	if err != nil {
		return nil, err
	}
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &Client{
		ep: ep, byFD: make(map[int32]*conn, n), buf: make([]byte, readBuffer),
		events: make([]unix.EpollEvent, 256), began: time.Now(),
	}
	for i := range n {
		fd, err := dial(to, source(i, n))
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		cn := &conn{fd: fd}
		c.conns = append(c.conns, cn)
		c.byFD[int32(fd)] = cn
		rest, err := shake(fd, addr, o)
		if err == nil {
			err = unix.SetNonblock(fd, true)
		}
		if err == nil {
			err = unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
		}
		if err == nil {
			_, err = cn.take(rest, nil)
		}
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	return c, nil
}

// Len is the number of connections.
func (c *Client) Len() int { return len(c.conns) }

// Close drops the connections, without a close handshake: servers must bear that.
func (c *Client) Close() {
	for _, cn := range c.conns {
		closeFD(cn.fd)
	}
	c.conns = nil
	closeFD(c.ep)
}

func (c *Client) now() int64 { return int64(time.Since(c.began)) }

// wait gives the connections on which something happened. It fails when nothing does for long.
func (c *Client) wait() ([]unix.EpollEvent, error) {
	events, err := c.look(stallTime)
	if err == nil && len(events) == 0 {
		err = errStalled
	}
	return events, err
}

// look is wait that may come back with nothing.
func (c *Client) look(timeout time.Duration) ([]unix.EpollEvent, error) {
	for {
		n, err := unix.EpollWait(c.ep, c.events, int(timeout/time.Millisecond))
		if err == unix.EINTR {
			continue
		}
		return c.events[:max(n, 0)], err
	}
}

// receive reads once and tells of every message that has ended.
func (c *Client) receive(cn *conn, message func(length int64) error) error {
	n, err := unix.Read(cn.fd, c.buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n == 0:
		return errEnded
	}
	pinged, err := cn.take(c.buf[:n], message)
	if err == nil && pinged {
		err = c.flush(cn)
	}
	return err
}

// take goes through bytes that have come. It reports whether a pong is to be written.
func (cn *conn) take(b []byte, message func(length int64) error) (pinged bool, err error) {
	for len(b) > 0 {
		n, ev, ok, err := cn.in.Next(b)
		if err != nil {
			return pinged, err
		}
		b = b[n:]
		if !ok {
			continue
		}
		switch ev.Op {
		case frame.Text, frame.Binary:
			if message == nil {
				continue
			}
			if err := message(ev.Length); err != nil {
				return pinged, err
			}
		case frame.Ping: // its payload is not kept; servers here do not ask for it back
			cn.pong = frame.AppendMasked(cn.pong[:0], frame.Pong, nil, [4]byte{1, 2, 3, 4})
			pinged = true
		case frame.Close:
			return pinged, errClosed
		}
	}
	return pinged, nil
}

// flush writes what is owed, as far as the socket takes it.
func (c *Client) flush(cn *conn) error {
	for cn.owed > 0 {
		piece, _ := cn.ring.From(cn.at, cn.owed)
		n, err := unix.Write(cn.fd, piece)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			return c.want(cn, true)
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		_, cn.at = cn.ring.From(cn.at, n)
		cn.owed -= n
	}
	if len(cn.pong) > 0 && (cn.ring == nil || cn.ring.Boundary(cn.at)) {
		if _, err := unix.Write(cn.fd, cn.pong); err != nil && err != unix.EAGAIN {
			return fmt.Errorf("write: %w", err)
		}
		cn.pong = nil
	}
	return c.want(cn, false)
}

// want asks for the news that the socket takes bytes again, or no longer does.
func (c *Client) want(cn *conn, out bool) error {
	if cn.out == out {
		return nil
	}
	cn.out = out
	events := uint32(unix.EPOLLIN)
	if out {
		events |= unix.EPOLLOUT
	}
	return unix.EpollCtl(c.ep, unix.EPOLL_CTL_MOD, cn.fd, &unix.EpollEvent{Events: events, Fd: int32(cn.fd)})
}
