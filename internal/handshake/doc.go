// Package handshake opens websocket connections over HTTP/1.1 (RFC 6455, section 4): it judges upgrade requests and
// answers them, for the server, and asks for and checks upgrades, for the native client. What travels afterwards is
// the engine's business.
package handshake

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"strings"
)

const (
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455, section 1.3
	version    = "13"
)

// acceptKey is the answer to a client's key.
func acceptKey(key string) string { return string(appendAcceptKey(nil, key)) }

func appendAcceptKey(b []byte, key string) []byte {
	sum := sha1.Sum(append(append(make([]byte, 0, 64), key...), acceptGUID...))
	return base64.StdEncoding.AppendEncode(b, sum[:])
}

// hasToken reports whether a header that is a list of tokens holds this one, in any case.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h[name] {
		for part := range strings.SplitSeq(line, ",") {
			if equalFold(strings.Trim(part, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// equalFold reports whether s and t are the same but for the case of ASCII letters. strings.EqualFold folds more: it
// takes the Kelvin sign for a k.
func equalFold(s, t string) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != lower(t[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
