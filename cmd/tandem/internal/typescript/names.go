package typescript

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reserved words cannot be names of constants.
var reserved = words(`arguments async await break case catch class const continue debugger default delete do else enum eval export extends
	false finally for function if implements import in instanceof interface let new null package private protected public return
	static super switch this throw true try typeof undefined var void while with yield`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// lower gives a Go name as TypeScript spells values: HTTPFeed is httpFeed.
func lower(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && i+1 < len(runes) && !unicode.IsUpper(runes[i+1]) || !unicode.IsUpper(r) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

// noun gives the last word of a type's name as a name for one of its values: event for ClientEvent.
func noun(name string) string {
	start := 0
	for i, r := range name {
		if unicode.IsUpper(r) {
			start = i
		}
	}
	n := strings.ToLower(name[start:])
	if len(n) < 2 || reserved[n] || n == "cases" || n == "t" {
		return "value"
	}
	return n
}

// key gives a property's name as it is written.
func key(name string) string {
	for i, r := range name {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) || r > unicode.MaxASCII {
			return quote(name)
		}
	}
	if name == "" || name == "__proto__" { // as a plain key of a literal it would set the prototype
		return "[" + quote(name) + "]"
	}
	return name
}

// get reads a property.
func get(of, name string) string {
	if k := key(name); k == name {
		return of + "." + name
	}
	return of + "[" + quote(name) + "]"
}

// quote writes text as a string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError || unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
