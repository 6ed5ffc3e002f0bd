package json

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain counts the bytes at the start of s that are ASCII and need no escape. It looks at eight bytes at a time:
// subtracting makes the high bit of each byte that is a control character, a quote or a backslash.
func plain[B ~[]byte | ~string](s B) int {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		if (x|(x-ones*' ')|(quote-ones)|(slash-ones))&highs != 0 {
			break
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' && s[i] < 0x80 {
		i++
	}
	return i
}

// number finds the end of the number at off and tells whether it is written as an integer. The end is off if there is
// no number, whose grammar is that of RFC 8259, section 6.
func number(src []byte, off int) (end int, integer bool) {
	i := off
	if i < len(src) && src[i] == '-' {
		i++
	}
	switch {
	case i >= len(src):
		return off, false
	case src[i] == '0':
		i++
	case src[i] >= '1' && src[i] <= '9':
		i = digits(src, i)
	default:
		return off, false
	}
	integer = true
	if i < len(src) && src[i] == '.' {
		integer = false
		next := digits(src, i+1)
		if next == i+1 {
			return off, false
		}
		i = next
	}
	if i < len(src) && (src[i] == 'e' || src[i] == 'E') {
		integer = false
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		next := digits(src, i)
		if next == i {
			return off, false
		}
		i = next
	}
	return i, integer
}

func digits(src []byte, i int) int {
	for i < len(src) && src[i] >= '0' && src[i] <= '9' {
		i++
	}
	return i
}

// space skips white space.
func space(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\r' || src[i] == '\t') {
		i++
	}
	return i
}
