package wire

import "unicode/utf8"

// The close codes the layers below the root use (RFC 6455, section 7.4.1, and the IANA registry).
const (
	CodeNormal   = 1000
	CodeProtocol = 1002
	CodeNoStatus = 1005
	CodeInvalid  = 1007
	CodePolicy   = 1008
	CodeTooBig   = 1009
	CodeInternal = 1011
	CodeTryAgain = 1013
)

// CodeLeft closes a socket that is given up while the conversation is not, by who cannot just drop it: a code after which
// one comes back, and which a browser may send.
const CodeLeft = 3008

// The close codes of sessions, from the range that is tandem's own: spec/session.md, section 9.
const (
	CodeTakenOver = 4900 // a newer socket has the session
	CodeFrame     = 4901 // a frame that is malformed, or not allowed where it came
	CodeHole      = 4902 // a number was left out
	CodeFalseAck  = 4903 // an acknowledgement that goes back, or of what was never sent
	CodeSeqRange  = 4904 // a number above 2^53-1
	CodeWindow    = 4905 // more than the window allows
)

// CodeStale says 1007 to a client that was made with another schema than the server's. It is from the same range: spec/protocol.md,
// section 6.
const CodeStale = 4906

// ComesBack reports whether a client comes back after a close with this code: the table in spec/protocol.md.
func ComesBack(code int) bool {
	switch {
	case code == 1001, code == 1006, code == 3008:
		return true
	case code >= 1011 && code <= 1014:
		return true
	case code >= 4000 && code <= 4399:
		return true
	}
	switch code { // refusals that time heals: 4400 plus the HTTP status less 400
	case 4408, 4425, 4429:
		return true
	}
	return false
}

// ValidCode reports whether a Close frame may carry the code (RFC 6455, section 7.4; 1012 to 1014 are registered).
func ValidCode(code int) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code < CodeNormal || code > 1014:
		return false
	}
	return code != 1004 && code != CodeNoStatus && code != 1006
}

// pageCodes is what stands for 1000 where a browser sends a code below 3000 that it may not send: spec/protocol.md.
const pageCodes = 4950

// PageCode is what a browser sends for a valid code. It refuses all from 1001 to 2999.
func PageCode(code int) int {
	if code > CodeNormal && code < 3000 {
		return code - CodeNormal + pageCodes
	}
	return code
}

// MeantCode is the code that a client means that has sent this one: PageCode the other way.
func MeantCode(code int) int {
	if meant := code - pageCodes + CodeNormal; meant > CodeNormal && ValidCode(meant) && meant < 3000 {
		return meant
	}
	return code
}

// maxReason is what a control frame of 125 bytes holds besides the code.
const maxReason = 123

// CutReason cuts a close reason to the 123 bytes a Close frame holds, between characters, and replaces what is not
// UTF-8.
func CutReason(reason string) string {
	if !utf8.ValidString(reason) {
		reason = string([]rune(reason))
	}
	if len(reason) <= maxReason {
		return reason
	}
	cut := maxReason
	for !utf8.RuneStart(reason[cut]) {
		cut--
	}
	return reason[:cut]
}
