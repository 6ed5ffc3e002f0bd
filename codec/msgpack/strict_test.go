package msgpack_test

import (
	"encoding/hex"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/codec/msgpack"
)

type record struct {
	A int     `json:"a"`
	B *string `json:"b"`
	C []uint8 `json:"c"`
}

type huge struct {
	I *big.Int `json:"i"`
	U *big.Int `json:"u,format:u128"`
}

func bytesOf(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode_refused(t *testing.T) {
	for _, row := range []struct {
		in   string
		into any
		want string
	}{
		{"", new(int), "msgpack: the message ends too early (offset 0)"},
		{"cd00", new(int), "msgpack: the message ends too early (offset 2)"},
		{"0000", new(int), "msgpack: bytes behind the message (offset 1)"},
		{"c1", new(any), "msgpack: the unused byte 0xc1 (offset 0)"},
		{"c1", new(int), "msgpack: the unused byte 0xc1 (offset 0)"},
		{"cb3ff0000000000000", new(int), "msgpack: a float where an integer belongs (offset 0)"},
		{"c0", new(string), "msgpack: null where text belongs (offset 0)"},
		{"a161", new([]byte), "msgpack: text where bytes belongs (offset 0)"},
		{"a1ff", new(string), "msgpack: invalid UTF-8 (offset 0)"},
		{"c401ff", new(string), "msgpack: invalid UTF-8 (offset 0)"},
		{"d6ff00000000", new(string), "msgpack: an ext where text belongs (offset 0)"},
		{"d6ff00000000", new(any), "msgpack: an ext where a value belongs (offset 0)"},
		{"d7ff00", new(time.Time), "msgpack: an ext where text belongs (offset 0)"},
		{"c70cff", new(any), "msgpack: an ext where a value belongs (offset 0)"},
		{"cd03e8", new(uint8), "msgpack: 1000 does not fit uint8 (offset 0)"},
		{"ff", new(uint64), "msgpack: -1 does not fit uint64 (offset 0)"},
		{"cfffffffffffffffff", new(int64), "msgpack: 18446744073709551615 does not fit int64 (offset 0)"},
		{"cb7e37e43c8800759c", new(float32), "msgpack: a float that does not fit float32 (offset 0)"},
		{"92 01 c0", new(record), "msgpack: a list of 2 where 3 belong (offset 0)"},
		{"94 01 c0 90 05", new(record), "msgpack: a list of 4 where 3 belong (offset 0)"},
		{"82 a161 01 a161 02", new(record), "msgpack: the field a comes twice (offset 4)"},
		{"82 a17a 01 a17a 02", new(record), `msgpack: the field "z" comes twice (offset 4)`},
		{"81 a17a 82 01 02 01 03", new(record), "msgpack: a key comes twice (offset 6)"},
		{"81 01 02", new(record), "msgpack: {key}: an integer where text belongs (offset 1)"},
		{"93 01 c0 92 01 cd0100", new(record), "msgpack: .c[1]: 256 does not fit uint8 (offset 5)"},
		{"82 01 02 01 03", new(map[int]int), "msgpack: [1]: the key comes twice (offset 3)"},
		{"81 01 02", new(any), "msgpack: {key}: an integer where text belongs (offset 1)"},
		{"dd 7fffffff 01", new([]int), "msgpack: a length beyond the end of the message (offset 0)"},
		{"df ffffffff 01", new(map[string]int), "msgpack: a length beyond the end of the message (offset 0)"},
		{"c6 ffffffff 01", new([]byte), "msgpack: a length beyond the end of the message (offset 0)"},
		{"db ffffffff 01", new(string), "msgpack: a length beyond the end of the message (offset 0)"},
		{"c40105", new(big.Int), "msgpack: an integer of 1 bytes where 16 belong (offset 0)"},
		{"82 a175 ff a169 c0", new(huge), "msgpack: .u: an integer that does not fit u128 (offset 3)"},
	} {
		err := msgpack.Codec.Decode(bytesOf(t, row.in), row.into)
		if err == nil || err.Error() != row.want {
			t.Errorf("%s into %T:\n got %v\nwant %s", row.in, row.into, err, row.want)
		}
	}
}

func TestDecode_accepted(t *testing.T) {
	for _, row := range []struct {
		in   string
		want any
	}{
		{"d30000000000000005", uint8(5)},
		{"cf0000000000000005", int8(5)},
		{"d0ff", int64(-1)},
		{"01", 1.0},
		{"ff", float32(-1)},
		{"ca3fc00000", 1.5},
		{"d90161", "a"},
		{"db0000000161", "a"},
		{"c40161", "a"},
		{"92 01 02", []byte{1, 2}},
		{"c4020102", [2]byte{1, 2}},
		{"dd0000000105", []int{5}},
		{"93 01 c0 c4020102", record{A: 1, C: []byte{1, 2}}},
		{"81 a17a 81 c0 91 c2", record{}},
		{"90", struct{}{}},
		{"c0", struct{}{}},
		{"c410ffffffffffffffffffffffffffffffff", *big.NewInt(-1)},
		{"c41000000000000000000000000000000005", *big.NewInt(5)},
	} {
		got := reflect.New(reflect.TypeOf(row.want))
		if err := msgpack.Codec.Decode(bytesOf(t, row.in), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), row.want) {
			t.Errorf("%s: got %v, %v, want %v", row.in, got.Elem(), err, row.want)
		}
	}
}

func TestBig(t *testing.T) {
	bit := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	less := func(a *big.Int) *big.Int { return new(big.Int).Sub(a, big.NewInt(1)) }
	minus := func(a *big.Int) *big.Int { return new(big.Int).Neg(a) }
	for _, h := range []huge{
		{less(bit(127)), less(bit(128))}, {minus(bit(127)), bit(64)}, {minus(bit(64)), less(bit(64))}, {bit(64), big.NewInt(0)}, {big.NewInt(math.MinInt64), bit(127)},
	} {
		src, err := msgpack.Codec.Append(nil, &h)
		var back huge
		if err != nil || msgpack.Codec.Decode(src, &back) != nil || back.I.Cmp(h.I) != 0 || back.U.Cmp(h.U) != 0 {
			t.Errorf("%v went out as %x and came back as %v, %v", h, src, back, err)
		}
	}
	for _, h := range []huge{{I: bit(127)}, {I: minus(less(minus(bit(127))))}, {I: less(minus(bit(127)))}, {U: bit(128)}, {U: big.NewInt(-1)}} {
		if src, err := msgpack.Codec.Append(nil, &h); err == nil {
			t.Errorf("%v went out as %x", h, src)
		}
	}
}

func TestDecode_deep(t *testing.T) {
	const n = 10_000_000
	for _, head := range []string{"\x91", "\xdc\x00\x01", "\x81\xa1a", "\x81\x81", "\xdd\x00\x00\x00\x01"} {
		src := []byte(strings.Repeat(head, n/len(head)))
		for _, v := range []any{new(any), new([]any), new(record), new(nested), new(struct{ A any })} {
			if err := msgpack.Codec.Decode(src, v); err == nil {
				t.Errorf("%d times %x were taken for a %T", n, head, v)
			}
		}
	}
}

type nested []nested

func TestDecode_nestedClaims(t *testing.T) {
	// Each level claims as many elements as there are bytes left: what one claim may reserve, all of them share.
	var src []byte
	for range 63 {
		src = append(src, 0xdc, 0xff, 0xff)
	}
	src = append(src, make([]byte, 0xffff)...)
	for _, v := range []any{new(any), new([][][][][][]any), new(nested)} {
		if _, err := msgpack.Codec.Append(nil, v); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = msgpack.Codec.Decode(src, v)
		runtime.ReadMemStats(&after)
		if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(80*len(src)) {
			t.Errorf("%T: %d bytes for a message of %d", v, cost, len(src))
		}
	}
}
