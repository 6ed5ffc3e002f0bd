package schema

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// name gives every type a name of its own: its Go name if it can have it. Types of the package that is described choose
// first, messages before parameters.
func name(d *Document) {
	taken := map[string]bool{}
	for _, rank := range []int{0, 1, 2, 3} {
		for _, n := range d.Types {
			if rankOf(d, n) == rank {
				n.Name = free(taken, n, identifier(n.Name))
				taken[n.Name] = true
			}
		}
	}
}

func rankOf(d *Document, n *Named) int {
	rank := 0
	if n.Params {
		rank = 1
	}
	if !strings.HasPrefix(n.Decl, d.Package+".") && n.Decl != "" {
		rank += 2
	}
	return rank
}

func free(taken map[string]bool, n *Named, base string) string {
	choices := []string{base}
	if n.Params {
		choices = append(choices, base+"Params")
	}
	path, _, _ := cutLast(n.Decl, ".")
	if _, pkg, ok := cutLast(path, "/"); ok {
		choices = append(choices, identifier(pkg)+base)
	}
	for i := 2; ; i++ {
		for _, c := range choices {
			if !taken[c] {
				return c
			}
		}
		choices = []string{base + strconv.Itoa(i)}
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// identifier makes a name that begins with a capital of a Go type's: Page[example.com/api.Item] is PageOfItem.
func identifier(name string) string {
	base, args, generic := strings.Cut(name, "[")
	if !generic {
		return capital(base)
	}
	var out strings.Builder
	out.WriteString(capital(base) + "Of")
	for _, arg := range strings.FieldsFunc(args, func(r rune) bool { return strings.ContainsRune("[],* {};\"", r) }) {
		_, arg, _ = cutLast(arg, "/")
		_, arg, _ = cutLast(arg, ".")
		out.WriteString(capital(arg))
	}
	return out.String()
}

// capital gives the name without what cannot be in one, with a capital in front.
func capital(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			return r
		}
		return -1
	}, name)
	name = strings.TrimLeft(name, "_")
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}
