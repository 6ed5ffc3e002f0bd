package cbor

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/tandem-ws/tandem/internal/serde"
)

// indefinite is the additional information of an item whose end a break tells.
const indefinite = 31

// maxScratch bounds what a pooled reader keeps.
const maxScratch = 4 << 10

// reader reads one message. Every length is checked against the bytes left before it is used.
type reader struct {
	src     []byte
	off     int
	start   int // of the item read last
	depth   int // open lists and maps
	max     int
	scratch []byte // texts in pieces, digits of big integers
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

// header reads the head of the item at off and gives the offset behind it.
func (r *reader) header(off int) (first byte, arg uint64, next int, err error) {
	if off >= len(r.src) {
		return 0, 0, off, r.truncated()
	}
	first = r.src[off]
	info := first & 0x1f
	off++
	if info < 24 {
		return first, uint64(info), off, nil
	}
	if info > 27 {
		if info == indefinite {
			return first, 0, off, nil
		}
		return 0, 0, off, serde.NewError(off-1, "a reserved length form")
	}
	n := 1 << (info - 24)
	if len(r.src)-off < n {
		return 0, 0, off, r.truncated()
	}
	switch s := r.src[off:]; n {
	case 1:
		arg = uint64(s[0])
	case 2:
		arg = uint64(binary.BigEndian.Uint16(s))
	case 4:
		arg = uint64(binary.BigEndian.Uint32(s))
	default:
		arg = binary.BigEndian.Uint64(s)
	}
	return first, arg, off + n, nil
}

// skipTags moves past tags that do not change what the item is: all but those of bignums.
func (r *reader) skipTags() error {
	off := r.off
	for tags := 1; off < len(r.src) && r.src[off]&0xe0 == majorTag; tags++ {
		first, tag, next, err := r.header(off)
		switch {
		case err != nil:
			return err
		case first&0x1f == indefinite:
			return serde.NewError(off, "a tag without a number")
		case tag == tagBigPos || tag == tagBigNeg:
			r.off = off
			return nil
		case r.depth+tags > r.max:
			return serde.NewError(off, "nested too deep")
		}
		off = next
	}
	r.off = off
	return nil
}

// begin reads the head of the next item.
func (r *reader) begin() (first byte, arg uint64, err error) {
	if r.off < len(r.src) {
		first = r.src[r.off]
		if first&0x1f < 24 && first&0xe0 != majorTag {
			r.start = r.off
			r.off++
			return first, uint64(first & 0x1f), nil
		}
	}
	if err := r.skipTags(); err != nil {
		return 0, 0, err
	}
	r.start = r.off
	first, arg, r.off, err = r.header(r.off)
	return first, arg, err
}

func kindOf(first byte) serde.Kind {
	switch first & 0xe0 {
	case majorUint, majorNeg, majorTag:
		return serde.Int
	case majorBytes:
		return serde.Bytes
	case majorText:
		return serde.Text
	case majorList:
		return serde.List
	case majorMap:
		return serde.Map
	}
	switch first {
	case itemFalse, itemTrue:
		return serde.Bool
	case itemNull, itemUndefined:
		return serde.Null
	case itemFloat16, itemFloat32, itemFloat64:
		return serde.Float
	}
	return serde.Invalid
}

func (r *reader) Kind() serde.Kind {
	if r.off < len(r.src) && r.src[r.off]&0xe0 != majorTag {
		return kindOf(r.src[r.off])
	}
	if r.skipTags() != nil || r.off >= len(r.src) {
		return serde.Invalid
	}
	return kindOf(r.src[r.off])
}

// mismatch is the error for an item at r.start whose first byte is given.
func (r *reader) mismatch(first byte, want string) error {
	if k := kindOf(first); k != serde.Invalid {
		return r.fail(k.String() + " where " + want + " belongs")
	}
	if first == itemBreak {
		return r.fail("a break where " + want + " belongs")
	}
	return r.fail("a simple value where " + want + " belongs")
}

func (r *reader) Mismatch(want string) error {
	first, _, err := r.begin()
	if err != nil {
		return err
	}
	return r.mismatch(first, want)
}

func (r *reader) Null() error {
	first, _, err := r.begin()
	if err == nil && first != itemNull && first != itemUndefined {
		err = r.mismatch(first, "null")
	}
	return err
}

func (r *reader) Bool() (bool, error) {
	first, _, err := r.begin()
	if err == nil && first != itemFalse && first != itemTrue {
		err = r.mismatch(first, "a bool")
	}
	return first == itemTrue, err
}

func (r *reader) Int() (mag uint64, neg bool, err error) {
	first, arg, err := r.begin()
	if err != nil {
		return 0, false, err
	}
	switch first & 0xe0 {
	case majorUint:
		if first&0x1f != indefinite {
			return arg, false, nil
		}
	case majorNeg:
		if first&0x1f != indefinite && arg != math.MaxUint64 {
			return arg + 1, true, nil
		}
	case majorTag:
		b, err := r.bigBytes()
		if err != nil {
			return 0, false, err
		}
		if len(b) > 8 {
			break
		}
		for _, c := range b {
			mag = mag<<8 | uint64(c)
		}
		if arg == tagBigPos {
			return mag, false, nil
		}
		if mag != math.MaxUint64 {
			return mag + 1, true, nil
		}
	default:
		return 0, false, r.mismatch(first, "an integer")
	}
	if first&0x1f == indefinite {
		return 0, false, r.fail("an integer without a value")
	}
	return 0, false, r.fail("an integer beyond 64 bits")
}

// bigBytes reads the byte string behind a bignum's tag into the scratch buffer, without leading zeros.
func (r *reader) bigBytes() ([]byte, error) {
	start := r.start
	if r.off < len(r.src) && r.src[r.off]&0xe0 != majorBytes {
		return nil, r.fail("a bignum that is not bytes")
	}
	b, err := r.AppendBytes(r.scratch[:0])
	if err != nil {
		return nil, err
	}
	r.scratch, r.start = b, start
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > serde.MaxBigBytes {
		return nil, r.fail("an integer of more than 8192 bits")
	}
	return b, nil
}

func (r *reader) Big(bool) ([]byte, error) {
	if r.Kind() != serde.Int || r.src[r.off]&0xe0 != majorTag {
		mag, neg, err := r.Int()
		if err != nil {
			if r.src != nil && r.start < len(r.src) && r.src[r.start] == majorNeg|27 && r.off == r.start+9 {
				return []byte("-18446744073709551616"), nil // -2^64 is the one plain integer beyond 64 bits
			}
			return nil, err
		}
		r.scratch = r.scratch[:0]
		if neg {
			r.scratch = append(r.scratch, '-')
		}
		r.scratch = strconv.AppendUint(r.scratch, mag, 10)
		return r.scratch, nil
	}
	_, tag, err := r.begin()
	if err != nil {
		return nil, err
	}
	b, err := r.bigBytes()
	if err != nil {
		return nil, err
	}
	text := []byte("0x0")
	if tag == tagBigNeg {
		text = []byte("-0x0")
		i := len(b) - 1
		for ; i >= 0; i-- {
			if b[i]++; b[i] != 0 {
				break
			}
		}
		if i < 0 {
			text = append(text, '1')
		}
	}
	return serde.AppendHex(text, b), nil
}

func (r *reader) Float(int) (float64, error) {
	first, arg, err := r.begin()
	if err != nil {
		return 0, err
	}
	switch first {
	case itemFloat16:
		return fromHalf(uint16(arg)), nil
	case itemFloat32:
		return float64(math.Float32frombits(uint32(arg))), nil
	case itemFloat64:
		return math.Float64frombits(arg), nil
	}
	return 0, r.mismatch(first, "a float")
}
