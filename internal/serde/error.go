package serde

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxPath bounds the path of an error. A close reason has 123 bytes, and the innermost part helps most.
const maxPath = 64

// Error says why a message could not be encoded or decoded and where. Its text is short, and of what a peer sent it
// holds a few escaped bytes at most, so it may travel in a close reason.
type Error struct {
	// Codec is the name of the codec.
	Codec string
	// Path leads from the message to the fault, such as .items[3].age; empty for the message itself.
	Path string
	// Msg is what is wrong.
	Msg string
	// Err is the error of a type's own method, such as UnmarshalText, or nil. Its text is not part of Error's,
	// because it may hold what the peer sent.
	Err error

	offset int
}

// NewError makes an error at an offset into the message. Readers use it; the walk adds codec and path.
func NewError(offset int, msg string) *Error { return &Error{Msg: msg, offset: offset} }

// Error gives codec, path, message and offset in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Codec)
	b.WriteString(": ")
	if e.Path != "" {
		b.WriteString(e.Path)
		b.WriteString(": ")
	}
	b.WriteString(e.Msg)
	if e.offset >= 0 {
		b.WriteString(" (offset ")
		b.WriteString(strconv.Itoa(e.offset))
		b.WriteString(")")
	}
	return b.String()
}

// Offset is where in the message the fault lies, in bytes. It is -1 when encoding.
func (e *Error) Offset() int { return e.offset }

// Unwrap gives the error of the type's own method, if one failed.
func (e *Error) Unwrap() error { return e.Err }

// within puts a step in front of the path of an error on its way out.
func within(err error, step string) error {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Msg: err.Error(), offset: -1, Err: err}
	}
	if strings.HasPrefix(e.Path, "...") {
		return e
	}
	if len(e.Path)+len(step) > maxPath {
		e.Path = "..." + e.Path
		return e
	}
	e.Path = step + e.Path
	return e
}

func withinField(err error, name string) error { return within(err, "."+clip(name)) }

func withinIndex(err error, i int) error { return within(err, "["+strconv.Itoa(i)+"]") }

// Snippet shows a little of what a peer sent: quoted, escaped, cut.
func Snippet[B ~[]byte | ~string](s B) string {
	const most = 16
	cut := ""
	if len(s) > most {
		n := most
		for n > most-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s, cut = s[:n], "..."
	}
	return strconv.QuoteToASCII(string(s)) + cut
}

func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
