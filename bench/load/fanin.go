package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tandem-ws/tandem/bench/hist"
)

// Fanin has a server publish again and again for a while, each time when all connections have what was published
// before. A server may join several messages in one frame, with a byte between them; length is that of one.
func (c *Client) Fanin(publish func() error, length int64, times int, d time.Duration) (Result, error) {
	res := Result{Latency: new(hist.Hist)}
	start := c.now()
	for {
		began := c.now()
		if began-start >= int64(d) {
			break
		}
		if err := publish(); err != nil {
			return res, err
		}
		for due := int64(len(c.conns)) * int64(times); due > 0; {
			got, err := c.gather(length, began, res.Latency)
			if err != nil {
				return res, err
			}
			due -= got
			res.Messages += got
			if due < 0 {
				return res, fmt.Errorf("%d messages too many", -due)
			}
		}
	}
	res.Elapsed = time.Duration(c.now() - start)
	return res, nil
}

// settle is how long nothing comes when all that was published has come.
const settle = 300 * time.Millisecond

// FaninLength has a server publish until each connection gets the message once, and gives the length in which it
// arrives. A server may answer a handshake before it counts the connection among those it publishes to.
func (c *Client) FaninLength(publish func() error) (int64, error) {
	length, got := int64(-1), 0
	for range int(stallTime / settle) {
		if err := publish(); err != nil {
			return 0, err
		}
		for got = 0; got < len(c.conns); {
			events, err := c.look(settle)
			if err != nil {
				return 0, err
			}
			if len(events) == 0 {
				break
			}
			for _, ev := range events {
				err := c.receive(c.byFD[ev.Fd], func(n int64) error {
					if length >= 0 && n != length {
						return fmt.Errorf("lengths %d and %d", n, length)
					}
					length = n
					got++
					return nil
				})
				if err != nil {
					return 0, err
				}
			}
		}
		if got == len(c.conns) {
			return length, nil
		}
	}
	return 0, fmt.Errorf("%d of %d connections got the message: %w", got, len(c.conns), errStalled)
}

// gather takes what has come on all connections.
func (c *Client) gather(length, began int64, h *hist.Hist) (got int64, err error) {
	events, err := c.wait()
	if err != nil {
		return 0, err
	}
	for _, ev := range events {
		if ev.Events == unix.EPOLLOUT {
			continue
		}
		var now int64
		err := c.receive(c.byFD[ev.Fd], func(n int64) error {
			if (n+1)%(length+1) != 0 {
				return fmt.Errorf("a message of %d bytes instead of %d", n, length)
			}
			if now == 0 {
				now = c.now()
			}
			for range (n + 1) / (length + 1) {
				h.Record(time.Duration(now - began))
				got++
			}
			return nil
		})
		if err != nil {
			return got, err
		}
	}
	return got, nil
}
