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

// Result is what a load came to.
type Result struct {
	Messages int64         // all that were sent, and answered
	Elapsed  time.Duration // from the first request to the last reply
	Latency  *hist.Hist
}

// stallTime is how long all of a server's replies may stay away.
const stallTime = 10 * time.Second

var errStalled = errors.New("no reply for " + stallTime.String())

// Probe sends one message on the first connection and gives the payload of the reply, so that its content and length
// are known before anything is counted.
func (c *Client) Probe(op byte, payload []byte) ([]byte, error) {
	cn := c.conns[0]
	if err := unix.SetNonblock(cn.fd, false); err != nil {
		return nil, err
	}
	request := frame.AppendMasked(nil, op, payload, [4]byte{9, 8, 7, 6})
	for len(request) > 0 {
		n, err := unix.Write(cn.fd, request)
		if err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		request = request[n:]
	}
	var got bytes.Buffer
	for {
		n, err := unix.Read(cn.fd, c.buf)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("probe: no reply: %w", err)
		}
		got.Write(c.buf[:n])
		used, ev, ok, err := cn.in.Next(c.buf[:n])
		if err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		if !ok {
			continue
		}
		if used != n || ev.Op != frame.Text && ev.Op != frame.Binary {
			return nil, fmt.Errorf("probe: not one message: opcode %d", ev.Op)
		}
		b := got.Bytes()
		return bytes.Clone(b[len(b)-int(ev.Length):]), unix.SetNonblock(cn.fd, true)
	}
}

// Echo keeps some messages in flight on every connection for a while, then waits for the replies that are still due.
// Every reply must have the given length.
func (c *Client) Echo(ring *frame.Ring, replyLen int64, inFlight int, d time.Duration) (Result, error) {
	if inFlight > ring.Len() {
		return Result{}, fmt.Errorf("%d in flight with %d frames", inFlight, ring.Len())
	}
	for _, cn := range c.conns {
		cn.ring, cn.at, cn.sent, cn.head = ring, 0, make([]int64, inFlight), 0
	}
	res := Result{Latency: new(hist.Hist)}
	start := c.now()
	end := start + int64(d)
	due := 0
	send := func(cn *conn, n int, now int64) error {
		for range n {
			cn.sent[(cn.head+cn.open)%len(cn.sent)] = now
			cn.open++
		}
		due += n
		res.Messages += int64(n)
		cn.owed += n * ring.Size()
		return c.flush(cn)
	}
	for _, cn := range c.conns {
		if err := send(cn, inFlight, c.now()); err != nil {
			return res, err
		}
	}
	for due > 0 {
		events, err := c.wait()
		if err != nil {
			return res, err
		}
		for _, ev := range events {
			cn := c.byFD[ev.Fd]
			if ev.Events&unix.EPOLLOUT != 0 {
				if err := c.flush(cn); err != nil {
					return res, err
				}
			}
			if ev.Events&^unix.EPOLLOUT == 0 {
				continue
			}
			replies := 0
			var now int64
			err := c.receive(cn, func(length int64) error {
				if length != replyLen || cn.open == 0 {
					return fmt.Errorf("a reply of %d bytes instead of %d, %d in flight", length, replyLen, cn.open)
				}
				if replies == 0 {
					now = c.now()
				}
				res.Latency.Record(time.Duration(now - cn.sent[cn.head]))
				cn.head = (cn.head + 1) % len(cn.sent)
				cn.open--
				replies++
				return nil
			})
			if err != nil {
				return res, err
			}
			due -= replies
			if replies > 0 && now < end {
				if err := send(cn, replies, now); err != nil {
					return res, err
				}
			}
		}
	}
	res.Elapsed = time.Duration(c.now() - start)
	return res, nil
}
