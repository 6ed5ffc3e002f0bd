package load

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/hist"
)

// visit is one connection of a churn, from its opening to its end.
type visit struct {
	fd    int
	began int64
	state visitState
	got   []byte
}

type visitState uint8

const (
	connecting visitState = iota
	shaking
	closing
)

// Churn opens connections and closes them in order, some at a time, for a while: connect, handshake, Close frame, the
// server's Close frame, end. Latency is that of a whole visit.
func Churn(addr, path string, atOnce int, d time.Duration) (Result, error) {
	to, err := parseAddr(addr)
	if err != nil {
		return Result{}, err
	}
	c := &Client{buf: make([]byte, 16<<10), events: make([]unix.EpollEvent, 256), began: time.Now()}
	if c.ep, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return Result{}, err
	}
	visits := map[int32]*visit{}
	defer func() {
		for fd := range visits {
			closeFD(int(fd))
		}
		closeFD(c.ep)
	}()
	ch := churn{c, to, request(addr, path), frame.AppendMasked(nil, frame.Close, []byte{3, 232}, [4]byte{1, 2, 3, 4}), 0}
	res := Result{Latency: new(hist.Hist)}
	start := c.now()
	end := start + int64(d)
	for range atOnce {
		v, err := ch.open()
		if err != nil {
			return res, err
		}
		visits[int32(v.fd)] = v
	}
	for len(visits) > 0 {
		events, err := c.wait()
		if err != nil {
			return res, err
		}
		for _, ev := range events {
			v := visits[ev.Fd]
			over, err := ch.step(v)
			if err != nil {
				return res, err
			}
			if !over {
				continue
			}
			now := c.now()
			res.Latency.Record(time.Duration(now - v.began))
			res.Messages++
			closeFD(v.fd)
			delete(visits, ev.Fd)
			if now >= end {
				continue
			}
			if v, err = ch.open(); err != nil {
				return res, err
			}
			visits[int32(v.fd)] = v
		}
	}
	res.Elapsed = time.Duration(c.now() - start)
	return res, nil
}

type churn struct {
	c       *Client
	to      *unix.SockaddrInet4
	request []byte
	goodbye []byte
	opened  int
}

func (ch *churn) open() (*visit, error) {
	began := ch.c.now()
	fd, err := socket(source(ch.opened, spread))
	ch.opened++
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, ch.to); err != nil && err != unix.EINPROGRESS {
		return nil, fmt.Errorf("connect: %w", err)
	}
	ev := &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd)}
	return &visit{fd: fd, began: began}, unix.EpollCtl(ch.c.ep, unix.EPOLL_CTL_ADD, fd, ev)
}

// step goes on with a visit. It reports whether it is over.
func (ch *churn) step(v *visit) (over bool, err error) {
	if v.state == connecting {
		if _, err := unix.Write(v.fd, ch.request); err != nil {
			return false, fmt.Errorf("connect: %w", err)
		}
		v.state = shaking
		return false, unix.EpollCtl(ch.c.ep, unix.EPOLL_CTL_MOD, v.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(v.fd)})
	}
	n, err := unix.Read(v.fd, ch.c.buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return false, nil
	case v.state == closing && (err == nil && n == 0 || err == unix.ECONNRESET):
		if len(v.got) < 2 || v.got[0]&0xf != frame.Close {
			return false, fmt.Errorf("no Close frame: %x", v.got)
		}
		return true, nil
	case err != nil || n == 0:
		return false, errors.Join(errEnded, err)
	}
	v.got = append(v.got, ch.c.buf[:n]...)
	if v.state != shaking {
		if err := unix.Shutdown(v.fd, unix.SHUT_WR); err != nil && err != unix.ENOTCONN {
			return false, err
		}
		return false, nil
	}
	head, behind, ok := bytes.Cut(v.got, headerEnd)
	if !ok {
		return false, nil
	}
	if !bytes.HasPrefix(head, switching) {
		return false, fmt.Errorf("handshake: %.100q", head)
	}
	v.got, v.state = behind, closing
	_, err = unix.Write(v.fd, ch.goodbye)
	return false, err
}
