package tandem_test

import (
	"net/http"
	"testing"

	"github.com/tandem-ws/tandem"
)

// H1: another site's page opens our socket with our user's cookies.
func TestHostile_H1_origin(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{
		Origins: []string{"https://partner.example", "http://dev.example:5173", "https://[2001:db8::7]:8443", "https://xn--gre-6ka8i.example"},
	})
	for _, row := range []struct {
		host   string
		origin []string
		ok     bool
	}{
		// What is not there.
		{"app.example", nil, true},
		{"app.example", []string{""}, false},
		{"app.example", []string{"null"}, false},
		{"app.example", []string{"NULL"}, false},

		// The same host and port.
		{"app.example", []string{"https://app.example"}, true},
		{"app.example", []string{"http://app.example"}, true},
		{"app.example", []string{"HTTPS://APP.EXAMPLE"}, true},
		{"APP.example", []string{"https://app.EXAMPLE"}, true},
		{"app.example:8080", []string{"http://app.example:8080"}, true},
		{"app.example:443", []string{"https://app.example"}, true},
		{"app.example:80", []string{"http://app.example"}, true},
		{"app.example", []string{"https://app.example:443"}, true},
		{"app.example", []string{"http://app.example:80"}, true},

		// Another port is another site.
		{"app.example:8080", []string{"http://app.example:8081"}, false},
		{"app.example:8080", []string{"http://app.example"}, false},
		{"app.example", []string{"https://app.example:8443"}, false},
		{"app.example", []string{"https://app.example:80"}, false},
		{"app.example", []string{"http://app.example:443"}, false},
		{"app.example:443", []string{"http://app.example"}, false},
		{"app.example:80", []string{"https://app.example"}, false},

		// Hosts that look alike.
		{"app.example", []string{"https://app.example.evil"}, false},
		{"app.example", []string{"https://evilapp.example"}, false},
		{"app.example", []string{"https://evil.app.example"}, false},
		{"app.example", []string{"https://example"}, false},
		{"app.example", []string{"https://app.example."}, false},
		{"app.example", []string{"https://app-example"}, false},
		{"app.example", []string{"https://app.examp1e"}, false},
		{"app.example", []string{"https://*.example"}, false},
		{"app.example", []string{"https://*"}, false},
		{"app.example", []string{"*"}, false},
		{"app.example", []string{"app.example"}, false},
		{"app.example", []string{"//app.example"}, false},
		{"app.example", []string{"https:app.example"}, false},
		{"app.example", []string{"https:/app.example"}, false},
		{"app.example", []string{"https:///app.example"}, false},
		{"app.example", []string{"https://app%2eexample"}, false},
		{"app.example", []string{"https://app.example\\.evil"}, false},
		{"app.example", []string{"https://evil#app.example"}, false},
		{"app.example", []string{"https://evil\\@app.example"}, false},

		// More than an origin.
		{"app.example", []string{"https://app.example/"}, false},
		{"app.example", []string{"https://app.example/path"}, false},
		{"app.example", []string{"https://app.example?"}, false},
		{"app.example", []string{"https://app.example?q"}, false},
		{"app.example", []string{"https://app.example#"}, false},
		{"app.example", []string{"https://user@app.example"}, false},
		{"app.example", []string{"https://user:pw@app.example"}, false},
		{"app.example", []string{"https://evil@app.example"}, false},
		{"app.example", []string{"https://app.example@evil"}, false},
		{"app.example", []string{"https://app.example https://evil.example"}, false},
		{"app.example", []string{"https://app.example, https://evil.example"}, false},
		{"app.example", []string{"https://app.example", "https://evil.example"}, false},
		{"app.example", []string{"https://evil.example", "https://app.example"}, false},
		{"app.example", []string{"https://app.example", "https://app.example"}, false},
		{"app.example", []string{"", "https://app.example"}, false},

		// Schemes that are no page's.
		{"app.example", []string{"ftp://app.example"}, false},
		{"app.example", []string{"file://app.example"}, false},
		{"app.example", []string{"javascript://app.example"}, false},

		{"app.example:8080", []string{"ftp://app.example:8080"}, false},
		{"app.example:443", []string{"evil://app.example:443"}, false},

		// Addresses.
		{"127.0.0.1:8080", []string{"http://127.0.0.1:8080"}, true},
		{"127.0.0.1:8080", []string{"http://localhost:8080"}, false},
		{"127.0.0.1:8080", []string{"http://2130706433:8080"}, false},
		{"127.0.0.1:8080", []string{"http://127.1:8080"}, false},
		{"[::1]:8080", []string{"http://[::1]:8080"}, true},
		{"[::1]", []string{"https://[::1]"}, true},
		{"[::1]:8080", []string{"http://[::1]:8081"}, false},
		{"[::1]:8080", []string{"http://[::2]:8080"}, false},
		{"[::1]:8080", []string{"http://::1:8080"}, false},
		{"[2001:db8::a]:8080", []string{"http://[2001:DB8::A]:8080"}, true},

		// International names travel as punycode. Letters that fold to ASCII ones are not these.
		{"xn--gre-6ka8i.test", []string{"https://xn--gre-6ka8i.test"}, true},
		{"xn--gre-6ka8i.test", []string{"https://größe.test"}, false},
		{"kiosk.example", []string{"https://\u212Aiosk.example"}, false},
		{"site.example", []string{"https://\u017Fite.example"}, false},

		// The list is exact.
		{"app.example", []string{"https://partner.example"}, true},
		{"app.example", []string{"https://PARTNER.example"}, true},
		{"app.example", []string{"https://partner.example:443"}, true},
		{"app.example", []string{"http://partner.example"}, false},
		{"app.example", []string{"http://partner.example:443"}, false},
		{"app.example", []string{"https://partner.example:8443"}, false},
		{"app.example", []string{"https://sub.partner.example"}, false},
		{"app.example", []string{"https://partner.example.evil"}, false},
		{"app.example", []string{"https://evilpartner.example"}, false},
		{"app.example", []string{"http://dev.example:5173"}, true},
		{"app.example", []string{"http://dev.example"}, false},
		{"app.example", []string{"http://dev.example:5174"}, false},
		{"app.example", []string{"https://[2001:db8::7]:8443"}, true},
		{"app.example", []string{"https://[2001:db8::7]"}, false},
		{"app.example", []string{"https://xn--gre-6ka8i.example"}, true},
		{"app.example", []string{"https://xn--gre-6ka8j.example"}, false},

		// Hosts that are none.
		{"", []string{"https://app.example"}, false},
		{"", []string{"https://"}, false},
		{"app.example:", []string{"https://app.example"}, true},
	} {
		lines := make([]string, len(row.origin))
		for i, o := range row.origin {
			lines[i] = "Origin: " + o
		}
		if got := statusFor(t, s, row.host, lines...); (got == http.StatusSwitchingProtocols) != row.ok {
			t.Errorf("host %q, origin %q: %d", row.host, row.origin, got)
		} else if !row.ok && got != http.StatusForbidden {
			t.Errorf("host %q, origin %q: %d, want 403", row.host, row.origin, got)
		}
	}
}

// statusFor asks for an upgrade below a host and gives the status.
func statusFor(t *testing.T, s *site, host string, lines ...string) int {
	t.Helper()
	p := s.connect(t)
	defer p.Close()
	return p.request("GET " + s.path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + sampleKey + "\r\n" + headerLines(lines)).StatusCode
}

// "*" lets every page in, which is what it is for.
func TestHostile_H1_everyOrigin(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{Origins: []string{"*"}})
	for _, origin := range []string{"https://evil.example", "null"} {
		if got := statusFor(t, s, "app.example", "Origin: "+origin); got != http.StatusSwitchingProtocols {
			t.Errorf("origin %q: %d", origin, got)
		}
	}
}

// An entry that can never match is a mistake that nobody would find.
func TestHostile_H1_originsThatNeverMatch(t *testing.T) {
	for _, origin := range []string{
		"", "partner.example", "https://partner.example/", "https://*.partner.example", "https://user@partner.example", "https://größe.example",
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("origin %q was taken", origin)
				}
			}()
			newBytes(tandem.Limits{}).Handler(echoBytes, &tandem.ServeOptions{Origins: []string{origin}})
		}()
	}
}

// H2: net/http's protection against cross-site requests lets every GET pass, so what browsers say is ours to check.
func TestHostile_H2_fetchSite(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{Origins: []string{"https://partner.example"}})
	const own, partner, evil = "https://app.example", "https://partner.example", "https://evil.example"
	for _, row := range []struct {
		site, origin string
		status       int
	}{
		{"cross-site", "", 403},
		{"same-site", "", 403},
		{"same-origin", "", 101},
		{"none", "", 101},
		{"cross-site", evil, 403},
		{"same-origin", evil, 403}, // the origin is checked all the same
		{"none", evil, 403},
		{"same-origin", own, 101},
		{"cross-site", partner, 101}, // it is listed
		// A page of http://app.example, which anybody on the way can write, has the host of https://app.example and is
		// cross-site to it. The browser knows the scheme of our address; behind a proxy we do not.
		{"cross-site", "http://app.example", 403},
	} {
		lines := []string{"Sec-Fetch-Site: " + row.site}
		if row.origin != "" {
			lines = append(lines, "Origin: "+row.origin)
		}
		if got := statusFor(t, s, "app.example", lines...); got != row.status {
			t.Errorf("%s, origin %q: %d, want %d", row.site, row.origin, got, row.status)
		}
	}
}
