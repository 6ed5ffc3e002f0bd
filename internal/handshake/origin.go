package handshake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// CheckOrigin refuses requests that another site's page makes with our users' cookies. A page of the request's own
// host and port is allowed, and so are the origins listed, each as scheme, host and port; "*" allows every page.
// Requests without an Origin are no browser's and allowed. net/http's CrossOriginProtection lets every GET pass, so it
// is no help here.
func CheckOrigin(r *http.Request, allowed []string) error {
	if slices.Contains(allowed, "*") {
		return nil
	}
	refused := func() error { return refuse(http.StatusForbidden, "pages of this origin may not connect") }
	switch lines := r.Header["Origin"]; len(lines) {
	case 0:
		// Browsers send Origin with every websocket; one that does not, but says that the page is another site's, is
		// not to be trusted.
		if crossSite(r) {
			return refused()
		}
		return nil
	case 1:
		o, ok := parseOrigin(lines[0])
		if !ok {
			return refused()
		}
		// The browser knows the scheme of our address, which we do not behind a proxy: a page of http://host is another
		// site's to https://host.
		if o.isHost(r.Host) && !crossSite(r) || slices.ContainsFunc(allowed, func(a string) bool {
			b, ok := parseOrigin(a)
			return ok && o == b
		}) {
			return nil
		}
	}
	return refused()
}

// crossSite reports whether the browser says that the page is not of our origin.
func crossSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// ValidOrigin reports whether an entry of an allow-list can ever match.
func ValidOrigin(s string) bool {
	_, ok := parseOrigin(s)
	return ok && !strings.Contains(s, "*") || s == "*"
}

// origin is scheme, host and port (RFC 6454), in lower case; the port is there for http and https.
type origin struct{ scheme, host, port string }

// parseOrigin reads an origin as browsers write them: names that are not ASCII are in punycode.
func parseOrigin(s string) (origin, bool) {
	u, err := url.Parse(s)
	if err != nil || !isASCII(s) || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" ||
		u.ForceQuery || strings.ContainsAny(s, "#?") {
		return origin{}, false
	}
	o := origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.port == "" {
		o.port = defaultPort(o.scheme)
	}
	return o, o.host != ""
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// isHost reports whether the origin's page came from the host that is asked. A Host without a port stands for the
// default port of the page's scheme: behind a proxy that ends TLS, we cannot know ours.
func (o origin) isHost(host string) bool {
	if defaultPort(o.scheme) == "" {
		return false // no web page
	}
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host {
		return false
	}
	port := u.Port()
	if port == "" {
		port = defaultPort(o.scheme)
	}
	return equalFold(u.Hostname(), o.host) && port == o.port
}
