package dioxus_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"reflect"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// The types and samples of src/params.rs. The field Case is the number of the sample; the server sends back what has
// arrived, and both ends compare it with theirs.

type pathParams struct {
	Text   string `path:"text" json:"text"`
	Number int32  `path:"number" json:"number"`
	Flag   bool   `path:"flag" json:"flag"`
	Letter string `path:"letter" json:"letter"`
	Case   int    `query:"case" json:"-"`
}

type restParams struct {
	Rest string `path:"rest" json:"rest"`
	Case int    `query:"case" json:"-"`
}

type scalarParams struct {
	Case    int      `query:"case" json:"-"`
	Text    string   `query:"text" json:"text"`
	Letter  string   `query:"letter" json:"letter"`
	Flag    bool     `query:"flag" json:"flag"`
	Int8    int8     `query:"int8" json:"int8"`
	Int16   int16    `query:"int16" json:"int16"`
	Int32   int32    `query:"int32" json:"int32"`
	Int64   int64    `query:"int64" json:"int64"`
	Uint8   uint8    `query:"uint8" json:"uint8"`
	Uint16  uint16   `query:"uint16" json:"uint16"`
	Uint32  uint32   `query:"uint32" json:"uint32"`
	Uint64  uint64   `query:"uint64" json:"uint64"`
	Float32 float32  `query:"float32" json:"float32"`
	Float64 float64  `query:"float64" json:"float64"`
	Nothing struct{} `query:"nothing" json:"-"`
	Kind    string   `query:"kind" json:"kind"`
	// In the query () is an empty text, in a message it is null.
	NothingSent *struct{} `query:"-" json:"nothing"`
}

type person struct {
	Name string  `query:"name" json:"name"`
	Age  int32   `query:"age" json:"age"`
	Nick *string `query:"nick" json:"nick"`
}

type nestedParams struct {
	Case        int                `query:"case" json:"-"`
	Maybe       *string            `query:"maybe" json:"maybe"`
	Number      *int32             `query:"number" json:"number"`
	List        []int32            `query:"list" json:"list"`
	Words       []string           `query:"words" json:"words"`
	MaybeList   *[]int32           `query:"maybe_list" json:"maybe_list"`
	Array       [2]uint8           `query:"array" json:"array,format:array"`
	Pair        pair               `query:"pair" json:"pair"`
	Person      person             `query:"person" json:"person"`
	MaybePerson *person            `query:"maybe_person" json:"maybe_person"`
	People      []person           `query:"people" json:"people"`
	Map         map[string]int32   `query:"map" json:"map"`
	Lists       map[string][]int32 `query:"lists" json:"lists"`
}

type pair struct {
	tandem.Tuple
	N int32
	B bool
}

type searchParams struct {
	Case int       `query:"case" json:"case"`
	Text string    `query:"text" json:"text"`
	Page *uint32   `query:"page" json:"page"`
	Tags *[]string `query:"tags" json:"tags"`
}

type renamedParams struct {
	Case int    `query:"case" json:"-"`
	Term string `query:"q" json:"term"`
}

type headerParams struct {
	Case  int      `query:"case" json:"-"`
	Token *string  `header:"X-Token" json:"token"`
	Langs []string `header:"X-Lang" json:"langs"`
	SID   *string  `cookie:"sid" json:"-"`
	// What a server of Dioxus sees of a cookie is the header.
	Cookie *string `query:"-" json:"cookie"`
}

// letters are the samples of what a client of Dioxus can put in a path; escaped are those it cannot, because it writes them
// as they are.
var (
	letters = []pathParams{
		{"lobby", 1, true, "a", 0},
		{"two words", math.MinInt32, false, "é", 1},
		{"größe-日本-😀", math.MaxInt32, true, "😀", 2},
		{"a+b&c=d;e,f@g:h!$'()*~_.-", 0, false, "~", 3},
	}
	escaped = []pathParams{
		{"a/b", 0, false, "a", 4},
		{"what?", 0, false, "?", 5},
		{"a#b", 0, false, "#", 6},
		{"100%", 0, false, "%", 7},
		{"%2F", 0, false, "a", 8},
	}
)

// group is a kind of parameters, with the endpoint of that name in src/params.rs.
type group struct {
	name   string
	cases  int
	ask    func(t *testing.T, base string, i int)
	answer func(m mount)
}

func params[P any](name, path string, samples ...P) group {
	endpoint := &tandem.Endpoint[P, *struct{}, P]{Path: path, Codec: json.Codec, NativeOnly: true}
	return group{
		name:  name,
		cases: len(samples),
		ask: func(t *testing.T, base string, i int) {
			t.Helper()
			ctx := within(t)
			c, err := endpoint.Dial(ctx, base, samples[i], nil)
			assert.NoError(t, err)
			defer c.Close(tandem.CodeNormal, "")
			got, err := c.Recv(ctx)
			assert.NoError(t, err)
			assert.Equal(t, got, sent(samples[i]))
			_, err = c.Recv(ctx)
			assert.ErrorIs(t, err, io.EOF)
		},
		answer: func(m mount) {
			serve(m, endpoint, func(ctx context.Context, p P, c *tandem.Conn[*struct{}, P]) error {
				i := int(reflect.ValueOf(p).FieldByName("Case").Int())
				if i >= len(samples) {
					return &tandem.CloseError{Code: tandem.CodeAppStop, Reason: "no such case"}
				}
				got, want := arrived(p), samples[i]
				if !reflect.DeepEqual(got, want) {
					return &tandem.CloseError{Code: tandem.CodeAppStop, Reason: assert.Diff(got, want)}
				}
				return c.Send(ctx, got)
			})
		},
	}
}

// sent is a sample as it comes back in a message, in which some parameters are not.
func sent[P any](p P) P {
	switch p := any(&p).(type) {
	case *scalarParams:
		p.Case = 0
	case *headerParams:
		p.Case, p.SID = 0, nil
	case *searchParams:
	default:
		reflect.ValueOf(p).Elem().FieldByName("Case").SetInt(0)
	}
	return p
}

// arrived is what a server has read in the words of the sample: no header is an empty list in Rust, and a cookie is a
// header.
func arrived[P any](p P) P {
	h, ok := any(&p).(*headerParams)
	if ok && h.Langs == nil {
		h.Langs = []string{}
	}
	if ok && h.SID != nil {
		h.Cookie = new("sid=" + *h.SID)
	}
	return p
}

var groups = []group{
	params("path", "/paths/{text}/{number}/{flag}/{letter}?case", append(letters, escaped...)...),
	params("rest", "/files/{rest...}?case", restParams{"a", 0}, restParams{"a/b/c", 1}, restParams{"a b/ü.txt", 2}),
	params("scalars", "/scalars",
		scalarParams{
			Letter: "a", Int8: math.MinInt8, Int16: math.MinInt16, Int32: math.MinInt32, Int64: math.MinInt64, Float32: -1.5, Float64: 1,
			Kind: "Small",
		},
		scalarParams{
			Case: 1, Text: "a&b=c+d/é%?#[x]'\"<>~*-_.!()@:,;$^`|{}\\ 😀 \x01", Letter: "😀", Flag: true,
			Int8: math.MaxInt8, Int16: math.MaxInt16, Int32: math.MaxInt32, Int64: math.MaxInt64,
			Uint8: math.MaxUint8, Uint16: math.MaxUint16, Uint32: math.MaxUint32, Uint64: math.MaxUint64, Float32: 0.1, Float64: 1e-7,
			Kind: "Large",
		}),
	params("nested", "/nested",
		nestedParams{
			List: []int32{1}, Words: []string{""}, Array: [2]uint8{0, 255}, Pair: pair{N: -1}, Person: person{Age: 36},
			People: []person{{"a", 36, nil}}, Map: map[string]int32{"k": 1}, Lists: map[string][]int32{"k": {1}},
		},
		nestedParams{
			Case: 1, Maybe: new("two words"), Number: new(int32(0)), List: []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
			Words: []string{"a&b", "c=d", "[e]"}, MaybeList: &[]int32{1, 2}, Array: [2]uint8{1, 2}, Pair: pair{N: math.MaxInt32, B: true},
			Person: person{"Ada & Co", 36, new("x[0]=y")}, MaybePerson: &person{"Grace", 36, nil},
			People: []person{{"a", 36, new("b")}, {"c", 36, nil}}, Map: map[string]int32{"k 1": 2, "é=&": 3},
			Lists: map[string][]int32{"one": {1}, "two": {1, 2}},
		}),
	params("search", "/search", searchParams{Text: "a b"}, searchParams{1, "", new(uint32(2)), &[]string{"x", "y"}}),
	params("renamed", "/renamed?case&q", renamedParams{0, "a b"}),
	params("headers", "/headers?case", headerParams{Langs: []string{}},
		headerParams{1, new("secret 1"), []string{"de", "en"}, new("s1"), new("sid=s1")}),
}

// A server of Dioxus gets parameters from Go.
func TestServer_params(t *testing.T) {
	_, base := startServer(t)
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for i := range g.cases {
				t.Run(fmt.Sprint(i), func(t *testing.T) { g.ask(t, base, i) })
			}
		})
	}
}

// A client of Dioxus sends parameters to Go.
func TestClient_params(t *testing.T) {
	m, base := listen(t)
	p := startClient(t, base)
	for _, g := range groups {
		g.answer(m)
		t.Run(g.name, func(t *testing.T) {
			p.tell(t, command{"do": "cases", "name": g.name})
			cases := g.cases
			if g.name == "path" {
				cases = len(letters)
			}
			p.want(t, "done", fmt.Sprint(cases))
			for i := range cases {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					p.do(t, command{"do": "params", "name": g.name, "case": i})
				})
			}
		})
	}
}
