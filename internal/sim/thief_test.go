package sim_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/tandem-ws/tandem"
)

// secrets are what welcomes in JSON have told the clients: a second tab of one browser has them too.
type secrets struct {
	mu   sync.Mutex
	last string // a hello with the newest
}

var welcomed = regexp.MustCompile(`"sid":"([^"]+)","key":"([^"]+)".*?"epoch":"([^"]+)"`)

// listen reads along what the server says.
type listener struct {
	net.Conn
	s    *secrets
	seen []byte
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if len(l.seen) < 4<<10 {
		l.seen = append(l.seen, p[:n]...)
		if m := welcomed.FindSubmatch(l.seen); m != nil {
			l.s.mu.Lock()
			l.s.last = fmt.Sprintf(`[7,0,{"v":1,"sid":%q,"key":%q,"try":1,"rx":0,"epoch":%q}]`, m[1], m[2], m[3])
			l.s.mu.Unlock()
			l.seen = bytes.Repeat([]byte{0}, 4<<10) // one welcome for each socket
		}
	}
	return n, err
}

// transport is the site's, and tells the world's thief what it hears.
func (w *world) transport() tandem.Transport {
	if w.end.Codec.Name() != "json" {
		return w.site.Transport()
	}
	return tandem.HTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := w.site.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &listener{Conn: c, s: &w.secrets}, nil
		},
		DisableKeepAlives: true,
	}})
}

// steal shows the newest secret on a socket of the thief's own, listens for a while, and leaves.
func (w *world) steal() {
	w.secrets.mu.Lock()
	hello := w.secrets.last
	w.secrets.mu.Unlock()
	if hello == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d := ws.Dialer{NetDial: w.site.DialContext, Protocols: []string{"tandem.v1.json"}}
	c, _, _, err := d.Dial(ctx, "ws://tandem.test/sim")
	if err != nil {
		return
	}
	defer c.Close()
	w.logf("steal %s", hello)
	w.count(&w.thefts, 1)
	if wsutil.WriteClientText(c, []byte(hello)) != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	for range 3 {
		if _, _, err := wsutil.ReadServerData(c); err != nil {
			return
		}
	}
}
