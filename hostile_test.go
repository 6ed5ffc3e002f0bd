package tandem_test

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests named TestHostile play a peer that knows the protocol well and keeps none of its rules. They speak it byte
// by byte, because no library would let them. Each row of the project's list of attacks has its tests: H for the
// handshake, F for frames.

// Opcodes of RFC 6455, section 5.2.
const (
	opCont   = 0x0
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xA
)

// rawFrame is a frame with everything in it that can be wrong. The zero value of each field but op is right.
type rawFrame struct {
	op      byte
	more    bool // FIN is not set
	rsv     byte // reserved bits, as they stand in the first byte
	badMask bool // masked where it must not be, or the reverse
	payload []byte
	claim   *uint64 // the length in the header; nil is the payload's
	form    int     // bytes of the length behind the second byte: 0 for the shortest, 2, 8
}

func (f rawFrame) appendTo(b []byte, masked bool) []byte {
	first := f.op | f.rsv
	if !f.more {
		first |= 0x80
	}
	masked = masked != f.badMask
	second := byte(0)
	if masked {
		second = 0x80
	}
	n := uint64(len(f.payload))
	if f.claim != nil {
		n = *f.claim
	}
	form := f.form
	if form == 0 && n > 125 {
		form = 2
		if n > 0xffff {
			form = 8
		}
	}
	switch form {
	case 0:
		b = append(b, first, second|byte(n))
	case 2:
		b = binary.BigEndian.AppendUint16(append(b, first, second|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, second|127), n)
	}
	if !masked {
		return append(b, f.payload...)
	}
	var mask [4]byte
	rand.Read(mask[:])
	b = append(b, mask[:]...)
	for i, c := range f.payload {
		b = append(b, c^mask[i&3])
	}
	return b
}

func textFrame(s string) rawFrame       { return rawFrame{op: opText, payload: []byte(s)} }
func binaryFrame(p []byte) rawFrame     { return rawFrame{op: opBinary, payload: p} }
func pingFrame(payload string) rawFrame { return rawFrame{op: opPing, payload: []byte(payload)} }

func closeFrame(code int, reason string) rawFrame {
	return rawFrame{op: opClose, payload: append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)}
}

// rawPeer is one end of a connection in the hands of a test. Its methods fail the test, so they belong to the test's
// goroutine.
type rawPeer struct {
	net.Conn

	t      testing.TB
	r      *bufio.Reader
	server bool // the peer is the server's end: it does not mask
}

// patience is how long a test over real sockets waits for what never comes. It only decides how a hang is reported.
const patience = 2 * time.Minute

func newPeer(t testing.TB, conn net.Conn, server bool) *rawPeer {
	t.Helper()
	if _, ok := conn.(*net.TCPConn); ok {
		conn.SetDeadline(time.Now().Add(patience))
	}
	t.Cleanup(func() { conn.Close() })
	p := rawPeerOn(conn)
	p.t, p.server = t, server
	return p
}

// rawPeerOn is a peer without a test, for other goroutines: only the methods that return errors may be called.
func rawPeerOn(conn net.Conn) *rawPeer { return &rawPeer{Conn: conn, r: bufio.NewReader(conn)} }

const (
	sampleKey    = "dGhlIHNhbXBsZSBub25jZQ==" // RFC 6455, section 1.3
	sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// upgradeRequest is a good request for an upgrade with further lines.
func upgradeRequest(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: tandem.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + sampleKey + "\r\n" + headerLines(lines)
}

// headerLines ends a request.
func headerLines(lines []string) string {
	if len(lines) == 0 {
		return "\r\n"
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// request writes a request and reads the answer with its body.
func (p *rawPeer) request(raw string) *http.Response {
	p.t.Helper()
	p.write([]byte(raw))
	return p.answer(raw[:strings.IndexByte(raw, ' ')])
}

// answer reads the answer to a request with the method.
func (p *rawPeer) answer(method string) *http.Response {
	p.t.Helper()
	resp, err := http.ReadResponse(p.r, &http.Request{Method: method})
	if err != nil {
		p.t.Fatalf("no answer: %v", err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil && !streamEnded(err) { // a server that does not read a request to its end may reset the stream
		p.t.Fatalf("body of the answer: %v", err)
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp
}

// upgrade opens a websocket at path, with further header lines.
func (p *rawPeer) upgrade(path string, lines ...string) *rawPeer {
	p.t.Helper()
	resp := p.request(upgradeRequest(path, lines...))
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Accept") != sampleAccept {
		p.t.Fatalf("upgrade: %s, %v", resp.Status, resp.Header)
	}
	return p
}

func (p *rawPeer) write(b []byte) {
	p.t.Helper()
	if _, err := p.Write(b); err != nil {
		p.t.Fatalf("write %d bytes: %v", len(b), err)
	}
}

// send writes frames in one piece.
func (p *rawPeer) send(frames ...rawFrame) {
	p.t.Helper()
	p.write(p.bytes(frames...))
}

// bytes are the frames on this peer's wire.
func (p *rawPeer) bytes(frames ...rawFrame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.appendTo(b, !p.server)
	}
	return b
}

// receive reads a frame and judges its form.
func (p *rawPeer) receive() (rawFrame, error) {
	var head [2]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return rawFrame{}, err
	}
	f := rawFrame{op: head[0] & 0xf, more: head[0]&0x80 == 0, rsv: head[0] & 0x70}
	if masked := head[1]&0x80 != 0; masked != p.server || f.rsv != 0 {
		return f, fmt.Errorf("frame header % x", head)
	}
	n := uint64(head[1] & 0x7f)
	if n > 125 {
		ext := make([]byte, map[uint64]int{126: 2, 127: 8}[n])
		if _, err := io.ReadFull(p.r, ext); err != nil {
			return f, err
		}
		n = 0
		for _, c := range ext {
			n = n<<8 | uint64(c)
		}
	}
	var mask [4]byte
	if p.server {
		if _, err := io.ReadFull(p.r, mask[:]); err != nil {
			return f, err
		}
	}
	f.payload = make([]byte, n)
	if _, err := io.ReadFull(p.r, f.payload); err != nil {
		return f, err
	}
	for i := range f.payload {
		f.payload[i] ^= mask[i&3]
	}
	return f, nil
}

// expect reads frames up to the next that is no ping, and wants this one.
func (p *rawPeer) expect(op byte, payload string) {
	p.t.Helper()
	f, err := p.skipPings()
	if err != nil || f.op != op || string(f.payload) != payload {
		p.t.Fatalf("got frame %x %s and error %v, want frame %x %s", f.op, excerpt(f.payload), err, op, excerpt([]byte(payload)))
	}
}

func (p *rawPeer) skipPings() (f rawFrame, err error) {
	for {
		if f, err = p.receive(); err != nil || f.op != opPing {
			return f, err
		}
	}
}

// expectClose wants a Close frame with the code, answers it, wants the end of the stream behind it, and gives the
// reason. Pings and pongs before it are skipped.
func (p *rawPeer) expectClose(code int) (reason string) {
	p.t.Helper()
	reason = p.expectCloseFrame(code)
	p.Write(p.bytes(closeFrame(code, ""))) // lost when the other end has hung up
	p.halfClose()
	p.expectEnd()
	return reason
}

// expectCloseFrame is expectClose without what follows.
func (p *rawPeer) expectCloseFrame(code int) (reason string) {
	p.t.Helper()
	for {
		f, err := p.receive()
		switch {
		case err != nil:
			p.t.Fatalf("got %v, want a Close frame with %d", err, code)
		case f.op == opPing || f.op == opPong:
			continue
		case f.op != opClose:
			p.t.Fatalf("got frame %x %s, want a Close frame with %d", f.op, excerpt(f.payload), code)
		case len(f.payload) == 1 || len(f.payload) > 125:
			p.t.Fatalf("got a Close frame of %d bytes", len(f.payload))
		case len(f.payload) == 0:
			if code != 1005 {
				p.t.Fatalf("got a Close frame without a code, want %d", code)
			}
			return ""
		}
		if got := int(binary.BigEndian.Uint16(f.payload)); got != code {
			p.t.Fatalf("closed with %d %q, want %d", got, f.payload[2:], code)
		}
		return string(f.payload[2:])
	}
}

// expectEnd wants the end of the stream, with nothing before it. A reset is an end too: a system sends one when a
// program hangs up on bytes it has not read.
func (p *rawPeer) expectEnd() {
	p.t.Helper()
	f, err := p.receive()
	if err == nil {
		p.t.Fatalf("got frame %x %s, want the end", f.op, excerpt(f.payload))
	}
	if !streamEnded(err) {
		p.t.Fatalf("got %v, want the end", err)
	}
}

func streamEnded(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// halfClose ends this peer's direction.
func (p *rawPeer) halfClose() { p.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// hangUp closes in an orderly way, whoever begins.
func (p *rawPeer) hangUp() {
	p.t.Helper()
	p.send(closeFrame(1000, ""))
	p.expectCloseFrame(1000)
}

// excerpt shows the start of a payload.
func excerpt(b []byte) string {
	if len(b) > 64 {
		return fmt.Sprintf("%q... (%d bytes)", b[:64], len(b))
	}
	return fmt.Sprintf("%q", b)
}
