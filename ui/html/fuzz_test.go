package html_test

import (
	stdhtml "html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

var escaped = regexp.MustCompile(`(?s)^<p title="([^"<>]*)">([^<>]*)</p><textarea title="([^"<>]*)">([^<>]*)</textarea>$`)

// Whatever a text is, a browser reads it back, and nothing else.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", hostile, "&lt;", "&amp;lt;", "\n", "</textarea>", "\xf0\x9f", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		value := signals.New(signals.NewGraph(nil), s)
		text := html.String(ui.Fragment(ui.P(ui.Title(s), s), ui.Textarea(ui.BindAttr("title", value), value)))
		parts := escaped.FindStringSubmatch(text)
		if parts == nil {
			t.Fatalf("%q is written as %q", s, text)
		}
		want := strings.ReplaceAll(string([]rune(s)), "\x00", "\uFFFD") // a byte that is no UTF-8 is a U+FFFD
		parts[4] = strings.TrimPrefix(parts[4], "\n")
		if strings.HasPrefix(want, "\n") { // one is left out by browsers
			parts[4] = "\n" + strings.TrimPrefix(parts[4], "\n")
		}
		for _, part := range parts[1:] {
			if got := stdhtml.UnescapeString(part); got != want {
				t.Fatalf("%q is written as %q, which is read as %q", s, part, got)
			}
		}
	})
}

var scheme = regexp.MustCompile(`^([^/?#]*?):`)

// An address is left as it is or refused, and refused if its scheme is none of the harmless ones.
func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"/a?b#c", "https://a", "HTTPS:a", "java\nscript:x", " \x01javascript:x", "JaVaScRiPt:x", "data:text/html,x", "a:b", ":", "//a:80", "x/y:z",
		"vbscript:x", "blob:x", "&#106;avascript:x", "javascript&colon;x", "\u00a0javascript:x", "http\x00:x", "mailto:a@b", "tel:1", "file:///x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := html.String(ui.A(ui.Href(s)))
		same := html.String(ui.A(ui.Href(ui.TrustedURL(s))))
		if got != same && got != `<a href="about:invalid"></a>` {
			t.Fatalf("%q is written as %s", s, got)
		}
		// What a browser does with it first.
		read := strings.Map(func(r rune) rune {
			if r == '\t' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, s)
		read = strings.ToLower(strings.TrimLeftFunc(read, func(r rune) bool { return r <= ' ' }))
		found := scheme.FindStringSubmatch(read)
		harmless := found == nil || slices.Contains([]string{"http", "https", "mailto", "tel", "ws", "wss"}, found[1])
		if harmless != (got == same) && s != "about:invalid" {
			t.Fatalf("%q is written as %s", s, got)
		}
	})
}
