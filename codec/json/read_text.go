package json

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/serde"
)

func (r *reader) Text() ([]byte, error) {
	if r.begin() != '"' {
		return nil, r.Mismatch("text")
	}
	from := r.off + 1
	i := from + plain(r.src[from:])
	if i >= len(r.src) || r.src[i] != '"' {
		return r.longText(from, i)
	}
	r.off = i + 1
	return r.src[from:i], r.colon()
}

// colon reads what separates a name from its value, after a name.
func (r *reader) colon() error {
	if !r.atKey {
		return nil
	}
	r.atKey = false
	if r.off = space(r.src, r.off); r.off >= len(r.src) || r.src[r.off] != ':' {
		return r.unexpected()
	}
	r.off++
	return nil
}

// longText reads text that is not plain from i on. It began at from.
func (r *reader) longText(from, i int) ([]byte, error) {
	escaped := false
	r.scratch = r.scratch[:0]
	piece := from // what is not in the scratch buffer yet
	for {
		if i >= len(r.src) {
			r.off = i
			return nil, r.unexpected()
		}
		switch c := r.src[i]; {
		case c == '"':
			text := r.src[piece:i]
			if escaped {
				r.scratch = append(r.scratch, text...)
				text = r.scratch
			}
			r.off = i + 1
			if !serde.ValidText(text) {
				return nil, r.fail("invalid UTF-8")
			}
			return text, r.colon()
		case c == '\\':
			escaped = true
			r.scratch = append(r.scratch, r.src[piece:i]...)
			n, err := r.unescape(i)
			if err != nil {
				return nil, err
			}
			i += n
			piece = i
		case c < ' ':
			r.off = i
			return nil, r.unexpected()
		default:
			i++
		}
	}
}

// unescape appends what the escape sequence at i means and gives its length.
func (r *reader) unescape(i int) (int, error) {
	bad := func() (int, error) { return 0, serde.NewError(i, "not a JSON escape") }
	if i+1 >= len(r.src) {
		r.off = len(r.src)
		return 0, r.unexpected()
	}
	c := r.src[i+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		u, ok := hex4(r.src[i+2:])
		if !ok {
			return bad()
		}
		if !utf16.IsSurrogate(u) {
			r.scratch = utf8.AppendRune(r.scratch, u)
			return 6, nil
		}
		if rest := r.src[i+6:]; len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			if low, ok := hex4(rest[2:]); ok {
				if full := utf16.DecodeRune(u, low); full != utf8.RuneError {
					r.scratch = utf8.AppendRune(r.scratch, full)
					return 12, nil
				}
			}
		}
		return 0, serde.NewError(i, "a lone surrogate")
	default:
		return bad()
	}
	r.scratch = append(r.scratch, c)
	return 2, nil
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var v rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | rune(c)
	}
	return v, true
}
