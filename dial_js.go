//go:build js

package tandem

import (
	"context"
	"errors"
	"math"
	"strings"
	"syscall/js"

	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/jsws"
	"github.com/tandem-ws/tandem/internal/session"
)

var _ socket = (*jsws.Conn)(nil)

// socketConfig is what the sockets of an endpoint have in common.
type socketConfig = jsws.Config

// clientConfig is what the limits mean to a browser.
func clientConfig(l Limits) *jsws.Config {
	l = l.withDefaults()
	return &jsws.Config{
		MaxMessage:    int64(l.MaxServerMessage),
		MaxSend:       int64(l.MaxClientMessage),
		WriteTimeout:  l.WriteTimeout,
		CloseTimeout:  l.CloseTimeout,
		QueueMessages: l.QueueMessages,
		QueueBytes:    l.QueueBytes,
		Overflow:      jsws.Overflow(l.Overflow),
	}
}

// clientSessionConfig is that for the sockets of sessions: frames are longer than their messages, and the session's window
// bounds the queue.
func clientSessionConfig(l Limits, p *SessionPolicy) *jsws.Config {
	cfg := clientConfig(l)
	cfg.MaxMessage = max(cfg.MaxMessage+session.Overhead, session.MaxControl)
	cfg.MaxSend = 0
	cfg.QueueMessages, cfg.QueueBytes, cfg.Overflow = orDefault(p.Messages, 256)+maxAnswers, math.MaxInt, jsws.Block
	return cfg
}

// Ended tells that a socket has ended. It may be told with the session's lock held.
func (o *socketOwner) Ended(c *jsws.Conn, why error) { go o.ended(c, why) }

// open has the browser do the handshake.
func (d *dialer) open(ctx context.Context, offers []string, cfg *jsws.Config, own *socketOwner) (socket, string, error) {
	if err := d.sendable(); err != nil {
		return nil, "", err
	}
	url, err := pageURL(d.url)
	if err != nil {
		return nil, "", err
	}
	var owner jsws.Owner
	if own != nil {
		owner = own
	}
	c, err := jsws.Dial(ctx, url, offers, cfg, owner)
	if err != nil {
		return nil, "", publicError(err, false)
	}
	return c, c.Subprotocol(), nil
}

// sendable refuses what a browser would not send: left out in silence, it would be missing on the server. A cookie that is
// empty is left to the browser, which sends those that it has.
func (d *dialer) sendable() error {
	if d.o.Transport != nil {
		return errors.New("a browser opens its connections itself: Transport must be nil")
	}
	if len(d.o.Header) > 0 {
		return errors.New("a browser cannot set headers: Header must be empty")
	}
	if len(d.req.Header) > 0 {
		return &ParamError{In: bind.InHeader, Name: d.req.Header[0][0], Reason: "cannot be sent by a browser"}
	}
	for _, c := range d.req.Cookies {
		if c[1] != "" {
			return &ParamError{In: bind.InCookie, Name: c[0], Reason: "is the browser's to send"}
		}
	}
	return nil
}

// pageURL gives the address for a WebSocket. One without a host is at the page's origin.
func pageURL(url string) (string, error) {
	if strings.HasPrefix(url, "/") {
		location := js.Global().Get("location")
		if !location.Truthy() {
			return "", errors.New("the base URL has no host, and there is no page to take it from")
		}
		url = location.Get("origin").String() + url
	}
	scheme, rest, ok := strings.Cut(url, "://")
	switch scheme = strings.ToLower(scheme); {
	case !ok:
	case scheme == "http":
		return "ws://" + rest, nil
	case scheme == "https":
		return "wss://" + rest, nil
	case scheme == "ws", scheme == "wss":
		return url, nil
	}
	return "", errors.New("the base URL must begin with http://, https://, ws:// or wss://")
}
