package serde_test

import (
	"io"
	"math/big"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/tandem-ws/tandem/internal/serde"
)

type (
	Person struct {
		Name    string
		Friends []Friend
	}
	Friend struct{ Ch chan int }

	named     struct{ hidden chan int }
	selfRef   *selfRef
	textOnly  struct{}
	parseOnly struct{}
	Point     struct {
		serde.Tuple
		X, Y int
	}
	inlined    struct{ Point }
	notInlined struct {
		Point `json:"point"`
	}
	omitting struct {
		serde.Tuple
		X int `json:",omitempty"`
	}
	stray struct{ serde.Unknown }
	left  struct{ A int }
	right struct{ A int }
	clash struct {
		left
		right
	}
	hidden struct {
		left
		right
		A int
	}
	inner   struct{ B int }
	pointed struct{ *inner }
	looped  struct {
		A int
		*Looper
	}
	Looper struct {
		C int
		*Looper
	}
)

func (textOnly) MarshalText() ([]byte, error) { return nil, nil }
func (*parseOnly) UnmarshalText([]byte) error { return nil }

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		v    any
		want string
	}{
		{Person{}, "Person.Friends[].Ch: chan int cannot be a message"},
		{map[string][]func(){}, "message[][]: func() cannot be a message"},
		{complex(1, 1), "complex128: complex128 cannot be a message"},
		{[1]unsafe.Pointer{}, "message[]: unsafe.Pointer cannot be a message"},
		{struct{ R io.Reader }{}, "message.R: io.Reader is an interface that is not registered as a union"},
		{map[float64]int{}, "message: float64 cannot be a map key"},
		{map[Point]int{}, "message: serde_test.Point cannot be a map key"},
		{map[any]int{}, "message: interface {} cannot be a map key"},
		{selfRef(nil), "selfRef: serde_test.selfRef points to itself"},
		{textOnly{}, "textOnly: serde_test.textOnly has MarshalText but no UnmarshalText, a message needs both"},
		{[]parseOnly{}, "message[]: serde_test.parseOnly has UnmarshalText but no MarshalText, a message needs both"},
		{struct {
			A int `json:",string"`
		}{}, "message.A: the tag option string is not supported"},
		{struct {
			A []int `json:",format:array"`
		}{}, "message.A: format:array is for bytes, not []int"},
		{struct {
			A int `json:",format:u128"`
		}{}, "message.A: format:u128 is for big.Int, not int"},
		{struct {
			A time.Time `json:",format:unix"`
		}{}, "message.A: unknown format:unix in the tag"},
		{struct {
			//lint:ignore SA5008 that the name is wrong is the point
			A int `json:"\xff"`
		}{}, "message.A: its name is not valid UTF-8"},
		{clash{}, "clash: two fields are named A"},
		{inlined{}, "inlined.Point: serde_test.Point is a tuple and cannot be embedded without a name"},
		{omitting{}, "omitting.X: a field of a tuple cannot be left out"},
		{stray{}, "stray: serde_test.stray holds unknown variants and has a meaning only in its union"},
		{pointed{}, "pointed.inner: an embedded pointer to an unexported struct cannot be set"},
	} {
		if err := serde.Check(reflect.TypeOf(row.v)); err == nil || err.Error() != row.want {
			t.Errorf("%T:\n got %v\nwant %s", row.v, err, row.want)
		}
	}
	if err := serde.Check(nil); err == nil {
		t.Error("nil was let pass")
	}
	for _, v := range []any{
		"", 1, named{hidden: nil}, notInlined{}, hidden{}, looped{}, Point{}, struct{}{}, big.Int{}, &big.Int{}, time.Time{}, time.Second,
		struct {
			A int `json:"-"`
			//lint:ignore SA5008 with the comma "-" is a name, as in encoding/json
			B int `json:"-,"`
		}{}, map[time.Time]any{}, [0]byte{},
		struct {
			Ch chan int `json:"-"`
		}{},
	} {
		if err := serde.Check(reflect.TypeOf(v)); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestError(t *testing.T) {
	e := serde.NewError(17, "300 does not fit uint8")
	e.Codec, e.Path = "cbor", ".items[3].age"
	if got, want := e.Error(), "cbor: .items[3].age: 300 does not fit uint8 (offset 17)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSnippet(t *testing.T) {
	for in, want := range map[string]string{
		"":                      `""`,
		"a\x00é":                `"a\x00\u00e9"`,
		"0123456789abcdef":      `"0123456789abcdef"`,
		"0123456789abcdefg":     `"0123456789abcdef"...`,
		"0123456789abcd\u20ac€": `"0123456789abcd"...`,
		"\xff\xff\xff":          `"\xff\xff\xff"`,
	} {
		if got := serde.Snippet(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}
