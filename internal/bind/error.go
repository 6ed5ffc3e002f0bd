package bind

import (
	"strconv"
	"unicode/utf8"
)

// Where a parameter travels: the values of [Field.In] and [Error.In].
const (
	InPath   = "path"
	InQuery  = "query"
	InHeader = "header"
	InCookie = "cookie"
)

// clipBytes is how much of a stranger's value an error repeats: enough to recognise it, too little to flood a log.
const clipBytes = 32

// Error says which parameter of an upgrade request is at fault and why. A server that meets one while decoding
// answers 400 with its text, which holds nothing but the parameter's name, what was sent (cut and quoted), and what
// was expected; a client gets one for a value that cannot be sent.
type Error struct {
	// In is where the parameter travels: "path", "query", "header" or "cookie".
	In string
	// Name is the parameter's name, for a nested one with its brackets, such as "filter[tags][0]". It is empty if the
	// query as a whole is at fault.
	Name string
	// Reason is what is wrong, such as "missing" or `"abc" is not an int`. What Decode says is safe to show to
	// a stranger.
	Reason string
	// Err is the cause, such as what UnmarshalText returned, or nil. Decode leaves it out of the text, because it may
	// tell a stranger more than it should.
	Err error
}

// Error returns a text such as `query parameter "age": "abc" is not an int`.
func (e *Error) Error() string {
	if e.Name == "" {
		return e.In + ": " + e.Reason
	}
	in := e.In
	if in == InPath || in == InQuery {
		in += " parameter"
	}
	return in + " " + strconv.Quote(e.Name) + ": " + e.Reason
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

const (
	reasonMissing  = "missing"
	reasonRepeated = "given more than once"
)

// fault is an Error before it is known whose fault it is. The zero value means that all is well.
type fault struct {
	reason string
	err    error
}

func (f fault) bad() bool { return f.reason != "" }

func (f fault) at(in, name string) *Error {
	return &Error{In: in, Name: name, Reason: f.reason, Err: f.err}
}

// quote returns s cut to clipBytes and quoted.
func quote(s string) string {
	c := clip(s)
	q := strconv.Quote(c)
	if len(c) < len(s) {
		q += "…"
	}
	return q
}

// clip cuts s to clipBytes on a rune boundary.
func clip(s string) string {
	if len(s) <= clipBytes {
		return s
	}
	i := clipBytes
	for i > clipBytes-utf8.UTFMax && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i]
}
