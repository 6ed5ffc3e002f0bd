package codectest

import "math"

// Message is a message such as programs send, of the kinds every codec has.
type Message struct {
	Text   string         `json:"text"`
	Int    int            `json:"int"`
	Float  float64        `json:"float"`
	Bool   bool           `json:"bool"`
	List   []int          `json:"list"`
	Names  map[string]int `json:"names"`
	Inner  Inner          `json:"inner"`
	Maybe  *Inner         `json:"maybe"`
	Absent *int           `json:"absent"`
	Many   []Inner        `json:"many"`
}

// Inner is a part of [Message].
type Inner struct {
	A string `json:"a"`
	B uint8  `json:"b"`
}

func sample() *Message {
	return &Message{
		Text:  "Grüße, \"世界\" \U0001F6B2\n",
		Int:   -1815,
		Float: 98.6,
		Bool:  true,
		List:  []int{1, -2, 300, 70000},
		Names: map[string]int{"ada": 36},
		Inner: Inner{"in", 255},
		Maybe: &Inner{"there", 7},
		Many:  []Inner{{"x", 0}, {"y", 1}},
	}
}

type namedMessage struct {
	name  string
	value any // a pointer
}

func ptr[T any](v T) *T { return &v }

func messages() []namedMessage {
	return []namedMessage{
		{"struct", sample()},
		{"empty struct", &struct{}{}},
		{"string", ptr("hi")},
		{"empty string", ptr("")},
		{"control characters", ptr("\x00\x01\x1f\x7f\u2028\\/\b\f\t")},
		{"long string", ptr(string(make([]byte, 70000)))},
		{"true", ptr(true)},
		{"false", ptr(false)},
		{"zero", ptr(0)},
		{"int8", ptr([]int8{math.MinInt8, -1, 0, math.MaxInt8})},
		{"int16", ptr([]int16{math.MinInt16, -129, 128, math.MaxInt16})},
		{"int32", ptr([]int32{math.MinInt32, -32769, 32768, math.MaxInt32})},
		{"int64", ptr([]int64{math.MinInt64, math.MinInt32 - 1, math.MaxInt32 + 1, 1<<53 + 1, math.MaxInt64})},
		{"uint16", ptr([]uint16{0, 23, 24, 255, 256, math.MaxUint16})},
		{"uint32", ptr([]uint32{0, 65535, 65536, math.MaxUint32})},
		{"uint64", ptr([]uint64{0, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64})},
		{"float64", ptr([]float64{0, 1, -1.5, 0.1, 1e300, 5e-324, 1e21, 1e-7, 65504, math.MaxFloat64})},
		{"float32", ptr([]float32{0, 1, -1.5, 0.1, math.MaxFloat32, math.SmallestNonzeroFloat32})},
		{"list of lists", ptr([][]string{{"a"}, {}, {"b", "c"}})},
		{"long list", ptr(make([]int, 70000))},
		{"bytes", ptr([]byte{0, 1, 127, 128, 255})},
		{"array", ptr([3]int{1, 2, 3})},
		{"map", ptr(map[string]string{"a": "1", "": "2", "ü": "3"})},
		{"map of integers", ptr(map[int]string{-1: "a", 0: "b", 1 << 40: "c"})},
		{"pointer", ptr(ptr(7))},
		{"null", new(*int)},
	}
}
