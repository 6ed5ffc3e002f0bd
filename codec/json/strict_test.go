package json_test

import (
	stdjson "encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/codec/json"
)

type record struct {
	A int     `json:"a"`
	B *string `json:"b"`
	C []uint8 `json:"c"`
}

func TestDecode_refused(t *testing.T) {
	for _, row := range []struct {
		in   string
		into any
		want string
	}{
		{"", new(int), "json: the message ends too early (offset 0)"},
		{"  ", new(any), "json: the message ends too early (offset 2)"},
		{"1 2", new(int), "json: bytes behind the message (offset 2)"},
		{"01", new(int), "json: bytes behind the message (offset 1)"},
		{"-", new(int), "json: not a JSON number (offset 0)"},
		{"-", new(any), "json: not a JSON number (offset 0)"},
		{"1.", new(float64), "json: not a JSON number (offset 0)"},
		{".5", new(float64), `json: unexpected "." (offset 0)`},
		{"+1", new(int), `json: unexpected "+" (offset 0)`},
		{"1e", new(any), "json: not a JSON number (offset 0)"},
		{"NaN", new(float64), `json: unexpected "N" (offset 0)`},
		{"1.0", new(int), "json: a float where an integer belongs (offset 0)"},
		{"1e2", new(int), "json: a float where an integer belongs (offset 0)"},
		{"-0", new(int), "json: -0 where an integer belongs (offset 0)"},
		{"1e400", new(float64), "json: a float that does not fit float64 (offset 0)"},
		{"1e40", new(float32), "json: a float that does not fit float32 (offset 0)"},
		{"256", new(uint8), "json: 256 does not fit uint8 (offset 0)"},
		{"18446744073709551616", new(uint64), "json: an integer beyond 64 bits (offset 0)"},
		{`"1"`, new(int), "json: text where an integer belongs (offset 0)"},
		{"null", new(string), "json: null where text belongs (offset 0)"},
		{"nul", new(*int), "json: the message ends too early (offset 3)"},
		{"nulL", new(*int), `json: unexpected "L" (offset 3)`},
		{"trueish", new(bool), "json: bytes behind the message (offset 4)"},
		{`"a`, new(string), "json: the message ends too early (offset 2)"},
		{"\"a\n\"", new(string), `json: unexpected "\n" (offset 2)`},
		{"\"\xff\"", new(string), "json: invalid UTF-8 (offset 0)"},
		{"\"\xed\xa0\x80\"", new(string), "json: invalid UTF-8 (offset 0)"},
		{`"\ud800"`, new(string), "json: a lone surrogate (offset 1)"},
		{`"\ud800\u0061"`, new(string), "json: a lone surrogate (offset 1)"},
		{`"\udc00"`, new(string), "json: a lone surrogate (offset 1)"},
		{`"\x41"`, new(string), "json: not a JSON escape (offset 1)"},
		{`"\u12g4"`, new(string), "json: not a JSON escape (offset 1)"},
		{`"\`, new(string), "json: the message ends too early (offset 2)"},
		{`[1,]`, new([]int), `json: [1]: unexpected "]" (offset 3)`},
		{`[1 2]`, new([]int), `json: unexpected "2" (offset 3)`},
		{`[1}`, new([]int), `json: unexpected "}" (offset 2)`},
		{`[,1]`, new([]int), `json: [0]: unexpected "," (offset 1)`},
		{`{"a":1,}`, new(record), `json: unexpected "}" (offset 7)`},
		{`{"a" 1}`, new(record), `json: {key}: unexpected "1" (offset 5)`},
		{`{a:1}`, new(record), `json: unexpected "a" (offset 1)`},
		{`{"a":1,"a":2}`, new(record), "json: the field a comes twice (offset 7)"},
		{`{"a":1,"\u0061":2}`, new(record), "json: the field a comes twice (offset 7)"},
		{`{"z":1,"\u007a":2}`, new(record), `json: the field "z" comes twice (offset 7)`},
		{`{"z":[{"q":1,"r":2,"\u0071":3}]}`, new(record), "json: a name comes twice (offset 6)"},
		{`{"q":1,"q":2}`, new(map[string]int), `json: ["q"]: the key comes twice (offset 7)`},
		{`{"1":1,"01":2}`, new(map[int]int), `json: {key}: "01" is no int (offset 7)`},
		{`{"-0":1}`, new(map[int]int), `json: {key}: "-0" is no int (offset 1)`},
		{`{"+1":1}`, new(map[uint]int), `json: {key}: "+1" is no uint (offset 1)`},
		{`{"300":1}`, new(map[uint8]int), `json: {key}: "300" is no uint8 (offset 1)`},
		{`{"True":1}`, new(map[bool]int), `json: {key}: "True" is no bool (offset 1)`},
		{`{"c":[1,256]}`, new(record), "json: .c[1]: 256 does not fit uint8 (offset 8)"},
		{`{"c":"AQI"}`, new(record), "json: .c: not base64 with padding (offset 5)"},
		{`{"c":"AQ\nI="}`, new(record), "json: .c: not base64 with padding (offset 5)"},
		{`{"c":"AQJ="}`, new(record), "json: .c: not base64 with padding (offset 5)"},
		{`{"c":1}`, new(record), "json: .c: an integer where base64 text belongs (offset 5)"},
		{`[1,null]`, new(record), "json: a list of 2 where 3 belong (offset 7)"},
		{`[1,null,[],4]`, new(record), "json: a list of 4 where 3 belong (offset 9)"},
		{`"2024-13-01T00:00:00Z"`, new(time.Time), "json: not a valid time.Time (offset 0)"},
		{`1.5`, new(big.Int), "json: a float where an integer belongs (offset 0)"},
		{strings.Repeat("9", 2467), new(big.Int), "json: an integer of more than 8192 bits (offset 0)"},
		{strings.Repeat("9", 2468), new(big.Int), "json: an integer of more than 8192 bits (offset 0)"},
		{"\xef\xbb\xbf1", new(int), `json: unexpected "\xef" (offset 0)`},
		{`{"x":1}`, new(own), "json: not a valid json_test.own (offset 0)"},
	} {
		err := json.Codec.Decode([]byte(row.in), row.into)
		if err == nil || err.Error() != row.want {
			t.Errorf("%s into %T:\n got %v\nwant %s", row.in, row.into, err, row.want)
		}
	}
}

func TestDecode_accepted(t *testing.T) {
	x := "x"
	for _, row := range []struct {
		in   string
		want any
	}{
		{" 1\n", 1},
		{"1", 1.0},
		{"-0", math.Copysign(0, -1)},
		{"1e-400", 0.0},
		{`"\u003c\/\ud83d\udeb2\u0000"`, "</\U0001F6B2\x00"},
		{`{"zz":{"a":[1e400,-0,"\u0041"]},"b":"x","a":1,"c":"AQI="}`, record{1, &x, []byte{1, 2}}},
		{` { "a" : 1 , "b" : null , "c" : [ 1 , 2 ] } `, record{1, nil, []byte{1, 2}}},
		{`[1,"x",[]]`, record{1, &x, []byte{}}},
		{`{}`, record{}},
		{`{"A":1}`, record{}},
		{`{"5":1,"-7":2}`, map[int8]int{5: 1, -7: 2}},
		{`[-9223372036854775809]`, []any{-9223372036854775809.0}},
		{`[1.5,18446744073709551615,18446744073709551616,-9223372036854775808,-0]`, []any{1.5, uint64(math.MaxUint64), 18446744073709551616.0, int64(math.MinInt64), math.Copysign(0, -1)}},
		{`[1,2]`, [2]byte{1, 2}},
		{`"AQI="`, [2]byte{1, 2}},
		{`null`, struct{}{}},
		{`[]`, struct{}{}},
		{`{"a":1}`, stdjson.RawMessage(`{"a":1}`)},
	} {
		got := reflect.New(reflect.TypeOf(row.want))
		if err := json.Codec.Decode([]byte(row.in), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), row.want) {
			t.Errorf("%s: got %v, %v, want %v", row.in, got.Elem(), err, row.want)
		}
	}
}

// own has a JSON form of its own, with white space to take out.
type own struct{ n int }

func (o own) MarshalJSON() ([]byte, error) {
	if o.n < 0 {
		return []byte("[1"), nil
	}
	return stdjson.MarshalIndent(map[string]any{"n": o.n, "s": " \" \\"}, "", "  ")
}

func (o *own) UnmarshalJSON(b []byte) error {
	var v struct{ N *int }
	if err := stdjson.Unmarshal(b, &v); err != nil || v.N == nil {
		return errors.New("no n")
	}
	o.n = *v.N
	return nil
}

func TestAppend_exact(t *testing.T) {
	for _, row := range []struct {
		v    any
		want string
	}{
		{&struct {
			B int
			A []byte `json:"a,format:array"`
		}{1, []byte{1, 200}}, `{"B":1,"a":[1,200]}`},
		{&map[int]string{10: "x", -2: "y"}, `{"-2":"y","10":"x"}`},
		{&[]float64{1, 0.1, 1e21, 1e20, 1e-7, 1e-6, math.Copysign(0, -1)}, `[1,0.1,1e+21,100000000000000000000,1e-7,0.000001,-0]`},
		{&[]float32{0.1, 16777216, 1e21}, `[0.1,16777216,1e+21]`},
		{&[]string{"</é\u2028", "\"\\\b\f\n\r\t\x00\x1f\x7f"}, "[\"</é\u2028\",\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"]"},
		{&[]own{{7}}, `[{"n":7,"s":" \" \\"}]`},
		{&[]time.Duration{time.Second}, `[1000000000]`},
		{&[]*own{nil}, `[null]`},
	} {
		got, err := json.Codec.Append(nil, row.v)
		if err != nil || string(got) != row.want {
			t.Errorf("%v: got %s, %v, want %s", row.v, got, err, row.want)
		}
	}
	for _, v := range []any{&[]float64{math.NaN()}, &[]float64{math.Inf(-1)}, &[]string{"\xff"}, &[]own{{-1}}, &map[string]int{"abc\xff": 1}} {
		if got, err := json.Codec.Append(nil, v); err == nil {
			t.Errorf("%v went out as %s", v, got)
		} else if !strings.HasPrefix(err.Error(), "json: [0]: ") && !strings.HasPrefix(err.Error(), "json: {key}: ") {
			t.Errorf("%v: %v", v, err)
		}
	}
}

func TestCheckType(t *testing.T) {
	type half struct{ one }
	checker := json.Codec.(interface{ CheckType(reflect.Type) error })
	if err := checker.CheckType(reflect.TypeFor[half]()); err == nil || err.Error() != "half: json_test.half has MarshalJSON but no UnmarshalJSON, a message needs both" {
		t.Errorf("got %v", err)
	}
	if err := checker.CheckType(reflect.TypeFor[map[string]own]()); err != nil {
		t.Error(err)
	}
}

type one struct{}

func (one) MarshalJSON() ([]byte, error) { return nil, nil }

func TestDecode_deep(t *testing.T) {
	const n = 10_000_000
	for _, head := range []string{"[", `{"a":`, `{"a":[`, ` [`, "[0,["} {
		src := []byte(strings.Repeat(head, n/len(head)))
		for _, v := range []any{new(any), new([]any), new(record), new(nested), new(struct{ A any })} {
			if err := json.Codec.Decode(src, v); err == nil {
				t.Errorf("%d times %s were taken for a %T", n, head, v)
			}
		}
	}
	three := json.New(&json.Options{MaxDepth: 3})
	for in, ok := range map[string]bool{`[[[]]]`: true, `[[[[]]]]`: false, `{"a":{"a":{}}}`: true, `{"a":{"a":{"a":1}}}`: true, `{"a":{"a":{"a":[]}}}`: false} {
		if err := three.Decode([]byte(in), new(any)); (err == nil) != ok {
			t.Errorf("%s: %v", in, err)
		}
		if err := three.Decode([]byte(in), new(struct{})); in[0] == '{' && (err == nil) != ok {
			t.Errorf("skipping %s: %v", in, err)
		}
	}
}

type nested []nested
