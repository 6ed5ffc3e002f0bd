package tandem_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// F19: the server is the enemy. Whatever it says, the client's program gets an error, soon, and no more memory is
// spent than the limits allow.

// dialed is how a Dial ended.
type dialed struct {
	conn *bytesConn
	err  error
}

// dialHostile has our client dial, and gives the server's end of the connection behind the client's request.
func dialHostile(t *testing.T, l net.Listener, e *bytesEndpoint, o *tandem.DialOptions) (*rawPeer, *http.Request, <-chan dialed) {
	t.Helper()
	result := make(chan dialed, 1)
	base := "ws://" + l.Addr().String()
	if _, inMemory := l.(*mempipe.Listener); inMemory {
		base = "ws://tandem.test"
	}
	go func() {
		c, err := e.Dial(context.Background(), base, struct{}{}, o)
		result <- dialed{c, err}
	}()
	conn, err := l.Accept()
	assert.NoError(t, err)
	p := newPeer(t, conn, true)
	req, err := http.ReadRequest(p.r)
	assert.NoError(t, err)
	return p, req, result
}

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	assert.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

// switching is a good answer to the request, with further lines.
func switching(req *http.Request, lines ...string) string {
	return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " +
		acceptOf(req) + "\r\n" + headerLines(lines)
}

func TestHostile_F19_answers(t *testing.T) {
	l := listenLoopback(t)
	for _, row := range []struct {
		name   string
		answer func(*http.Request) string
		status int // 0 for no HandshakeError
	}{
		{"wrong accept", func(*http.Request) string {
			return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " + sampleAccept + "\r\n\r\n"
		}, 0},
		{"no accept", func(*http.Request) string {
			return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
		}, 0},
		{"key for accept", func(req *http.Request) string {
			return strings.Replace(switching(req), acceptOf(req), req.Header.Get("Sec-WebSocket-Key"), 1)
		}, 0},
		{"lower case accept", func(req *http.Request) string {
			return strings.Replace(switching(req), acceptOf(req), strings.ToLower(acceptOf(req)), 1)
		}, 0},
		{"no Upgrade", func(req *http.Request) string {
			return strings.Replace(switching(req), "Upgrade: websocket\r\n", "", 1)
		}, 0},
		{"other Upgrade", func(req *http.Request) string {
			return strings.Replace(switching(req), "Upgrade: websocket", "Upgrade: h2c", 1)
		}, 0},
		{"no Connection", func(req *http.Request) string {
			return strings.Replace(switching(req), "Connection: Upgrade\r\n", "", 1)
		}, 0},
		{"subprotocol not asked for", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Protocol: other") }, 0},
		{"empty subprotocol", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Protocol:") }, 0},
		{"subprotocol in another case", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Protocol: ASKED") }, 0},
		{"two subprotocols", func(req *http.Request) string {
			return switching(req, "Sec-WebSocket-Protocol: asked", "Sec-WebSocket-Protocol: asked")
		}, 0},
		{"list of subprotocols", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Protocol: asked, asked") }, 0},
		{"extension", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Extensions: permessage-deflate") }, 0},
		{"empty extension", func(req *http.Request) string { return switching(req, "Sec-WebSocket-Extensions:") }, 0},
		{"200", func(*http.Request) string { return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" }, 200},
		{"401", func(*http.Request) string {
			return "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n{\"message\":\"log in\",\"code\":7}"
		}, 401},
		{"JSON that is none", func(*http.Request) string {
			return "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"message\":["
		}, 403},
		{"not HTTP", func(*http.Request) string { return "SSH-2.0-OpenSSH_9.9\r\n\r\n" }, 0},
		{"nothing", func(*http.Request) string { return "" }, 0},
		{"header of 16 MiB", func(req *http.Request) string { return switching(req, "X-Big: "+strings.Repeat("x", 16<<20)) }, 0},
		{"endless 1xx", func(*http.Request) string {
			return strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("y", 1000)+"\r\n\r\n", 20_000)
		}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, req, result := dialHostile(t, l, newBytes(tandem.Limits{}), &tandem.DialOptions{Subprotocols: []string{"asked"}})
			go func() { // the client may hang up before the end
				p.Write([]byte(row.answer(req)))
				p.halfClose()
				io.Copy(io.Discard, p)
			}()
			d := <-result
			if d.err == nil {
				t.Fatal("connected")
			}
			he, ok := errors.AsType[*tandem.HandshakeError](d.err)
			if ok != (row.status != 0) || ok && he.Status != row.status {
				t.Fatalf("got %v, want status %d", d.err, row.status)
			}
			if row.status == 401 {
				assert.Equal(t, he.Message, "log in")
				assert.Equal(t, he.Code, 7)
			}
		})
	}
}

// A subprotocol that was asked for may be chosen.
func TestHostile_F19_chosenSubprotocol(t *testing.T) {
	p, req, result := dialHostile(t, listenLoopback(t), newBytes(tandem.Limits{}), &tandem.DialOptions{Subprotocols: []string{"asked"}})
	p.write([]byte(switching(req, "Sec-WebSocket-Protocol: asked")))
	d := <-result
	assert.NoError(t, d.err)
	assert.Equal(t, d.conn.Subprotocol(), "asked")
	go d.conn.Close(tandem.CodeNormal, "")
	p.expectClose(1000)
}

// A redirect could lead the request's credentials to another host.
func TestHostile_F19_redirect(t *testing.T) {
	elsewhere := listenLoopback(t)
	for _, status := range []string{"301", "302", "303", "307", "308"} {
		p, _, result := dialHostile(t, listenLoopback(t), newBytes(tandem.Limits{}), &tandem.DialOptions{
			Header: map[string][]string{"Authorization": {"secret"}, "Cookie": {"sid=secret"}},
		})
		p.write([]byte("HTTP/1.1 " + status + " Elsewhere\r\nLocation: http://" + elsewhere.Addr().String() + "/bytes\r\nContent-Length: 0\r\n\r\n"))
		d := <-result
		assert.Equal(t, strconv.Itoa(assert.ErrorAs[*tandem.HandshakeError](t, d.err).Status), status)
	}
	elsewhere.(*net.TCPListener).SetDeadline(time.Now())
	if conn, err := elsewhere.Accept(); err == nil {
		conn.Close()
		t.Fatal("the redirect was followed")
	}
}

// A body that never ends is read as far as it can be of use.
func TestHostile_F19_endlessBody(t *testing.T) {
	p, _, result := dialHostile(t, listenLoopback(t), newBytes(tandem.Limits{}), nil)
	written := make(chan int, 1)
	go func() {
		n := 0
		defer func() { written <- n }()
		p.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n"))
		chunk := []byte(strings.Repeat("no ", 20_000))
		for n < 1<<30 {
			k, err := p.Write(chunk)
			n += k
			if err != nil {
				return
			}
		}
	}()
	d := <-result
	he := assert.ErrorAs[*tandem.HandshakeError](t, d.err)
	assert.Equal(t, he.Status, 403)
	if len(he.Message) > 64<<10 {
		t.Errorf("a message of %d bytes", len(he.Message))
	}
	if n := <-written; n > 64<<20 {
		t.Errorf("%d bytes were read", n)
	}
}

// Timeout bounds the handshake, whatever keeps it from ending. ctx does as well.
func TestHostile_F19_slowHandshake(t *testing.T) {
	forEver := func(p *rawPeer, s string) {
		for i := 0; ; i = (i + 1) % len(s) {
			if _, err := p.Write([]byte{s[i]}); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
	for _, row := range []struct {
		name   string
		answer func(p *rawPeer)
	}{
		{"silence", func(*rawPeer) {}},
		{"dribbled header", func(p *rawPeer) { p.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nX: ")); forEver(p, "y") }},
		{"dribbled body", func(p *rawPeer) { p.Write([]byte("HTTP/1.1 403 Forbidden\r\n\r\n")); forEver(p, "no ") }},
		{"1xx for ever", func(p *rawPeer) { forEver(p, "HTTP/1.1 100 Continue\r\n\r\n") }},
	} {
		for _, bound := range []string{"Timeout", "default", "ctx"} {
			t.Run(row.name+", "+bound, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := mempipe.Listen()
					ctx, o, limit := t.Context(), &tandem.DialOptions{Transport: overMemory(l)}, 30*time.Second
					switch bound {
					case "Timeout":
						o.Timeout, limit = 3*time.Second, 3*time.Second
					case "ctx":
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, 4*time.Second)
						defer cancel()
						o.Timeout, limit = -1, 4*time.Second
					}
					result := make(chan error, 1)
					began := time.Now()
					go func() {
						_, err := newBytes(tandem.Limits{}).Dial(ctx, "ws://tandem.test", struct{}{}, o)
						result <- err
					}()
					conn, err := l.Accept()
					assert.NoError(t, err)
					p := newPeer(t, conn, true)
					_, err = http.ReadRequest(p.r)
					assert.NoError(t, err)
					answered := make(chan struct{})
					go func() { row.answer(p); close(answered) }()
					if err := <-result; err == nil {
						t.Error("connected")
					}
					took(t, began, limit, limit)
					p.Conn.Close()
					<-answered
				})
			})
		}
	}
}

// overMemory makes a client that dials in memory.
func overMemory(l *mempipe.Listener) tandem.Transport {
	return tandem.HTTPClient(&http.Client{Transport: &http.Transport{DialContext: l.DialContext, DisableKeepAlives: true}})
}

// Frames: the client's rules are the server's, but for the mask.
func TestHostile_F19_frames(t *testing.T) {
	const limit = 1 << 20
	l := listenLoopback(t)
	huge, negative, odd := uint64(math.MaxInt64), uint64(1<<63), uint64(126)
	over := uint64(limit + 1)
	for _, row := range []struct {
		name   string
		frames []rawFrame
		code   int // what the server is told; 0 for a message that arrives
	}{
		{"limit", []rawFrame{binaryFrame(make([]byte, limit))}, 0},
		{"limit in fragments", fragments(opBinary, 1024, limit/1024), 0},
		{"masked", []rawFrame{{op: opText, badMask: true, payload: []byte("hi")}}, 1002},
		{"masked ping", []rawFrame{{op: opPing, badMask: true}}, 1002},
		{"limit and one", []rawFrame{binaryFrame(make([]byte, limit+1))}, 1009},
		{"limit and one, claimed", []rawFrame{{op: opBinary, claim: &over}}, 1009},
		{"limit and one, in fragments", append(unfinished(fragments(opBinary, 64, limit/64)), rawFrame{op: opCont, payload: []byte("x")}), 1009},
		{"huge claim", []rawFrame{{op: opBinary, claim: &huge}}, 1009},
		{"negative claim", []rawFrame{{op: opBinary, claim: &negative}}, 1002},
		{"claim not in its shortest form", []rawFrame{{op: opBinary, claim: &odd, form: 8}}, 1002},
		{"1,025 fragments", fragments(opText, 1025, 1), 1008},
		{"UTF-8", []rawFrame{textFrame("\xff")}, 1007},
		{"UTF-8 across fragments", []rawFrame{{op: opText, more: true, payload: []byte("\xf0\x9d")}, {op: opCont, payload: []byte("x")}}, 1007},
		{"continuation of nothing", []rawFrame{{op: opCont}}, 1002},
		{"message inside another", []rawFrame{{op: opText, more: true}, {op: opText}}, 1002},
		{"compressed", []rawFrame{{op: opText, rsv: 0x40}}, 1002},
		{"opcode", []rawFrame{{op: 0x3}}, 1002},
		{"long ping", []rawFrame{{op: opPing, payload: make([]byte, 126)}}, 1002},
		{"fragmented ping", []rawFrame{{op: opPing, more: true}}, 1002},
		{"close with 1005", []rawFrame{closeFrame(1005, "")}, 1002},
		{"close with 1006", []rawFrame{closeFrame(1006, "")}, 1002},
		{"close with 1015", []rawFrame{closeFrame(1015, "")}, 1002},
		{"close with 999", []rawFrame{closeFrame(999, "")}, 1002},
		{"close with 5000", []rawFrame{closeFrame(5000, "")}, 1002},
		{"close of one byte", []rawFrame{{op: opClose, payload: []byte{3}}}, 1002},
		{"close reason", []rawFrame{closeFrame(1000, "\xff")}, 1007},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, req, result := dialHostile(t, l, newBytes(tandem.Limits{}), nil)
			go p.Write(append([]byte(switching(req)), p.bytes(row.frames...)...)) // at once, and more than a buffer
			d := <-result
			assert.NoError(t, d.err)
			msg, err := d.conn.Recv(t.Context())
			done := make(chan struct{})
			go func() { d.conn.Close(tandem.CodeNormal, ""); close(done) }()
			if row.code == 0 {
				assert.NoError(t, err)
				assert.Equal(t, len(msg), limit)
				p.expectClose(1000)
			} else {
				ce := assert.ErrorAs[*tandem.CloseError](t, err)
				assert.Equal(t, int(ce.Code), row.code)
				assert.True(t, !errors.Is(err, io.EOF), "a broken rule is no normal end")
				p.expectClose(row.code)
			}
			<-done
		})
	}
}

// A message that is begun and not finished, a flood of pings, silence: all end on the client as they do on the server.
func TestHostile_F19_time(t *testing.T) {
	for _, row := range []struct {
		name        string
		start       []rawFrame
		least, most time.Duration
		lost        bool
	}{
		{"unfinished message", []rawFrame{{op: opText, more: true}}, 30 * time.Second, 30 * time.Second, false},
		{"silence", nil, 32 * time.Second, 36 * time.Second, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := tandem.Limits{}
				if !row.lost {
					limits.PingInterval = -1
				}
				l := mempipe.Listen()
				p, req, result := dialHostile(t, l, newBytes(limits), &tandem.DialOptions{Transport: overMemory(l)})
				p.write([]byte(switching(req)))
				d := <-result
				assert.NoError(t, d.err)
				p.send(row.start...)
				began := time.Now()
				_, err := d.conn.Recv(context.Background())
				took(t, began, row.least, row.most)
				assert.Equal(t, errors.Is(err, tandem.ErrLost), row.lost)
				p.Conn.Close()
				d.conn.Close(tandem.CodeNormal, "")
			})
		})
	}
}
