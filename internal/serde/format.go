package serde

import "reflect"

// DefaultMaxDepth is how deep lists and maps may nest when nobody said otherwise.
const DefaultMaxDepth = 64

// MaxBigBytes bounds the magnitude of a big.Int in every codec. Converting digits takes time quadratic in their
// number, so a stranger's integer may not be arbitrarily long; 1024 bytes are 8192 bits.
const MaxBigBytes = 1024

// Kind is what the next value of a message is, seen from the data model.
type Kind uint8

// The kinds of values. Invalid stands for the end of the input and for anything the format does not allow.
const (
	Invalid Kind = iota
	Null
	Bool
	Int // an integer, big ones included
	Float
	Text
	Bytes
	List
	Map
)

var kindNames = [...]string{"nothing", "null", "a bool", "an integer", "a float", "text", "bytes", "a list", "a map"}

// String gives the kind with its article, as error texts need it.
func (k Kind) String() string { return kindNames[k] }

// Format is one encoding. Its methods append to dst and keep nothing; one value serves all goroutines.
type Format interface {
	// Name is the codec's name, as in error texts.
	Name() string
	// Textual formats separate with commas and colons, close what they open, and have text keys only.
	Textual() bool
	// ListStructs tells whether a list is accepted where a struct is expected.
	ListStructs() bool

	AppendNull(dst []byte) []byte
	AppendBool(dst []byte, v bool) []byte
	AppendInt(dst []byte, v int64) []byte
	AppendUint(dst []byte, v uint64) []byte
	// AppendFloat appends a float of 32 or 64 bits. It refuses what the format cannot say.
	AppendFloat(dst []byte, v float64, bits int) ([]byte, error)
	// AppendText refuses invalid UTF-8.
	AppendText(dst []byte, s string) ([]byte, error)
	AppendBytes(dst []byte, v []byte) []byte
	// AppendBig appends an integer beyond 64 bits: its decimal digits and its magnitude, big endian.
	// unsigned says that the peer's type has no sign.
	AppendBig(dst []byte, digits, mag []byte, neg, unsigned bool) ([]byte, error)
	// OpenList and OpenMap append the head of a list or a map of n elements.
	OpenList(dst []byte, n int) []byte
	OpenMap(dst []byte, n int) []byte

	// Custom gives the type's own form in this format, or nil.
	Custom(t reflect.Type) (*Custom, error)
	// NewReader gives a reader for pooled use.
	NewReader() Reader
}

// Custom is how a type encodes itself in one format. The argument is a pointer to the value.
type Custom struct {
	Append func(dst []byte, v any) ([]byte, error)
	Decode func(raw []byte, v any) error
}

// Reader reads one message. Every error is an [*Error] with its offset set. After an error the reader is not used
// again until Reset. Slices it returns are valid until the next call.
type Reader interface {
	// Reset starts a message. depth is how many lists and maps are open around it. Reset(nil, 0, 0) lets go of src.
	Reset(src []byte, depth, maxDepth int)
	// Kind tells what comes next and reads nothing but tags without meaning.
	Kind() Kind
	// Start is the offset of the value read last, or of the one that failed.
	Start() int

	Null() error
	Bool() (bool, error)
	// Int reads an integer as magnitude and sign; zero has no sign.
	Int() (mag uint64, neg bool, err error)
	// Float reads a number of 32 or 64 bits.
	Float(bits int) (float64, error)
	// Text reads valid UTF-8.
	Text() ([]byte, error)
	// Name reads the name of a variant, which is text in one piece.
	Name() ([]byte, error)
	// AppendBytes reads a byte string and appends it to dst.
	AppendBytes(dst []byte) ([]byte, error)
	// Big reads an integer of any size up to MaxBigBytes, as text that (*big.Int).UnmarshalText takes.
	Big(unsigned bool) ([]byte, error)

	// List and Map open a container and tell its length, at most one element per byte left, or -1 when only More can tell.
	// Leave closes it when its last element has been read.
	List() (n int, err error)
	Map() (n int, err error)
	More() (bool, error)
	Leave()
	// Depth is the number of open lists and maps.
	Depth() int

	// MatchName reads the key of a map when it is encoded exactly so, else it reads nothing.
	MatchName(encoded []byte) bool
	// Skip and Raw read a whole value and check that it is well formed. Raw gives it as it lies in src, so it stays valid.
	Skip() error
	Raw() ([]byte, error)
	// End refuses anything behind the message.
	End() error
	// Mismatch is the error for a next value that is not what was wanted.
	Mismatch(want string) error
}

// AppendHex appends b in hexadecimal. Package encoding/hex would link fmt into browser programs.
func AppendHex(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	for _, c := range b {
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}
