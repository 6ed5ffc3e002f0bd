package tandem_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// H8: nothing the client said stands in the header of the answer.
func TestHostile_H8_nothingReflected(t *testing.T) {
	type room struct{ Room string }
	e := &tandem.Endpoint[room, string, string]{Path: "/rooms/{room}", Codec: json.Codec}
	s := onLoopback(t, e, func(ctx context.Context, _ room, c *tandem.Conn[string, string]) error {
		_, err := c.Recv(ctx)
		return err
	}, nil)
	const canary = "canary"
	p := s.connect(t)
	resp := p.request(upgradeRequest("/rooms/"+canary+"%0d%0aX-Evil:1?"+canary+"=1",
		"Sec-WebSocket-Protocol: "+canary, "Sec-WebSocket-Extensions: "+canary, "X-Canary: "+canary, "Cookie: "+canary+"="+canary))
	assert.Equal(t, resp.StatusCode, http.StatusSwitchingProtocols)
	for name, values := range resp.Header {
		if strings.Contains(strings.ToLower(name+strings.Join(values, "")), canary) || name == "X-Evil" {
			t.Errorf("answer says %s: %q", name, values)
		}
	}
}

// H8: an application that puts a stranger's text into a header cannot be made to write two.
func TestHostile_H8_lineBreakInHook(t *testing.T) {
	reflect := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Room", r.URL.Query().Get("v"))
			w.Header()["X-Bad\r\nX-Evil"] = []string{"1"}
			next.ServeHTTP(w, r)
		})
	}
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{
		Use: []func(http.Handler) http.Handler{reflect},
		Authorize: func(r *http.Request) (context.Context, error) {
			if r.URL.Query().Has("refuse") {
				return nil, &tandem.HandshakeError{Status: 403, Message: "no\r\nX-Evil: 1", Header: map[string][]string{"X-Why": {r.URL.Query().Get("v")}}}
			}
			return nil, nil
		},
	})
	for query, status := range map[string]int{"": 101, "&refuse": 403} {
		p := s.connect(t)
		resp := p.request(upgradeRequest(s.path + "?v=a%0d%0aX-Evil:1%0d%0a%0d%0aHTTP/1.1%20200%20OK" + query))
		assert.Equal(t, resp.StatusCode, status)
		if evil := resp.Header["X-Evil"]; evil != nil {
			t.Errorf("%d: a header was split: %q", status, resp.Header)
		}
		if room := resp.Header.Get("X-Room"); status == 101 && !strings.HasPrefix(room, "a") {
			t.Errorf("%d: the hook's header is %q", status, room)
		}
		if status == 101 {
			p.send(textFrame("still in step"))
			p.expect(opBinary, "still in step")
		}
	}
}

// H9: a client that does not wait for the 101 is served, frame by frame.
func TestHostile_H9_pipelinedFrames(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for _, n := range []int{0, 1, 125, 126, 3000, 20_000, 65_536} {
		p := s.connect(t)
		want := strings.Repeat("x", n)
		go p.Write(append([]byte(upgradeRequest(s.path)), p.bytes(textFrame(want), textFrame("second"))...))
		assert.Equal(t, p.answer(http.MethodGet).StatusCode, http.StatusSwitchingProtocols)
		p.expect(opBinary, want)
		p.expect(opBinary, "second")
		p.hangUp()
	}
}

// H9: a request behind an upgrade is a broken frame, not a request.
func TestHostile_H9_requestBehindUpgrade(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.connect(t)
	p.write([]byte(upgradeRequest(s.path) + "GET /admin HTTP/1.1\r\nHost: tandem.test\r\n\r\n"))
	assert.Equal(t, p.answer(http.MethodGet).StatusCode, http.StatusSwitchingProtocols)
	p.expectClose(1002)
}

// H9: a proxy that does not look at the answer takes every upgrade for granted and forwards what follows blindly. A
// request behind one that was refused must not be answered: it has passed the proxy's rules unseen.
func TestHostile_H9_requestBehindRefusal(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	const second = "GET /admin HTTP/1.1\r\nHost: tandem.test\r\n\r\n"
	for name, request := range map[string]string{
		"version": strings.Replace(upgradeRequest(s.path), "Version: 13", "Version: 12", 1),
		"key":     strings.Replace(upgradeRequest(s.path), sampleKey, "short", 1),
		"origin":  upgradeRequest(s.path, "Origin: https://evil.example"),
	} {
		p := s.connect(t)
		p.write([]byte(request + second))
		if status := p.answer(http.MethodGet).StatusCode; status < 400 {
			t.Fatalf("%s: %d", name, status)
		}
		if rest, _ := io.ReadAll(io.LimitReader(untilEnd{p}, 64<<10)); len(rest) > 0 {
			t.Errorf("%s: the second request was answered: %s", name, excerpt(rest))
		}
	}
}

// untilEnd hangs up its own direction before the first read, so that the end comes from the other.
type untilEnd struct{ p *rawPeer }

func (u untilEnd) Read(b []byte) (int, error) {
	u.p.halfClose()
	return u.p.r.Read(b)
}

// H9: the body of an upgrade request is a body. Taken for frames, it would be messages that no proxy has seen as such.
func TestHostile_H9_body(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	smuggled := string((&rawPeer{}).bytes(textFrame("smuggled")))
	for name, request := range map[string]string{
		"length":  upgradeRequest(s.path, "Content-Length: "+strconv.Itoa(len(smuggled))) + smuggled,
		"chunked": upgradeRequest(s.path, "Transfer-Encoding: chunked") + strconv.FormatInt(int64(len(smuggled)), 16) + "\r\n" + smuggled + "\r\n0\r\n\r\n",
	} {
		p := s.connect(t)
		if status := p.request(request).StatusCode; status == http.StatusSwitchingProtocols {
			p.send(textFrame("own"))
			if f, err := p.receive(); err != nil || string(f.payload) != "own" {
				t.Errorf("%s: upgraded, and got %q (%v) for the first message", name, f.payload, err)
			}
		} else if status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
}
