package bind

import (
	"strings"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/say"
)

const (
	// maxPairs bounds the pairs of a query, known or not. Far beyond any form, and small enough that sorting them
	// costs nothing.
	maxPairs = 1024
	// maxDepth bounds the brackets behind a name.
	maxDepth = 8
)

var (
	faultPairs = fault{reason: say.Sprintf("more than %d pairs", maxPairs)}
	faultDepth = fault{reason: say.Sprintf("nested deeper than %d", maxDepth)}
)

// entry is one pair of a query that belongs to a parameter.
type entry struct {
	keys  []string // the brackets not yet looked at, unescaped
	value string   // still escaped
	// rank groups entries: the field of a struct or the index in a list.
	rank uint64
	// alone marks a list's entry without index, which is an element of its own.
	alone bool
}

// slot collects the entries of one parameter. Nearly always it is one.
type slot struct {
	one entry
	n   int
	all []entry // once there are more
}

func (s *slot) add(e entry) {
	switch s.n++; s.n {
	case 1:
		s.one = e
	case 2:
		s.all = append(s.all, s.one, e)
	default:
		s.all = append(s.all, e)
	}
}

// splitQuery sorts the pairs of a query into slots, one per query parameter.
func (p *Plan) splitQuery(raw string, slots []slot) *Error {
	pairs := 0
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		if pairs++; pairs > maxPairs {
			return faultPairs.at(InQuery, "")
		}
		key, value, _ := strings.Cut(pair, "=")
		name, brackets, escaped := splitKey(key)
		i, ok := p.byKey[name]
		if !ok {
			continue
		}
		keys, f := splitBrackets(brackets, escaped)
		if f.bad() {
			return f.at(InQuery, name)
		}
		slots[i].add(entry{keys: keys, value: value})
	}
	return nil
}

// splitKey splits a key into name and brackets. Literal brackets are structure, and then %5B inside them is data;
// without any, %5B and %5D are the structure, which is what most encoders of form data write.
func splitKey(key string) (name, brackets string, escaped bool) {
	if i := strings.IndexByte(key, '['); i >= 0 {
		return unescapeQuery(key[:i]), key[i:], true
	}
	key = unescapeQuery(key)
	if i := strings.IndexByte(key, '['); i >= 0 {
		return key[:i], key[i:], false
	}
	return key, "", false
}

// splitBrackets returns what is inside of each pair of brackets.
func splitBrackets(s string, escaped bool) ([]string, fault) {
	if s == "" {
		return nil, fault{}
	}
	whole := s
	keys := make([]string, 0, min(strings.Count(s, "["), maxDepth))
	for s != "" {
		end := strings.IndexByte(s, ']')
		if s[0] != '[' || end < 0 || strings.IndexByte(s[1:end], '[') >= 0 {
			return nil, fault{reason: "the brackets of " + quote(whole) + " do not match"}
		}
		if len(keys) == maxDepth {
			return nil, faultDepth
		}
		key := s[1:end]
		if escaped {
			key = unescapeQuery(key)
		}
		if !utf8.ValidString(key) {
			return nil, fault{reason: quote(key) + " is not valid UTF-8"}
		}
		keys = append(keys, key)
		s = s[end+1:]
	}
	return keys, fault{}
}

// trail is the way to a nested parameter, for its name in errors.
type trail struct {
	up  *trail
	key string
}

func (t *trail) name() string {
	if t.up == nil {
		return t.key
	}
	return t.up.name() + "[" + clip(t.key) + "]"
}

func (t *trail) err(f fault) *Error { return f.at(InQuery, t.name()) }
