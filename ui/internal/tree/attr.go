package tree

import (
	"strings"

	"github.com/tandem-ws/tandem/signals"
)

// Kind is what an attribute is part of.
type Kind int

// The kinds.
const (
	Plain Kind = iota // an attribute with a name and a value
	Class             // a name in the class attribute
	Style             // a property in the style attribute
)

// Attr is an attribute, which is there or not.
type Attr struct {
	Kind    Kind
	Name    string
	Value   string // if it does not change
	Flag    bool   // its name says it all
	Trusted bool   // the value is not looked at

	// Get reads the value, and whether the attribute is there; nil if it does not change.
	Get func(*signals.Reader) (value string, on bool)
	// Set is told what somebody has entered; nil if that does not matter.
	Set func(value string, on bool)
}

// Clean is a value as it may be in the page.
func (a *Attr) Clean(value string) string {
	switch {
	case a.Trusted:
		return value
	case a.Kind == Style:
		return cleanStyle(value)
	case a.Kind == Plain && urlAttr(a.Name):
		return CleanURL(value)
	}
	return value
}

// Property reports whether an attribute only says what a property is in the beginning, so that later changes must go to the
// property itself.
func (a *Attr) Property() bool {
	return a.Kind == Plain && (a.Name == "value" || a.Name == "checked" || a.Name == "selected")
}

// urlAttr reports whether browsers take the value of an attribute for an address that they load or go to.
func urlAttr(name string) bool {
	switch lower(name) {
	case "href", "src", "action", "formaction", "poster", "cite", "data", "background", "ping", "manifest", "xlink:href",
		"longdesc", "usemap", "codebase", "classid", "profile", "icon", "archive":
		return true
	}
	return false
}

// Refused is what stands for an address that is none of the harmless ones.
const Refused = "about:invalid"

// CleanURL is an address if it is relative or has a scheme that runs no code and shows no document of the sender's making
// as ours, else [Refused].
func CleanURL(url string) string {
	// As browsers read it: https://url.spec.whatwg.org/#concept-basic-url-parser removes tabs and newlines everywhere, and
	// control characters and blanks in front.
	scheme, blank := make([]byte, 0, len("https")), true
	for i := range len(url) {
		switch c := url[i]; {
		case c == '\t' || c == '\n' || c == '\r':
		case blank && c <= ' ':
		case c == '/' || c == '?' || c == '#':
			return url
		case c == ':':
			switch string(scheme) {
			case "http", "https", "mailto", "tel", "ws", "wss":
				return url
			}
			return Refused
		default:
			blank = false
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			scheme = append(scheme, c)
		}
	}
	return url
}

// cleanStyle is the value of a style property if it cannot be more than that, and loads nothing; else nothing.
func cleanStyle(value string) string {
	plain := true
	for i := range len(value) {
		switch value[i] {
		case ';', '{', '}', '<', '>', '"', '\'', '\\', '@', '!', 0:
			return ""
		case '(', '*':
			plain = false
		}
	}
	if plain { // most are, and styles may change with each frame
		return value
	}
	text := lower(value)
	if strings.Contains(value, "/*") ||
		strings.Contains(text, "url(") || strings.Contains(text, "image(") || strings.Contains(text, "image-set(") ||
		strings.Contains(text, "expression(") || strings.Contains(text, "src(") {
		return ""
	}
	return value
}

// CheckAttr panics if an attribute has a name that it cannot have, or one for which there is something better.
func CheckAttr(name string) {
	plain := lower(name)
	switch {
	case !nameLike(name, ":._-"):
		panic("ui: no name for an attribute: " + name)
	case strings.HasPrefix(plain, "on"):
		panic("ui: " + name + " has code in a text, which a content security policy forbids: use On")
	case plain == "style":
		panic("ui: a content security policy forbids style attributes: use Style")
	case plain == "class":
		panic("ui: use Class")
	case plain == "srcdoc":
		panic("ui: srcdoc is HTML, which a text is not")
	case strings.HasPrefix(plain, "data-ui") || plain == "data-on":
		panic("ui: " + name + " is what ui itself uses")
	}
}

// CheckStyle panics if a style property cannot have a name.
func CheckStyle(name string) {
	if !nameLike(strings.TrimPrefix(name, "--"), "_-") {
		panic("ui: no name for a style property: " + name)
	}
}

// nameLike reports whether a name begins with a letter and goes on with letters, digits and some more.
func nameLike(name, more string) bool {
	for i := range len(name) {
		c := name[i] | 0x20 // lower case
		if 'a' <= c && c <= 'z' || i > 0 && ('0' <= name[i] && name[i] <= '9' || strings.IndexByte(more, name[i]) >= 0) {
			continue
		}
		return false
	}
	return name != ""
}
