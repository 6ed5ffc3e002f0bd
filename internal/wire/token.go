package wire

import "strings"

// IsToken reports whether s is a token (RFC 9110, section 5.6.2), as subprotocols are.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
