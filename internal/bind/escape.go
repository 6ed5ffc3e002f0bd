package bind

import "strings"

const upperHex = "0123456789ABCDEF"

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// appendQueryEscaped appends s as serde_qs writes it: space as +, and only letters, digits and *-_. as they are.
func appendQueryEscaped[T string | []byte](dst []byte, s T) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case isAlnum(c), c == '*', c == '-', c == '_', c == '.':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// appendPathEscaped appends s as one segment of a path. Like url.PathEscape it leaves the characters alone that are
// plain in a segment by RFC 3986 and have no use of their own in any of the paths we know.
func appendPathEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case isAlnum(c), strings.IndexByte("-_.~$&+=:@", c) >= 0:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// unescapeQuery reads + as space and %XX as a byte; a % that starts no escape stands for itself, as in serde_qs.
func unescapeQuery(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b = append(b, ' ')
		case '%':
			if c, ok := hexByte(s[i+1:]); ok {
				b = append(b, c)
				i += 2
				continue
			}
			b = append(b, '%')
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// unescapeStrict reads %XX as a byte and returns false if a % starts no escape.
func unescapeStrict(s string) (string, bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			var ok bool
			if c, ok = hexByte(s[i+1:]); !ok {
				return "", false
			}
			i += 2
		}
		b = append(b, c)
	}
	return string(b), true
}

// hexByte reads the two hexadecimal digits s starts with.
func hexByte(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, ok1 := unhex(s[0])
	lo, ok2 := unhex(s[1])
	return hi<<4 | lo, ok1 && ok2
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
