package cbor_test

import (
	"encoding/hex"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/codec/cbor"
)

type record struct {
	A int     `json:"a"`
	B *string `json:"b"`
	C []uint8 `json:"c"`
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
		{"", new(int), "cbor: the message ends too early (offset 0)"},
		{"18", new(int), "cbor: the message ends too early (offset 1)"},
		{"0000", new(int), "cbor: bytes behind the message (offset 1)"},
		{"01", new(float64), "cbor: an integer where a float belongs (offset 0)"},
		{"fb3ff0000000000000", new(int), "cbor: a float where an integer belongs (offset 0)"},
		{"f5", new(string), "cbor: a bool where text belongs (offset 0)"},
		{"f6", new(int), "cbor: null where an integer belongs (offset 0)"},
		{"f7", new(string), "cbor: null where text belongs (offset 0)"},
		{"e0", new(any), "cbor: a simple value where a value belongs (offset 0)"},
		{"f820", new(any), "cbor: a simple value where a value belongs (offset 0)"},
		{"ff", new(any), "cbor: a break where a value belongs (offset 0)"},
		{"1c", new(int), "cbor: a reserved length form (offset 0)"},
		{"1f", new(int), "cbor: an integer without a value (offset 0)"},
		{"1f", new(any), "cbor: an integer without a value (offset 0)"},
		{"df00", new(int), "cbor: a tag without a number (offset 0)"},
		{"4161", new(string), "cbor: bytes where text belongs (offset 0)"},
		{"6161", new([]byte), "cbor: text where bytes belongs (offset 0)"},
		{"61ff", new(string), "cbor: invalid UTF-8 (offset 0)"},
		{"62c3a9 00", new(string), "cbor: bytes behind the message (offset 3)"},
		{"7f 61c3 61a9 ff", new(string), "cbor: invalid UTF-8 (offset 1)"},
		{"7f 4161 ff", new(string), "cbor: a piece of another kind in a string (offset 1)"},
		{"7f 7f6161ff ff", new(string), "cbor: a piece of another kind in a string (offset 1)"},
		{"7f 6161", new(string), "cbor: the message ends too early (offset 3)"},
		{"1903e8", new(uint8), "cbor: 1000 does not fit uint8 (offset 0)"},
		{"20", new(uint64), "cbor: -1 does not fit uint64 (offset 0)"},
		{"3b7fffffffffffffff", new(int32), "cbor: -9223372036854775808 does not fit int32 (offset 0)"},
		{"3b8000000000000000", new(int64), "cbor: -9223372036854775809 does not fit int64 (offset 0)"},
		{"3bffffffffffffffff", new(int64), "cbor: an integer beyond 64 bits (offset 0)"},
		{"c249010000000000000000", new(uint64), "cbor: an integer beyond 64 bits (offset 0)"},
		{"c249010000000000000000", new(any), "cbor: an integer beyond 64 bits (offset 0)"},
		{"c26105", new(int), "cbor: a bignum that is not bytes (offset 0)"},
		{"c2", new(int), "cbor: the message ends too early (offset 1)"},
		{"fb7e37e43c8800759c", new(float32), "cbor: a float that does not fit float32 (offset 0)"},
		{"83 01 f6 80", new(record), "cbor: a list where a map belongs (offset 0)"},
		{"a2 6161 01 6161 02", new(record), "cbor: the field a comes twice (offset 4)"},
		{"a2 617a 01 617a 02", new(record), `cbor: the field "z" comes twice (offset 4)`},
		{"a1 617a a2 01 02 01 03", new(record), "cbor: a key comes twice (offset 6)"},
		{"a1 01 02", new(record), "cbor: {key}: an integer where text belongs (offset 1)"},
		{"a1 6161 6161", new(record), "cbor: .a: text where an integer belongs (offset 3)"},
		{"a1 6163 82 01 190100", new(record), "cbor: .c[1]: 256 does not fit uint8 (offset 5)"},
		{"a2 01 02 01 03", new(map[int]int), "cbor: [1]: the key comes twice (offset 3)"},
		{"a2 6161 02 6161 03", new(map[string]any), `cbor: ["a"]: the key comes twice (offset 4)`},
		{"a2 6161 02 6161 03", new(any), `cbor: the key "a" comes twice (offset 4)`},
		{"a1 01 02", new(any), "cbor: {key}: an integer where text belongs (offset 1)"},
		{"83 01 02 03", new([2]int), "cbor: a list of 3 where 2 belong (offset 0)"},
		{"9f 01 ff", new([2]int), "cbor: a list of 1 where 2 belong (offset 2)"},
		{"9f 01 02 03 ff", new([2]int), "cbor: a list of 3 where 2 belong (offset 2)"},
		{"43 010203", new([2]byte), "cbor: 3 bytes where 2 belong (offset 0)"},
		{"9a 7fffffff 01", new([]int), "cbor: a length beyond the end of the message (offset 0)"},
		{"9b 7fffffffffffffff 01", new([]int), "cbor: a length beyond the end of the message (offset 0)"},
		{"bb ffffffffffffffff 01", new(map[string]int), "cbor: a length beyond the end of the message (offset 0)"},
		{"5b ffffffffffffffff 01", new([]byte), "cbor: a length beyond the end of the message (offset 0)"},
		{"6161", new(time.Time), "cbor: not a valid time.Time (offset 0)"},
		{"c0 01", new(time.Time), "cbor: an integer where text belongs (offset 1)"},
		{"bf 6161 ff", new(map[string]int), `cbor: ["a"]: a break where an integer belongs (offset 3)`},
	} {
		err := cbor.Codec.Decode(bytesOf(t, row.in), row.into)
		if err == nil || err.Error() != row.want {
			t.Errorf("%s into %T:\n got %v\nwant %s", row.in, row.into, err, row.want)
		}
	}
}

func TestDecode_accepted(t *testing.T) {
	x := "x"
	nine := new(big.Int).Exp(big.NewInt(2), big.NewInt(64), nil)
	minus := new(big.Int).Neg(nine)
	for _, row := range []struct {
		in   string
		want any
	}{
		{"1b0000000000000005", 5},
		{"d9d9f7 05", 5},
		{"d820 d821 6161", "a"},
		{"c24105", 5},
		{"c34105", -6},
		{"d802 43000005", uint8(5)},
		{"c2 5f 4100 4105 ff", 5},
		{"c2 40", 0},
		{"c3 40", -1},
		{"c249010000000000000000", *nine},
		{"3bffffffffffffffff", *minus},
		{"c348ffffffffffffffff", *minus},
		{"f93e00", 1.5},
		{"fb3ff8000000000000", float32(1.5)},
		{"fb3fb999999999999a", float32(0.1)},
		{"7f 6161 60 6162 ff", "ab"},
		{"5f 4101 4102 ff", []byte{1, 2}},
		{"9f 01 02 ff", []byte{1, 2}},
		{"82 01 02", [2]byte{1, 2}},
		{"9f ff", []int{}},
		{"bf 6162 6178 7f6161ff 01 6163 80 ff", record{1, &x, []uint8{}}},
		{"a0", record{}},
		{"c0 74 323032342d30312d30325430333a30343a30355a", time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"a1 617a a2 01 02 02 d820 9f f7 ff", record{}},
		{"f6", struct{}{}},
	} {
		got := reflect.New(reflect.TypeOf(row.want))
		if err := cbor.Codec.Decode(bytesOf(t, row.in), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), row.want) {
			t.Errorf("%s: got %v, %v, want %v", row.in, got.Elem(), err, row.want)
		}
	}
}

func TestDecode_depth(t *testing.T) {
	three := cbor.New(&cbor.Options{MaxDepth: 3})
	for in, ok := range map[string]bool{
		"818180": true, "81818180": false, // lists
		"81c6c600": true, "81c6c6c600": false, "c6c6c600": true, "c6c6c6c600": false, // tags in front of an item
		"9f9f9fffffff": true, "9f9f9f9fffffffff": false,
		"a100a100a0": false, // a map key has to be text here
	} {
		if err := three.Decode(bytesOf(t, in), new(any)); (err == nil) != ok {
			t.Errorf("%s: %v", in, err)
		}
		if err := three.Decode(bytesOf(t, "a1617a"+in), new(record)); err == nil && !ok {
			t.Errorf("skipping %s", in)
		}
	}
	const n = 10_000_000
	for _, head := range []string{"\x81", "\x9f", "\xc6", "\xc2", "\xa1\x61a", "\xbf\x61a", "\xa1\xa1", "\x5f", "\x7f", "\xd8\x20"} {
		src := []byte(strings.Repeat(head, n/len(head)))
		for _, v := range []any{new(any), new([]any), new(record), new(int), new(string), new(*int), new(struct{ A any })} {
			if err := cbor.Codec.Decode(src, v); err == nil {
				t.Errorf("%d times %x were taken for a %T", n, head, v)
			}
		}
	}
}

func TestDecode_nestedClaims(t *testing.T) {
	// Each level claims as many elements as there are bytes left: what one claim may reserve, all of them share.
	var src []byte
	for range 63 {
		src = append(src, 0x99, 0xff, 0xff)
	}
	src = append(src, make([]byte, 0xffff)...)
	for _, v := range []any{new(any), new([][][][][][]any), new(nested)} {
		if _, err := cbor.Codec.Append(nil, v); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = cbor.Codec.Decode(src, v)
		runtime.ReadMemStats(&after)
		if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(80*len(src)) {
			t.Errorf("%T: %d bytes for a message of %d", v, cost, len(src))
		}
	}
}

type nested []nested

func TestAppend_exact(t *testing.T) {
	for _, row := range []struct {
		v    any
		want string
	}{
		{&struct {
			B int
			A []byte `json:"a,format:array"`
		}{1, []byte{1, 200}}, "a2 6142 01 6161 82 01 18c8"},
		{&map[int]string{10: "x", -2: "y"}, "a2 0a 6178 21 6179"},
		{&[]float64{1.5, 65504, 5.960464477539063e-08, 100000, 0.1}, "85 f93e00 f97bff f90001 fa47c35000 fb3fb999999999999a"},
	} {
		got, err := cbor.Codec.Append(nil, row.v)
		if err != nil || hex.EncodeToString(got) != strings.ReplaceAll(row.want, " ", "") {
			t.Errorf("%v: got %x, %v, want %s", row.v, got, err, row.want)
		}
	}
	long := new(big.Int).Lsh(big.NewInt(1), 8192)
	if _, err := cbor.Codec.Append(nil, long); err == nil {
		t.Error("an integer of 8193 bits was encoded")
	}
	long.Sub(long, big.NewInt(1))
	src, err := cbor.Codec.Append(nil, long)
	var back big.Int
	if err != nil || cbor.Codec.Decode(src, &back) != nil || back.Cmp(long) != 0 {
		t.Errorf("an integer of 8192 bits: %v", err)
	}
}
