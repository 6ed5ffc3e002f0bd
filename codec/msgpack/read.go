package msgpack

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/tandem-ws/tandem/internal/serde"
)

// maxScratch bounds what a pooled reader keeps.
const maxScratch = 4 << 10

// reader reads one message. Every length is checked against the bytes left before it is used.
type reader struct {
	src     []byte
	off     int
	start   int // of the value read last
	depth   int // open lists and maps
	max     int
	scratch []byte // digits of big integers
	keys    serde.Keys
}

func (r *reader) Reset(src []byte, depth, maxDepth int) {
	if cap(r.scratch) > maxScratch {
		r.scratch = nil
	}
	r.keys.Reset()
	r.src, r.off, r.start, r.depth, r.max = src, 0, 0, depth, maxDepth
}

func (r *reader) Start() int { return r.start }
func (r *reader) Left() int  { return len(r.src) - r.off }
func (r *reader) Depth() int { return r.depth }
func (r *reader) Leave()     { r.depth-- }

func (r *reader) fail(msg string) error { return serde.NewError(r.start, msg) }

func (r *reader) truncated() error { return serde.NewError(len(r.src), "the message ends too early") }

// kinds maps first bytes to kinds.
var kinds = func() (t [256]serde.Kind) {
	for i := range t {
		switch c := byte(i); {
		case c < fixMap, c >= negFix, c >= uint8_ && c <= int64_:
			t[i] = serde.Int
		case c < fixList, c == map16, c == map32:
			t[i] = serde.Map
		case c < fixStr, c == list16, c == list32:
			t[i] = serde.List
		case c < codeNil, c >= str8 && c <= str32:
			t[i] = serde.Text
		case c == codeNil:
			t[i] = serde.Null
		case c == codeFalse, c == codeTrue:
			t[i] = serde.Bool
		case c >= bin8 && c <= bin32:
			t[i] = serde.Bytes
		case c == float32_, c == float64_:
			t[i] = serde.Float
		}
	}
	return t
}()

func (r *reader) Kind() serde.Kind {
	if r.off >= len(r.src) {
		return serde.Invalid
	}
	return kinds[r.src[r.off]]
}

// begin reads the first byte of the next value.
func (r *reader) begin() (byte, error) {
	r.start = r.off
	if r.off >= len(r.src) {
		return 0, r.truncated()
	}
	r.off++
	return r.src[r.off-1], nil
}

// arg reads a big-endian number of n bytes.
func (r *reader) arg(n int) (uint64, error) {
	if r.Left() < n {
		return 0, r.truncated()
	}
	s := r.src[r.off:]
	r.off += n
	switch n {
	case 1:
		return uint64(s[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(s)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(s)), nil
	}
	return binary.BigEndian.Uint64(s), nil
}

// mismatch is the error for a value at r.start whose first byte is given.
func (r *reader) mismatch(first byte, want string) error {
	switch k := kinds[first]; {
	case k != serde.Invalid:
		return r.fail(k.String() + " where " + want + " belongs")
	case first >= ext8 && first <= ext32, first >= fixExt1 && first <= fixExt16:
		return r.fail("an ext where " + want + " belongs")
	}
	return r.fail("the unused byte 0xc1")
}

func (r *reader) Mismatch(want string) error {
	first, err := r.begin()
	if err != nil {
		return err
	}
	return r.mismatch(first, want)
}

func (r *reader) Null() error {
	first, err := r.begin()
	if err == nil && first != codeNil {
		err = r.mismatch(first, "null")
	}
	return err
}

func (r *reader) Bool() (bool, error) {
	first, err := r.begin()
	if err == nil && first != codeFalse && first != codeTrue {
		err = r.mismatch(first, "a bool")
	}
	return first == codeTrue, err
}

func (r *reader) Int() (mag uint64, neg bool, err error) {
	first, err := r.begin()
	if err != nil {
		return 0, false, err
	}
	return r.int(first, "an integer")
}

func (r *reader) int(first byte, want string) (mag uint64, neg bool, err error) {
	var v int64
	switch {
	case first < fixMap:
		return uint64(first), false, nil
	case first >= negFix:
		v = int64(int8(first))
	case first >= uint8_ && first <= uint64_:
		mag, err = r.arg(1 << (first - uint8_))
		return mag, false, err
	case first >= int8_ && first <= int64_:
		n := 1 << (first - int8_)
		u, err := r.arg(n)
		if err != nil {
			return 0, false, err
		}
		shift := 64 - 8*n
		v = int64(u<<shift) >> shift
	default:
		return 0, false, r.mismatch(first, want)
	}
	if v < 0 {
		return uint64(-v), true, nil
	}
	return uint64(v), false, nil
}

func (r *reader) Big(unsigned bool) ([]byte, error) {
	if r.Kind() != serde.Bytes {
		mag, neg, err := r.Int()
		if err != nil {
			return nil, err
		}
		r.scratch = r.scratch[:0]
		if neg {
			r.scratch = append(r.scratch, '-')
		}
		r.scratch = strconv.AppendUint(r.scratch, mag, 10)
		return r.scratch, nil
	}
	b, err := r.raw()
	if err != nil {
		return nil, err
	}
	if len(b) != 16 {
		return nil, r.fail("an integer of " + strconv.Itoa(len(b)) + " bytes where 16 belong")
	}
	v := [16]byte(b)
	r.scratch = append(r.scratch[:0], "0x"...)
	if !unsigned && v[0] >= 0x80 {
		negate(&v)
		r.scratch = append(r.scratch[:0], "-0x"...)
	}
	r.scratch = serde.AppendHex(r.scratch, v[:])
	return r.scratch, nil
}

func (r *reader) Float(int) (float64, error) {
	first, err := r.begin()
	if err != nil {
		return 0, err
	}
	switch first {
	case float32_:
		v, err := r.arg(4)
		return float64(math.Float32frombits(uint32(v))), err
	case float64_:
		v, err := r.arg(8)
		return math.Float64frombits(v), err
	}
	mag, neg, err := r.int(first, "a float")
	if neg {
		return -float64(mag), err
	}
	return float64(mag), err
}

// raw reads the content of a str or bin.
func (r *reader) raw() ([]byte, error) {
	first, err := r.begin()
	if err != nil {
		return nil, err
	}
	var n uint64
	switch {
	case first >= fixStr && first < codeNil:
		n = uint64(first & 0x1f)
	case first >= str8 && first <= str32:
		n, err = r.arg(1 << (first - str8))
	case first >= bin8 && first <= bin32:
		n, err = r.arg(1 << (first - bin8))
	}
	if err != nil {
		return nil, err
	}
	if n > uint64(r.Left()) {
		return nil, r.fail("a length beyond the end of the message")
	}
	b := r.src[r.off : r.off+int(n)]
	r.off += int(n)
	return b, nil
}

func (r *reader) Text() ([]byte, error) {
	if k := r.Kind(); k != serde.Text && k != serde.Bytes {
		return nil, r.Mismatch("text")
	}
	b, err := r.raw()
	if err == nil && !serde.ValidText(b) {
		err = r.fail("invalid UTF-8")
	}
	return b, err
}

func (r *reader) Name() ([]byte, error) {
	if r.Kind() == serde.Int {
		r.start = r.off
		return nil, r.fail("a variant by its number: names only")
	}
	return r.Text()
}

func (r *reader) AppendBytes(dst []byte) ([]byte, error) {
	if r.Kind() != serde.Bytes {
		return nil, r.Mismatch("bytes")
	}
	b, err := r.raw()
	return append(dst, b...), err
}
