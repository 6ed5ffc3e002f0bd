package json_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
)

// One Go type, two encodings, the same meaning.
func Example() {
	type Reading struct {
		Sensor string            `json:"sensor"`
		At     time.Time         `json:"at"`
		Values []float64         `json:"values"`
		Raw    []byte            `json:"raw,format:array"` // as Rust writes Vec<u8>
		Labels map[string]string `json:"labels,omitempty"`
		Note   *string           `json:"note"`
	}
	in := Reading{Sensor: "t1", At: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Raw: []byte{1, 200}}
	text, err := json.Codec.Append(nil, &in)
	fmt.Println(string(text), err)
	binary, err := cbor.Codec.Append(nil, &in)
	fmt.Println(len(text), len(binary), err)
	// Output:
	// {"sensor":"t1","at":"2024-01-02T03:04:05Z","values":[],"raw":[1,200],"note":null} <nil>
	// 81 57 <nil>
}

// Errors say where.
func Example_errors() {
	var ages map[string][]uint8
	fmt.Println(json.Codec.Decode([]byte(`{"ada":[36,360]}`), &ages))
	type unfit struct{ Calls []func() }
	_, err := json.Codec.Append(nil, &unfit{})
	fmt.Println(err)
	// Output:
	// json: ["ada"][1]: 360 does not fit uint8 (offset 11)
	// json: unfit.Calls[]: func() cannot be a message
}

func ExampleNew() {
	shallow := json.New(&json.Options{MaxDepth: 2})
	var v any
	fmt.Println(shallow.Decode([]byte(`[[1]]`), &v), reflect.TypeOf(v))
	fmt.Println(shallow.Decode([]byte(`[[[1]]]`), &v))
	// Output:
	// <nil> []interface {}
	// json: [0][0]: nested too deep (offset 2)
}
