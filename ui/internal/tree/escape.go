package tree

import "unicode/utf8"

// AppendText appends a text as HTML.
func AppendText(dst []byte, text string) []byte { return escape(dst, text, false) }

// AppendValue appends a text as the value of an attribute, without the quotes around.
func AppendValue(dst []byte, text string) []byte { return escape(dst, text, true) }

// escape appends a text such that a browser reads what it is. Only NUL and bytes that are no UTF-8 cannot be had: they become
// U+FFFD.
func escape(dst []byte, text string, quoted bool) []byte {
	done := 0
	for i := 0; i < len(text); {
		var as string
		size := 1
		switch c := text[i]; c {
		case '&':
			as = "&amp;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '"':
			if quoted {
				as = "&#34;"
			}
		case '\'':
			if quoted {
				as = "&#39;"
			}
		case '\r': // browsers make a newline of it
			as = "&#13;"
		case 0:
			as = "\uFFFD"
		default:
			if c >= utf8.RuneSelf {
				var r rune
				if r, size = utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
					as = "\uFFFD"
				}
			}
		}
		if as != "" {
			dst = append(append(dst, text[done:i]...), as...)
			done = i + size
		}
		i += size
	}
	return append(dst, text[done:]...)
}
