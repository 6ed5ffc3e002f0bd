package handshake_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/handshake"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// FuzzServer puts arbitrary text into each header that the handshake looks at. What gets through must be what RFC 6455
// says, and the answer must hold nothing that the client wrote.
func FuzzServer(f *testing.F) {
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	f.Add("GET", "app.example", "https://app.example", "same-origin", "Upgrade", "websocket", "13", key, "json, cbor", "permessage-deflate; client_max_window_bits")
	f.Add("GET", "app.example:8080", "http://app.example:8080", "", "keep-alive, Upgrade", "WebSocket", "13", key, "", "")
	f.Add("GET", "[::1]:80", "http://[::1]", "cross-site", "upgrade", "h2c,websocket", "13", key, "a,b\nc", "x;y=\"z\"")
	f.Add("POST", "", "null", "none", "close", "h2c\nwebsocket", "13\n13", key+"\n"+key, strings.Repeat("a,", 20), strings.Repeat(" ", 2000))
	f.Add("GET", "app.example", "https://app.example\nhttps://evil.example", "", "Upgrade", "websocket", "8", "short", ",", ",")
	f.Add("GET", "app.example", "https://partner.example", "cross-site", "Upgrade", "websocket", "13", key, "b"+strings.Repeat(" ", 500)+"x", "")
	f.Add("GET", "xn--gre-6ka8i.test", "https://gr\u00f6\u00dfe.test", "", "Upgrade", "web\u017focket", "13", key, "", "")
	f.Fuzz(func(t *testing.T, method, host, origin, site, connection, upgrade, version, key, protocols, extensions string) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: "/"}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: host,
			Header: http.Header{}, Body: http.NoBody,
		}
		for name, value := range map[string]string{
			"Origin": origin, "Sec-Fetch-Site": site, "Connection": connection, "Upgrade": upgrade, "Sec-Websocket-Version": version,
			"Sec-Websocket-Key": key, "Sec-Websocket-Protocol": protocols, "Sec-Websocket-Extensions": extensions,
		} {
			if strings.ContainsAny(value, "\r\x00") {
				return // net/http refuses such a request
			}
			if value != "" {
				r.Header[name] = strings.Split(value, "\n") // several lines
			}
		}
		allowed := []string{"https://partner.example", "http://127.0.0.1:5173"}
		if err := handshake.CheckOrigin(r, allowed); err == nil && origin != "" {
			checkLetIn(t, r, origin, allowed)
		} else if err != nil {
			checkRefusal(t, err)
		}
		offers, err := handshake.Check(r)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		checkGranted(t, r, offers)
		checkAnswer(t, r)
	})
}

// checkRefusal wants an HTTP error.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*handshake.Refusal](err)
	if !ok || refusal.Status < 400 || refusal.Status > 499 && refusal.Status != http.StatusHTTPVersionNotSupported || refusal.Message == "" {
		t.Fatalf("refused with %#v", err)
	}
}

// checkLetIn wants the origin to be that of the host or of the list, by a rule that is simpler than the one under
// test: take away what may differ, and compare the text.
func checkLetIn(t *testing.T, r *http.Request, origin string, allowed []string) {
	t.Helper()
	plain := func(s string) string {
		s = strings.ToLower(s)
		s = strings.TrimSuffix(s, ":")
		if strings.HasPrefix(s, "https://") {
			return strings.TrimSuffix(s, ":443")
		}
		return strings.TrimSuffix(s, ":80")
	}
	for i := range len(origin) {
		if origin[i] <= ' ' || origin[i] >= 0x7f || strings.IndexByte(`"\^{}|<>*`+"`", origin[i]) >= 0 {
			t.Fatalf("origin %q was let in", origin)
		}
	}
	o := plain(origin)
	scheme, _, _ := strings.Cut(o, "://")
	if scheme != "http" && scheme != "https" || o != plain(scheme+"://"+r.Host) && !slices.Contains(allowed, o) {
		t.Fatalf("origin %q was let in at host %q", origin, r.Host)
	}
}

// checkGranted wants a request that is one for an upgrade.
func checkGranted(t *testing.T, r *http.Request, offers []string) {
	t.Helper()
	nonce, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.Join(r.Header["Sec-Websocket-Key"], "\n")))
	switch {
	case r.Method != http.MethodGet:
		t.Fatalf("method %q was granted", r.Method)
	case err != nil || len(nonce) != 16:
		t.Fatalf("key %q was granted", r.Header["Sec-Websocket-Key"])
	case strings.TrimSpace(strings.Join(r.Header["Sec-Websocket-Version"], "\n")) != "13":
		t.Fatalf("version %q was granted", r.Header["Sec-Websocket-Version"])
	case !strings.Contains(strings.ToLower(strings.Join(r.Header["Upgrade"], ",")), "websocket"):
		t.Fatalf("upgrade to %q was granted", r.Header["Upgrade"])
	case !strings.Contains(strings.ToLower(strings.Join(r.Header["Connection"], ",")), "upgrade"):
		t.Fatalf("connection %q was granted", r.Header["Connection"])
	case len(offers) > 16, len(strings.Join(offers, "")) > 1024:
		t.Fatalf("%d offers were granted", len(offers))
	}
	for i, offer := range offers {
		if !wire.IsToken(offer) || slices.Contains(offers[:i], offer) {
			t.Fatalf("offers %q", offers)
		}
	}
}

// checkAnswer wants the answer to be HTTP, to say nothing but what it must, and to leave the connection usable.
func checkAnswer(t *testing.T, r *http.Request) {
	t.Helper()
	client, server := mempipe.Pair(nil)
	defer client.Close()
	w := &hijackable{conn: server, header: http.Header{"X-Hook": {"kept"}, "Content-Length": {"5"}, "Sec-Websocket-Extensions": {"x"}}}
	conn, buffered, err := handshake.Accept(w, r, "chosen")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if len(buffered) > 0 {
		t.Fatalf("%q came from nowhere", buffered)
	}
	if _, err := conn.Write([]byte("then frames")); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(client)
	resp, err := http.ReadResponse(br, r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols || len(resp.Header) != 5 {
		t.Fatalf("answered %s, %q", resp.Status, resp.Header)
	}
	for name, want := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Protocol": "chosen", "X-Hook": "kept"} {
		if got := resp.Header[name]; len(got) != 1 || got[0] != want {
			t.Fatalf("%s: %q", name, got)
		}
	}
	if rest, _ := br.Peek(11); string(rest) != "then frames" {
		t.Fatalf("behind the answer: %q", rest)
	}
}

// hijackable is a ResponseWriter over a connection.
type hijackable struct {
	conn   net.Conn
	header http.Header
}

func (w *hijackable) Header() http.Header         { return w.header }
func (w *hijackable) WriteHeader(int)             {}
func (w *hijackable) Write(b []byte) (int, error) { return len(b), nil }

func (w *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}
