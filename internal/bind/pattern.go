package bind

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/say"
)

// pattern is a parsed path declaration.
type pattern struct {
	text     string // as http.ServeMux takes it
	segments []segment
	tail     []listed // nil if there is none
}

// segment is what stands between two slashes: a wildcard if it has a name, else text. The end marker {$} and
// a trailing slash are empty texts.
type segment struct {
	literal string // escaped
	name    string
	multi   bool
	binding int // index in Plan.paths
}

// listed is one name of a ?key=arg&name tail.
type listed struct{ key, arg string }

func (p *pattern) has(name string) bool {
	for _, s := range p.segments {
		if s.name == name {
			return true
		}
	}
	return false
}

func (p *pattern) multi(name string) bool {
	for _, s := range p.segments {
		if s.name == name {
			return s.multi
		}
	}
	return false
}

// resolve finds the binding of each wildcard.
func (p *pattern) resolve(paths []binding) {
	for i := range p.segments {
		for j := range paths {
			if p.segments[i].name == paths[j].name {
				p.segments[i].binding = j
			}
		}
	}
}

// parsePattern parses a declaration by the rules of http.ServeMux, less methods and hosts, plus the query tail.
func parsePattern(path string) (pattern, error) {
	text, tail, hasTail := strings.Cut(path, "?")
	p := pattern{text: text}
	if err := checkStart(text); err != nil {
		return p, err
	}
	for rest := text; rest != ""; {
		var seg string
		seg, rest = rest[1:], ""
		if i := strings.IndexByte(seg, '/'); i >= 0 {
			seg, rest = seg[:i], seg[i:]
		}
		s, err := parseSegment(seg, rest == "")
		if err != nil {
			return p, err
		}
		if s.name != "" && p.has(s.name) {
			return p, say.Errorf("the wildcard {%s} appears twice; rename one", s.name)
		}
		p.segments = append(p.segments, s)
	}
	if !hasTail {
		return p, nil
	}
	var err error
	p.tail, err = parseTail(tail)
	return p, err
}

func checkStart(text string) error {
	if strings.HasPrefix(text, "/") {
		if i := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }); i >= 0 {
			return say.Errorf("it contains %q; escape it with %%", text[i])
		}
		if strings.Contains(text, "#") {
			return errors.New("it contains a fragment; escape # as %23")
		}
		return nil
	}
	if method, _, ok := strings.Cut(text, " "); ok && method != "" {
		return say.Errorf("it declares a method; remove %s, because a websocket over HTTP/2 arrives as CONNECT, which the method would refuse", method)
	}
	if strings.Contains(text, "/") {
		return errors.New(`it must start with "/": hosts are not part of the declaration`)
	}
	return errors.New(`it must start with "/"`)
}

func parseSegment(seg string, last bool) (segment, error) {
	if !strings.ContainsAny(seg, "{}") {
		return parseLiteral(seg, last)
	}
	if len(seg) < 2 || seg[0] != '{' || strings.IndexByte(seg, '}') != len(seg)-1 || strings.Count(seg, "{") != 1 {
		return segment{}, say.Errorf("the segment %q mixes a wildcard with text; a wildcard is a whole segment", seg)
	}
	name := seg[1 : len(seg)-1]
	if name == "$" {
		if !last {
			return segment{}, errors.New("{$} must be at the end")
		}
		return segment{}, nil
	}
	name, multi := strings.CutSuffix(name, "...")
	if multi && !last {
		return segment{}, say.Errorf("the catch-all %s must be at the end", seg)
	}
	for i, c := range name {
		if !unicode.IsLetter(c) && c != '_' && (i == 0 || !unicode.IsDigit(c)) {
			if strings.HasPrefix(name, "*") {
				return segment{}, say.Errorf("%s is not a catch-all here; write {%s...}", seg, name[1:])
			}
			return segment{}, say.Errorf("the wildcard %s needs a name that is a Go identifier", seg)
		}
	}
	if name == "" {
		return segment{}, say.Errorf("the wildcard %s has no name", seg)
	}
	return segment{name: name, multi: multi}, nil
}

func parseLiteral(seg string, last bool) (segment, error) {
	plain, ok := unescapeStrict(seg)
	switch {
	case !ok:
		return segment{}, say.Errorf("the segment %q has a bad %% escape", seg)
	case !utf8.ValidString(plain):
		return segment{}, say.Errorf("the segment %q is not valid UTF-8", seg)
	case plain == "" && !last:
		return segment{}, errors.New("it contains //, which no request matches, because paths are cleaned first")
	case plain == "/":
		return segment{}, say.Errorf("it contains the segment %s, which http.ServeMux takes for a trailing slash", seg)
	case plain == "." || plain == "..":
		return segment{}, say.Errorf("it contains the segment %s, which no request matches, because paths are cleaned first", seg)
	case seg != "" && seg[0] == ':':
		return segment{}, say.Errorf("%s is not a wildcard here; write {%s}", seg, seg[1:])
	case seg != "" && seg[0] == '*':
		return segment{}, say.Errorf("%s is not a catch-all here; write {%s...}", seg, seg[1:])
	}
	return segment{literal: string(appendPathEscaped(nil, plain))}, nil
}

func parseTail(tail string) ([]listed, error) {
	if strings.HasPrefix(tail, "{") || strings.HasPrefix(tail, ":") {
		return nil, say.Errorf("the tail ?%s does not bind a whole struct here; list the names or leave the tail out", tail)
	}
	var names []listed
	for item := range strings.SplitSeq(tail, "&") {
		key, arg, ok := strings.Cut(item, "=")
		if !ok {
			arg = key
		}
		if key == "" || arg == "" {
			return nil, errors.New("a name is missing in the tail; write ?a&b, or leave out the ?")
		}
		for _, name := range []string{key, arg} {
			if err := checkQueryName(name); err != nil {
				return nil, err
			}
		}
		for _, n := range names {
			if n.key == key {
				return nil, say.Errorf("the tail lists %q twice", key)
			}
		}
		names = append(names, listed{key, arg})
	}
	return names, nil
}
