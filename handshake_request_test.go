package tandem_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// H4: a request that comes a byte at a time holds a connection and a goroutine. Five seconds of that are enough.
func TestHostile_H4_dribbledHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, newBytes(tandem.Limits{}), echoBytes, nil)
		p := s.connect(t)
		began := time.Now()
		for _, b := range []byte(upgradeRequest(s.path, "X-Slow: "+strings.Repeat("z", 500))) {
			if _, err := p.Write([]byte{b}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		took(t, began, 5*time.Second, 7*time.Second)
		if b, _ := io.ReadAll(p.r); strings.Contains(string(b), " 101 ") {
			t.Fatalf("upgraded: %q", b)
		}
	})
}

// H4, from the other end of the scale: in time is in time.
func TestHostile_H4_slowButInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, newBytes(tandem.Limits{}), echoBytes, nil)
		p := s.connect(t)
		request := upgradeRequest(s.path)
		p.write([]byte(request[:100]))
		time.Sleep(4900 * time.Millisecond)
		p.write([]byte(request[100:]))
		assert.Equal(t, p.answer(http.MethodGet).StatusCode, http.StatusSwitchingProtocols)
	})
}

// H5: the header may be long or have many lines, and must not cost more than its size.
func TestHostile_H5_hugeHeader(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for _, row := range []struct {
		name   string
		lines  []string
		status int
	}{
		{"15 KiB in one line", []string{"X-Big: " + strings.Repeat("x", 15<<10)}, 101},
		{"24 KiB in one line", []string{"X-Big: " + strings.Repeat("x", 24<<10)}, 431},
		{"2 MiB in one line", []string{"X-Big: " + strings.Repeat("x", 2<<20)}, 431},
		{"2,000 short lines", strings.Split(strings.TrimSuffix(strings.Repeat("a: b\n", 2000), "\n"), "\n"), 101},
		{"2,000 lines", strings.Split(strings.TrimSuffix(strings.Repeat("X-Header-Name: value\n", 2000), "\n"), "\n"), 431},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.connect(t)
			go p.Write([]byte(upgradeRequest(s.path, row.lines...))) // the answer comes before the end of the request
			if got := p.answer(http.MethodGet).StatusCode; got != row.status {
				t.Fatalf("%d, want %d", got, row.status)
			}
		})
	}
}

// offerList is a list of n different subprotocols.
func offerList(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = "p" + strconv.Itoa(i)
	}
	return strings.Join(names, ", ")
}

// H6: lists whose reading costs more than their length, and lists that are none.
func TestHostile_H6_offers(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{Subprotocols: []string{"wanted"}})
	const (
		proto = "Sec-WebSocket-Protocol: "
		ext   = "Sec-WebSocket-Extensions: "
	)
	long := func(n int) string { return strings.Repeat("b", n) }
	for _, row := range []struct {
		name   string
		lines  []string
		status int
		chosen string
	}{
		{"none", nil, 101, ""},
		{"unknown", []string{proto + "other"}, 101, ""},
		{"known", []string{proto + "other, wanted"}, 101, "wanted"},
		{"known, in a second line", []string{proto + "other", proto + "wanted"}, 101, "wanted"},
		{"other case", []string{proto + "WANTED"}, 101, ""},
		{"tabs", []string{proto + "other,\twanted\t"}, 101, "wanted"},
		{"repeated", []string{proto + strings.TrimSuffix(strings.Repeat("wanted, ", 100), ", ")}, 101, "wanted"},
		{"16 offers", []string{proto + offerList(16)}, 101, ""},
		{"17 offers", []string{proto + offerList(17)}, 400, ""},
		{"17 offers in 17 lines", strings.Split(proto+strings.ReplaceAll(offerList(17), ", ", "\n"+proto), "\n"), 400, ""},
		{"1 KiB", []string{proto + long(1024)}, 101, ""},
		{"1 KiB and 1 byte", []string{proto + long(1025)}, 400, ""},
		{"1 KiB and 1 byte in two lines", []string{proto + long(1000), proto + long(25)}, 400, ""},
		{"10,000 spaces", []string{proto + "b" + strings.Repeat(" ", 10_000) + "x"}, 400, ""},
		{"32,000 spaces", []string{proto + "b" + strings.Repeat(" ", 32_000) + "x"}, 431, ""},
		{"10,000 offers", []string{proto + offerList(10_000)}, 431, ""},
		{"4,000 empty offers", []string{proto + strings.Repeat(",", 4_000)}, 400, ""},
		{"empty", []string{proto}, 400, ""},
		{"empty offer", []string{proto + "a,,b"}, 400, ""},
		{"blank inside", []string{proto + "a b"}, 400, ""},
		{"quoted", []string{proto + `"wanted"`}, 400, ""},
		{"parameter", []string{proto + "wanted;q=1"}, 400, ""},
		{"not ASCII", []string{proto + "größe"}, 400, ""},
		{"path", []string{proto + "a/b"}, 400, ""},

		{"deflate", []string{ext + "permessage-deflate; client_max_window_bits"}, 101, ""},
		{"unknown extension", []string{ext + "x-unknown; a=1; b=\"2\", x-other"}, 101, ""},
		{"repeated parameters", []string{ext + "permessage-deflate" + strings.Repeat("; server_max_window_bits=99", 30)}, 101, ""},
		{"extensions of 1 KiB", []string{ext + long(1024)}, 101, ""},
		{"extensions of 1 KiB and 1 byte", []string{ext + long(1025)}, 400, ""},
		{"extension and 10,000 spaces", []string{ext + "b" + strings.Repeat(" ", 10_000) + "x"}, 400, ""},
		{"10,000 parameters", []string{ext + "b" + strings.Repeat(";a", 5_000)}, 400, ""},
		{"empty extension", []string{ext + "a,,b"}, 400, ""},
		{"no name", []string{ext + "; a=1"}, 400, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.connect(t)
			resp := p.request(upgradeRequest(s.path, row.lines...))
			if resp.StatusCode != row.status {
				t.Fatalf("%d, want %d", resp.StatusCode, row.status)
			}
			if got := resp.Header["Sec-Websocket-Extensions"]; got != nil {
				t.Errorf("extension %q was accepted", got)
			}
			got := resp.Header["Sec-Websocket-Protocol"]
			if row.chosen == "" && got != nil || row.chosen != "" && (len(got) != 1 || got[0] != row.chosen) {
				t.Errorf("subprotocol %q, want %q", got, row.chosen)
			}
		})
	}
}

// H7: requests that are nearly one for an upgrade. {} stands for what a row is about.
func TestHostile_H7_malformedUpgrade(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	const (
		host    = "Host: tandem.test"
		conn    = "Connection: Upgrade"
		upgrade = "Upgrade: websocket"
		version = "Sec-WebSocket-Version: 13"
		key     = "Sec-WebSocket-Key: " + sampleKey
	)
	for _, row := range []struct {
		name   string
		lines  []string // the first is method and protocol
		status int
		header map[string]string
	}{
		{"good", []string{"GET HTTP/1.1", host, conn, upgrade, version, key}, 101, map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}},
		{"list of a browser", []string{"GET HTTP/1.1", host, "Connection: keep-alive, Upgrade", upgrade, version, key}, 101, nil},
		{"lines of a list", []string{"GET HTTP/1.1", host, "Connection: keep-alive", conn, upgrade, version, key}, 101, nil},
		{"lower case", []string{"GET HTTP/1.1", "host: tandem.test", "connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: " + sampleKey}, 101, nil},
		{"upper case", []string{"GET HTTP/1.1", host, "CONNECTION: UPGRADE", "UPGRADE: WEBSOCKET", version, key}, 101, nil},
		{"several protocols", []string{"GET HTTP/1.1", host, conn, "Upgrade: h2c, websocket", version, key}, 101, nil},

		{"POST", []string{"POST HTTP/1.1", host, conn, upgrade, version, key, "Content-Length: 0"}, 405, map[string]string{"Allow": "GET"}},
		{"HEAD", []string{"HEAD HTTP/1.1", host, conn, upgrade, version, key}, 405, map[string]string{"Allow": "GET"}},
		{"PUT", []string{"PUT HTTP/1.1", host, conn, upgrade, version, key, "Content-Length: 0"}, 405, map[string]string{"Allow": "GET"}},
		{"OPTIONS", []string{"OPTIONS HTTP/1.1", host, conn, upgrade, version, key}, 405, map[string]string{"Allow": "GET"}},
		{"unknown method", []string{"get HTTP/1.1", host, conn, upgrade, version, key}, 405, map[string]string{"Allow": "GET"}},

		{"plain GET", []string{"GET HTTP/1.1", host}, 426, map[string]string{"Upgrade": "websocket"}},
		{"no Upgrade", []string{"GET HTTP/1.1", host, conn, version, key}, 426, map[string]string{"Upgrade": "websocket"}},
		{"no Connection", []string{"GET HTTP/1.1", host, upgrade, version, key}, 426, map[string]string{"Upgrade": "websocket"}},
		{"other Upgrade", []string{"GET HTTP/1.1", host, conn, "Upgrade: h2c", version, key}, 426, nil},
		{"other Connection", []string{"GET HTTP/1.1", host, "Connection: keep-alive", upgrade, version, key}, 426, nil},
		{"part of a token", []string{"GET HTTP/1.1", host, "Connection: upgraded", "Upgrade: websockets", version, key}, 426, nil},
		{"version in Upgrade", []string{"GET HTTP/1.1", host, conn, "Upgrade: websocket/13", version, key}, 426, nil},
		{"letter that folds to s", []string{"GET HTTP/1.1", host, conn, "Upgrade: web\u017Focket", version, key}, 426, nil},
		{"letter that folds to k", []string{"GET HTTP/1.1", host, conn, "Upgrade: webSoc\u212Aet", version, key}, 426, nil},

		{"HTTP/1.0", []string{"GET HTTP/1.0", host, conn, upgrade, version, key}, 426, nil},
		{"no Host", []string{"GET HTTP/1.1", conn, upgrade, version, key}, 400, nil},
		{"two Hosts", []string{"GET HTTP/1.1", host, host, conn, upgrade, version, key}, 400, nil},

		{"version 8", []string{"GET HTTP/1.1", host, conn, upgrade, "Sec-WebSocket-Version: 8", key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"version 14", []string{"GET HTTP/1.1", host, conn, upgrade, "Sec-WebSocket-Version: 14", key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"version 013", []string{"GET HTTP/1.1", host, conn, upgrade, "Sec-WebSocket-Version: 013", key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"versions 13, 8", []string{"GET HTTP/1.1", host, conn, upgrade, "Sec-WebSocket-Version: 13, 8", key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"version twice", []string{"GET HTTP/1.1", host, conn, upgrade, version, version, key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"no version", []string{"GET HTTP/1.1", host, conn, upgrade, key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},
		{"empty version", []string{"GET HTTP/1.1", host, conn, upgrade, "Sec-WebSocket-Version:", key}, 426, map[string]string{"Sec-Websocket-Version": "13"}},

		{"no key", []string{"GET HTTP/1.1", host, conn, upgrade, version}, 400, nil},
		{"empty key", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key:"}, 400, nil},
		{"key of 15 bytes", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"}, 400, nil},
		{"key of 17 bytes", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="}, 400, nil},
		{"key without padding", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA"}, 400, nil},
		{"key not base64", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=="}, 400, nil},
		{"key of URL base64", []string{"GET HTTP/1.1", host, conn, upgrade, version, "Sec-WebSocket-Key: ____________________-w=="}, 400, nil},
		{"key twice", []string{"GET HTTP/1.1", host, conn, upgrade, version, key, key}, 400, nil},
		{"two keys in one", []string{"GET HTTP/1.1", host, conn, upgrade, version, key + ", " + sampleKey}, 400, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			method, proto, _ := strings.Cut(row.lines[0], " ")
			p := s.connect(t)
			resp := p.request(method + " " + s.path + " " + proto + "\r\n" + headerLines(row.lines[1:]))
			if resp.StatusCode != row.status {
				t.Fatalf("%d, want %d", resp.StatusCode, row.status)
			}
			for name, want := range row.header {
				if got := resp.Header[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if row.status == http.StatusSwitchingProtocols || resp.Header.Get("Content-Type") != "application/json" || method == http.MethodHead {
				return // net/http refuses a request without a good Host by itself
			}
			var body struct {
				Message string
				Code    int
			}
			assert.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
			if body.Message == "" || body.Code != row.status {
				t.Errorf("body %+v", body)
			}
		})
	}
}
