package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/bench/child"
	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/rivals"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
	"github.com/tandem-ws/tandem/bench/rivals/tandem"
	"github.com/tandem-ws/tandem/bench/run"
)

// Memory is what a server holds for each of its sessions, in a process of its own.
type Memory struct {
	Name  string
	Usage report.Usage
	Bytes int // of payload that is kept to be sent again
}

// warm sessions come and go before the server's own memory is measured.
const warm = 64

// MeasureMemory opens n sessions, has one message answered in each, acknowledges, and measures; then the same with
// answers that fill the window and are not acknowledged.
func MeasureMemory(ctx context.Context, n int) ([]Memory, error) {
	if _, err := proc.RaiseFiles(); err != nil {
		return nil, err
	}
	payload, err := msg.Encode(msg.Codecs["json"], "ten")
	if err != nil {
		return nil, err
	}
	idle, err := memory(ctx, tandem.Sessions.Name, n, payload, 1)
	if err != nil {
		return nil, err
	}
	full, err := memory(ctx, tandem.Windows.Name, n, payload, tandem.WindowMessages)
	if err != nil {
		return nil, err
	}
	return []Memory{
		{Name: "idle, after a typed message", Usage: idle},
		{Name: fmt.Sprintf("window full: %d messages of %d B", tandem.WindowMessages, len(payload)), Usage: full, Bytes: tandem.WindowMessages * len(payload)},
	}, nil
}

func memory(ctx context.Context, server string, n int, payload []byte, answers int) (u report.Usage, err error) {
	c, err := child.Start(ctx, server, rivals.Options{}, proc.CPUs()[:1])
	if err != nil {
		return u, err
	}
	defer c.Stop()
	first, err := open(c.Addr, warm, payload, answers)
	first.close()
	if err != nil {
		return u, err
	}
	pause(ctx) // until the sessions that were left behind are over
	base, err := run.Total(c)
	if err != nil {
		return u, err
	}
	all, err := open(c.Addr, n, payload, answers)
	defer all.close()
	if err != nil {
		return u, err
	}
	pause(ctx) // until what is due after a quarter of a second has been sent
	now, err := run.Total(c)
	count := int64(n)
	return report.Usage{RSS: (now.RSS - base.RSS) / count, Heap: (now.Heap - base.Heap) / count, Stack: (now.Stack - base.Stack) / count}, err
}

// pause waits for a second.
func pause(ctx context.Context) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
}

// peers are sockets with a session each.
type peers []net.Conn

func (p peers) close() {
	for _, c := range p {
		if c != nil {
			_, _ = c.Write(frame.AppendMasked(nil, 8, []byte{3, 232}, [4]byte{1, 2, 3, 4})) // 1000: the session is over
			_ = c.Close()
		}
	}
}

// open opens sessions, sixteen at a time.
func open(addr string, n int, payload []byte, answers int) (peers, error) {
	list := make(peers, n)
	errs := make(chan error, n)
	slots := make(chan struct{}, 16)
	var all sync.WaitGroup
	for i := range list {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			var err error
			if list[i], err = begin(addr, payload, answers); err != nil {
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	return list, <-errs
}

// begin opens a session and has a message answered. A single answer is acknowledged, several are not.
func begin(addr string, payload []byte, answers int) (net.Conn, error) {
	var d net.Dialer
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	_, err = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tandem.v1.json\r\n\r\n", rival.App{}.Path(), addr)
	if err != nil {
		return c, err
	}
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return c, err
	}
	_ = resp.Body.Close() // it is the connection, which this does not touch
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return c, errors.New(resp.Status)
	}
	say := func(text string) error {
		_, err := c.Write(frame.AppendMasked(nil, frame.Text, []byte(text), [4]byte{1, 2, 3, 4}))
		return err
	}
	if err := say(`[7,0,{"v":1}]`); err != nil {
		return c, err
	}
	if err := skip(r, 1); err != nil { // welcome
		return c, err
	}
	if err := say(`[2,0,{"rx":0}]`); err != nil {
		return c, err
	}
	if err := say("[0,1," + string(payload) + "]"); err != nil {
		return c, err
	}
	if err := skip(r, answers); err != nil {
		return c, err
	}
	if answers == 1 {
		err = say(`[2,0,{"rx":1}]`)
	}
	return c, errors.Join(err, c.SetDeadline(time.Time{}))
}

// skip reads so many frames.
func skip(r *bufio.Reader, n int) error {
	for range n {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:2]); err != nil {
			return err
		}
		length := int(head[1])
		if length == 126 {
			if _, err := io.ReadFull(r, head[2:]); err != nil {
				return err
			}
			length = int(head[2])<<8 | int(head[3])
		}
		if _, err := r.Discard(length); err != nil {
			return err
		}
	}
	return nil
}
