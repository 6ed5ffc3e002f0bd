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
		Text:  "Grüße, \"世界\" \U0001F6B2\n", //nolint:gosmopolitan // text beyond ASCII, as people send it
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

func messages() []namedMessage {
	return []namedMessage{
		{"struct", sample()},
		{"empty struct", &struct{}{}},
		{"string", new("hi")},
		{"empty string", new("")},
		{"control characters", new("\x00\x01\x1f\x7f\u2028\\/\b\f\t")},
		{"long string", new(string(make([]byte, 70000)))},
		{"true", new(true)},
		{"false", new(false)},
		{"zero", new(0)},
		{"int8", new([]int8{math.MinInt8, -1, 0, math.MaxInt8})},
		{"int16", new([]int16{math.MinInt16, -129, 128, math.MaxInt16})},
		{"int32", new([]int32{math.MinInt32, -32769, 32768, math.MaxInt32})},
		{"int64", new([]int64{math.MinInt64, math.MinInt32 - 1, math.MaxInt32 + 1, 1<<53 + 1, math.MaxInt64})},
		{"uint16", new([]uint16{0, 23, 24, 255, 256, math.MaxUint16})},
		{"uint32", new([]uint32{0, 65535, 65536, math.MaxUint32})},
		{"uint64", new([]uint64{0, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64})},
		{"float64", new([]float64{0, 1, -1.5, 0.1, 1e300, 5e-324, 1e21, 1e-7, 65504, math.MaxFloat64})},
		{"float32", new([]float32{0, 1, -1.5, 0.1, math.MaxFloat32, math.SmallestNonzeroFloat32})},
		{"list of lists", new([][]string{{"a"}, {}, {"b", "c"}})},
		{"long list", new(make([]int, 70000))},
		{"bytes", new([]byte{0, 1, 127, 128, 255})},
		{"array", new([3]int{1, 2, 3})},
		{"map", new(map[string]string{"a": "1", "": "2", "ü": "3"})},
		{"map of integers", new(map[int]string{-1: "a", 0: "b", 1 << 30: "c"})},
		{"pointer", new(new(7))},
		{"null", new(*int)},
	}
}
