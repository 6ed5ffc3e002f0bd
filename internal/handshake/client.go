package handshake

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Dialed is an opened connection.
type Dialed struct {
	Conn        net.Conn
	Buffered    []byte // bytes of the server's that came with the answer
	Subprotocol string
}

// Answer is a server's answer other than 101.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // cut to 64 KiB
}

func (a *Answer) Error() string { return fmt.Sprintf("the server answered %d", a.Status) }

const maxAnswer = 64 << 10

// Dial asks for the upgrade of url, whose scheme may be http, https, ws or wss. The client's proxy, TLS settings,
// cookies and dialer are used; its timeout bounds the handshake only. Redirects are not followed unless the client
// says how: one could lead the request's credentials elsewhere.
func Dial(ctx context.Context, client *http.Client, url string, header http.Header, offers []string) (*Dialed, error) {
	url, err := httpURL(url)
	if err != nil {
		return nil, err
	}
	for _, offer := range offers {
		if !wire.IsToken(offer) {
			return nil, fmt.Errorf("subprotocol %q is not a token", offer)
		}
	}
	c := *client
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Timeout)
		defer cancel()
		c.Timeout = 0
	}
	if c.CheckRedirect == nil {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	var conn net.Conn
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { conn = i.Conn }})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	nonce := make([]byte, 16)
	rand.Read(nonce)
	key := base64.StdEncoding.EncodeToString(nonce)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", version)
	req.Header.Set("Sec-WebSocket-Key", key)
	if len(offers) > 0 {
		req.Header.Set("Sec-WebSocket-Protocol", strings.Join(offers, ", "))
	}

	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		defer resp.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		return nil, &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}
	}
	proto, err := checkAnswer(resp.Header, key, offers)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	d := &Dialed{Subprotocol: proto}
	d.Conn, d.Buffered, err = stream(resp.Body, conn)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return d, nil
}

func httpURL(url string) (string, error) {
	scheme, rest, ok := strings.Cut(url, "://")
	if ok {
		switch strings.ToLower(scheme) {
		case "ws", "http":
			return "http://" + rest, nil
		case "wss", "https":
			return "https://" + rest, nil
		}
	}
	return "", fmt.Errorf("URL %q is not absolute with scheme http, https, ws or wss", url)
}

// checkAnswer judges a 101 (RFC 6455, section 4.1).
func checkAnswer(h http.Header, key string, offers []string) (proto string, err error) {
	switch {
	case !hasToken(h, "Upgrade", "websocket") || !hasToken(h, "Connection", "upgrade"):
		return "", errors.New("the server switched to another protocol than websocket")
	case h.Get("Sec-WebSocket-Accept") != acceptKey(key):
		return "", errors.New("the server did not prove that it read the handshake (Sec-WebSocket-Accept)")
	case len(h["Sec-Websocket-Extensions"]) > 0:
		return "", errors.New("the server uses an extension that was not offered")
	}
	switch lines := h["Sec-Websocket-Protocol"]; {
	case len(lines) > 1:
		return "", errors.New("the server chose several subprotocols")
	case len(lines) == 1:
		proto = strings.TrimSpace(lines[0])
		if !slices.Contains(offers, proto) {
			return "", errors.New("the server chose a subprotocol that was not offered")
		}
	}
	return proto, nil
}

// stream turns the body of a 101 into the connection. The body has neither deadlines nor the bare socket, but the
// transport told us of the connection below it; what the transport has read beyond the answer still stands in the
// body.
func stream(body io.ReadCloser, conn net.Conn) (net.Conn, []byte, error) {
	rwc, ok := body.(io.ReadWriteCloser)
	if !ok {
		return nil, nil, errors.New("the http.Client's transport cannot switch protocols")
	}
	if conn == nil {
		return nil, nil, errors.New("the http.Client's transport does not tell its connection (httptrace GotConn)")
	}
	// A deadline gone by lets the body give what it has without reading on.
	if err := conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return nil, nil, err
	}
	var buffered []byte
	chunk := make([]byte, 4<<10)
	for {
		n, err := rwc.Read(chunk)
		buffered = append(buffered, chunk[:n]...)
		if err != nil || n == 0 {
			break
		}
	}
	return conn, buffered, conn.SetReadDeadline(time.Time{})
}
