package serde

import "unicode/utf8"

// CheckText refuses invalid UTF-8 in text that is to be encoded.
func CheckText(s string) error {
	if !isASCII(s) && !utf8.ValidString(s) {
		return encodeError("invalid UTF-8")
	}
	return nil
}

// ValidText tells whether b is valid UTF-8. Most text is short and ASCII, for which this is faster than utf8.Valid.
func ValidText(b []byte) bool { return isASCII(b) || utf8.Valid(b) }

const highBits = 0x8080808080808080

// isASCII looks at eight bytes at a time, and for the last ones at the last eight.
func isASCII[B ~[]byte | ~string](s B) bool {
	if len(s) < 8 {
		var or byte
		for i := range len(s) {
			or |= s[i]
		}
		return or < utf8.RuneSelf
	}
	var or uint64
	for i := 0; i <= len(s)-8; i += 8 {
		or |= word(s[i : i+8])
	}
	return (or|word(s[len(s)-8:]))&highBits == 0
}

// word is the first eight bytes of s. The compiler makes one load of it.
func word[B ~[]byte | ~string](s B) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
