package json

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"

	"github.com/tandem-ws/tandem/internal/serde"
)

// maxScratch bounds what a pooled reader keeps.
const maxScratch = 4 << 10

// reader reads one message. It is a scanner of our own: on the tokens of jsontext the same walk took more than twice
// as long, and made browser programs larger. Tests hold it against jsontext.
type reader struct {
	src     []byte
	off     int
	start   int // of the value read last
	base    int // lists and maps open around the message
	max     int
	open    []byte // what closes the open lists and maps
	fresh   bool   // the innermost one has no element yet
	atKey   bool   // a name and a colon come next
	scratch []byte // text with escapes
	names   []byte // of maps that are skipped
	keys    serde.Keys
}

func (r *reader) Reset(src []byte, depth, maxDepth int) {
	if cap(r.scratch) > maxScratch {
		r.scratch = nil
	}
	if cap(r.names) > maxScratch {
		r.names = nil
	}
	r.keys.Reset()
	r.src, r.off, r.start, r.base, r.max = src, 0, 0, depth, maxDepth
	r.open, r.names, r.fresh, r.atKey = r.open[:0], r.names[:0], false, false
}

func (r *reader) Start() int { return r.start }
func (r *reader) Depth() int { return r.base + len(r.open) }
func (r *reader) Leave()     {} // More has seen the end

func (r *reader) fail(msg string) error { return serde.NewError(r.start, msg) }

// unexpected is the error for the byte at off.
func (r *reader) unexpected() error {
	if r.off >= len(r.src) {
		return serde.NewError(len(r.src), "the message ends too early")
	}
	return serde.NewError(r.off, "unexpected "+serde.Snippet(r.src[r.off:r.off+1]))
}

// begin moves to the next value and gives its first byte, 0 at the end.
func (r *reader) begin() byte {
	if r.off < len(r.src) && r.src[r.off] <= ' ' {
		r.off = space(r.src, r.off)
	}
	r.start = r.off
	if r.off < len(r.src) {
		return r.src[r.off]
	}
	return 0
}

func (r *reader) Kind() serde.Kind {
	switch c := r.begin(); c {
	case '"':
		return serde.Text
	case '{':
		return serde.Map
	case '[':
		return serde.List
	case 'n':
		return serde.Null
	case 't', 'f':
		return serde.Bool
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if end, integer := number(r.src, r.off); integer {
			mag, neg, ok := parseInt(r.src[r.off:end])
			if ok && (!neg || mag <= -math.MinInt64) {
				return serde.Int
			}
		}
		return serde.Float
	}
	return serde.Invalid
}

func (r *reader) Mismatch(want string) error {
	if k := r.Kind(); k != serde.Invalid {
		return r.fail(k.String() + " where " + want + " belongs")
	}
	return r.unexpected()
}

// literal reads a word.
func (r *reader) literal(word string) error {
	r.begin()
	for i := range len(word) {
		if r.off >= len(r.src) || r.src[r.off] != word[i] {
			return r.unexpected()
		}
		r.off++
	}
	return nil
}

func (r *reader) Null() error {
	if r.begin() != 'n' {
		return r.Mismatch("null")
	}
	return r.literal("null")
}

func (r *reader) Bool() (bool, error) {
	switch r.begin() {
	case 't':
		return true, r.literal("true")
	case 'f':
		return false, r.literal("false")
	}
	return false, r.Mismatch("a bool")
}

// digits reads a number that must be an integer.
func (r *reader) integer() ([]byte, error) {
	r.begin()
	end, integer := number(r.src, r.off)
	if end == r.off {
		return nil, r.notNumber("an integer")
	}
	b := r.src[r.off:end]
	if !integer {
		return nil, r.fail("a float where an integer belongs")
	}
	if string(b) == "-0" {
		return nil, r.fail("-0 where an integer belongs")
	}
	r.off = end
	return b, nil
}

// notNumber is the error for what is no number at off. A minus sign alone would pass for one in Mismatch.
func (r *reader) notNumber(want string) error {
	if r.off < len(r.src) && (r.src[r.off] == '-' || r.src[r.off] >= '0' && r.src[r.off] <= '9') {
		return r.fail("not a JSON number")
	}
	return r.Mismatch(want)
}

func (r *reader) Int() (mag uint64, neg bool, err error) {
	b, err := r.integer()
	if err != nil {
		return 0, false, err
	}
	mag, neg, ok := parseInt(b)
	if !ok {
		return 0, false, r.fail("an integer beyond 64 bits")
	}
	return mag, neg, nil
}

// parseInt parses an integer of the JSON grammar. -0 is not one.
func parseInt(b []byte) (mag uint64, neg, ok bool) {
	if b[0] == '-' {
		neg, b = true, b[1:]
	}
	if len(b) > 20 {
		return 0, false, false
	}
	for _, c := range b {
		d := uint64(c - '0')
		if mag > (math.MaxUint64-d)/10 {
			return 0, false, false
		}
		mag = mag*10 + d
	}
	return mag, neg, mag != 0 || !neg
}

// maxDigits is what an integer of serde.MaxBigBytes has at most.
const maxDigits = 2467

func (r *reader) Big(bool) ([]byte, error) {
	b, err := r.integer()
	if err == nil && len(b) > maxDigits {
		err = r.fail("an integer of more than 8192 bits")
	}
	return b, err
}

func (r *reader) Float(bits int) (float64, error) {
	r.begin()
	end, _ := number(r.src, r.off)
	if end == r.off {
		return 0, r.notNumber("a float")
	}
	v, err := strconv.ParseFloat(string(r.src[r.off:end]), bits)
	if err != nil {
		return 0, r.fail("a float that does not fit float" + strconv.Itoa(bits))
	}
	r.off = end
	return v, nil
}

func (r *reader) Name() ([]byte, error) { return r.Text() }

var base64Strict = base64.StdEncoding.Strict()

func (r *reader) AppendBytes(dst []byte) ([]byte, error) {
	if r.begin() != '"' {
		return nil, r.Mismatch("base64 text")
	}
	b, err := r.Text()
	if err != nil {
		return nil, err
	}
	out, err := base64Strict.AppendDecode(dst, b)
	if err != nil || bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0 {
		return nil, r.fail("not base64 with padding")
	}
	return out, nil
}
