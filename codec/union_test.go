package codec_test

import (
	"encoding/hex"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/serde"
)

// strictEvent and strictShape are unions that refuse unknown tags.
type (
	strictEvent interface{ strictEvent() }
	strictText  string
	strictUnit  struct{} //nolint:recvcheck // a pointer in one union, a value in the other
	strictOpt   struct{ Value *int }
	strictPoint struct{ X, Y int8 }
	strictTuple struct {
		serde.Tuple
		A int
		B string
	}
	strictEmpty struct{ serde.Tuple }
	strictMap   map[string]int

	strictShape  interface{ strictShape() }
	strictCircle struct{ R int8 }
)

func (strictOpt) TandemTransparent() {}
func (strictText) strictEvent()      {}
func (*strictUnit) strictEvent()     {}
func (strictOpt) strictEvent()       {}
func (strictPoint) strictEvent()     {}
func (strictTuple) strictEvent()     {}
func (strictEmpty) strictEvent()     {}
func (strictMap) strictEvent()       {}
func (strictCircle) strictShape()    {}
func (strictUnit) strictShape()      {}

var (
	_ = union(serde.Union{}, map[string]strictEvent{
		"Text": strictText(""), "Unit": &strictUnit{}, "Opt": strictOpt{}, "Point": strictPoint{},
		"Tup": strictTuple{}, "ETup": strictEmpty{}, "Map": strictMap{},
	})
	_ = union(serde.Union{Tagging: serde.Adjacent}, map[string]strictShape{"Circle": strictCircle{}, "Unit": strictUnit{}})
)

func TestUnion_external(t *testing.T) {
	seven := 7
	for _, row := range []struct {
		in    string
		want  strictEvent
		again string
	}{
		{`{"Text":"hi"}`, strictText("hi"), ""},
		{` { "Text" : "hi" } `, strictText("hi"), `{"Text":"hi"}`},
		{`{"\u0054ext":"hi"}`, strictText("hi"), `{"Text":"hi"}`},
		{`"Unit"`, &strictUnit{}, ""},
		{`{"Unit":null}`, &strictUnit{}, `"Unit"`},
		{`{"Unit":{}}`, &strictUnit{}, `"Unit"`},
		{`{"Unit":{"zz":1}}`, &strictUnit{}, `"Unit"`},
		{`{"Unit":[]}`, &strictUnit{}, `"Unit"`},
		{`{"Opt":null}`, strictOpt{}, ""},
		{`{"Opt":7}`, strictOpt{&seven}, ""},
		{`{"Point":{"X":1,"Y":-1}}`, strictPoint{1, -1}, ""},
		{`{"Point":[1,-1]}`, strictPoint{1, -1}, `{"Point":{"X":1,"Y":-1}}`},
		{`{"Tup":[1,"b"]}`, strictTuple{A: 1, B: "b"}, ""},
		{`{"ETup":[]}`, strictEmpty{}, ""},
		{`"ETup"`, strictEmpty{}, `{"ETup":[]}`},
		{`{"Map":{}}`, strictMap{}, ""},
		{`{"Map":{"b":1,"a":2}}`, strictMap{"a": 2, "b": 1}, `{"Map":{"a":2,"b":1}}`},
	} {
		var got strictEvent
		if err := json.Codec.Decode([]byte(row.in), &got); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: got %#v, %v, want %#v", row.in, got, err, row.want)
			continue
		}
		if row.again == "" {
			row.again = row.in
		}
		if out, err := json.Codec.Append(nil, &got); err != nil || string(out) != row.again {
			t.Errorf("%s went out as %s, %v, want %s", row.in, out, err, row.again)
		}
	}
}

func TestUnion_refused(t *testing.T) {
	for _, row := range []struct {
		in   string
		into any
		want string
	}{
		{`"Text"`, new(strictEvent), "json: the variant Text needs its content (offset 0)"},
		{`"Opt"`, new(strictEvent), "json: the variant Opt needs its content (offset 0)"},
		{`"Tup"`, new(strictEvent), "json: the variant Tup needs its content (offset 0)"},
		{`"text"`, new(strictEvent), `json: unknown variant "text" (offset 0)`},
		{`{"<script>\u0000aaaaaaaaaaaaaaaaaaaaaa":1}`, new(strictEvent), `json: unknown variant "<script>\x00aaaaaaa"... (offset 1)`},
		{`{}`, new(strictEvent), "json: a variant is a map of one key (offset 1)"},
		{`{"Text":"a","Unit":null}`, new(strictEvent), "json: a variant is a map of one key (offset 8)"},
		{`{"Text":1}`, new(strictEvent), "json: (Text): an integer where text belongs (offset 8)"},
		{`{"Point":{"X":1,"Y":200}}`, new(strictEvent), "json: (Point).Y: 200 does not fit int8 (offset 20)"},
		{`{"Unit":[1]}`, new(strictEvent), "json: (Unit): a list of 1 where 0 belong (offset 8)"},
		{`null`, new(strictEvent), "json: null where a variant belongs (offset 0)"},
		{`["Text","a"]`, new(strictEvent), "json: a list where a variant belongs (offset 0)"},
		{`{"type":"Square"}`, new(strictShape), `json: unknown variant "Square" (offset 8)`},
		{`{"data":{"R":1}}`, new(strictShape), "json: a variant without type (offset 15)"},
		{`{"type":"Circle"}`, new(strictShape), "json: the variant Circle needs its content (offset 16)"},
		{`{"type":"Unit","type":"Unit"}`, new(strictShape), "json: the field type comes twice (offset 15)"},
		{`{"type":"Circle","data":{},"data":{}}`, new(strictShape), "json: the field data comes twice (offset 27)"},
		{`{"data":{},"data":{},"type":"Circle"}`, new(strictShape), "json: the field data comes twice (offset 11)"},
		{`{"zz":1,"zz":1,"type":"Unit"}`, new(strictShape), `json: the field "zz" comes twice (offset 8)`},
		{`{"type":"Circle","data":{"R":300}}`, new(strictShape), "json: (Circle).R: 300 does not fit int8 (offset 29)"},
		{`{"data":{"R":300},"type":"Circle"}`, new(strictShape), "json: (Circle).R: 300 does not fit int8 (offset 13)"},
		{`{"type":1}`, new(strictShape), "json: .type: an integer where text belongs (offset 8)"},
		{`"Unit"`, new(strictShape), "json: text where a variant belongs (offset 0)"},
		{`["Unit",{},1]`, new(strictShape), "json: a variant is a list of tag and content (offset 9)"},
	} {
		if err := json.Codec.Decode([]byte(row.in), row.into); err == nil || err.Error() != row.want {
			t.Errorf("%s:\n got %v\nwant %s", row.in, err, row.want)
		}
	}
}

func TestUnion_refusedBinary(t *testing.T) {
	for in, want := range map[string]string{
		"7f 64 556e6974 ff":           "cbor: the name of a variant in pieces (offset 0)",
		"a1 7f 64 556e6974 ff f6":     "cbor: the name of a variant in pieces (offset 1)",
		"44 556e6974":                 "cbor: bytes where text belongs (offset 0)",
		"00":                          "cbor: an integer where a variant belongs (offset 0)",
		"c1 00":                       "cbor: an integer where a variant belongs (offset 1)",
		"82 64 54657874 6161":         "cbor: a list where a variant belongs (offset 0)",
		"a2 64 54657874 6161 6162 f6": "cbor: a variant is a map of one key (offset 0)",
		"bf 64 54657874 6161 6162 f6": "cbor: a variant is a map of one key (offset 6)",
		"a1 65 506f696e74 82 01 02":   "cbor: (Point): a list where a map belongs (offset 7)",
		"bf 64 556e6974 f7":           "cbor: the message ends too early (offset 7)",
		"a1 64 54657874 c0c0c0 61ff":  "cbor: (Text): invalid UTF-8 (offset 9)",
	} {
		var v strictEvent
		if err := cbor.Codec.Decode(unhex(t, in), &v); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", in, err, want)
		}
	}
	for in, want := range map[string]string{
		"00":                   "msgpack: an integer where a variant belongs (offset 0)",
		"81 00 c0":             "msgpack: a variant by its number: names only (offset 1)",
		"82 a161 01 a162 02":   "msgpack: a variant is a map of one key (offset 0)",
		"81 a454657874 c0":     "msgpack: (Text): null where text belongs (offset 6)",
		"c4 04 58585858":       `msgpack: unknown variant "XXXX" (offset 0)`,
		"81 a3547570 92 01":    "msgpack: (Tup): a length beyond the end of the message (offset 5)",
		"81 a3547570 91 01":    "msgpack: (Tup): a list of 1 where 2 belong (offset 5)",
		"81 a454657874 c1":     "msgpack: (Text): the unused byte 0xc1 (offset 6)",
		"81 a454657874 a16100": "msgpack: bytes behind the message (offset 8)",
	} {
		var v strictEvent
		if err := msgpack.Codec.Decode(unhex(t, in), &v); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", in, err, want)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUnion_adjacent(t *testing.T) {
	for in, want := range map[string]strictShape{
		`{"type":"Circle","data":{"R":1}}`:                      strictCircle{1},
		`{"data":{"R":1},"type":"Circle"}`:                      strictCircle{1},
		`{"a":[1],"data":{"R":1},"b":{},"type":"Circle","c":0}`: strictCircle{1},
		`{"type":"Unit"}`:                                       strictUnit{},
		`{"type":"Unit","data":null}`:                           strictUnit{},
		`{"data":{},"type":"Unit"}`:                             strictUnit{},
		`["Circle",[1]]`:                                        strictCircle{1},
	} {
		var got strictShape
		if err := json.Codec.Decode([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: got %#v, %v, want %#v", in, got, err, want)
		}
	}
}

// nested is an adjacent union that contains itself.
type nested interface{ nested() }

type (
	nestedMore struct{ Inner nested }
	nestedText string
)

func (nestedMore) nested() {}
func (nestedText) nested() {}

var _ = union(serde.Union{Tagging: serde.Adjacent}, map[string]nested{"More": nestedMore{}, "Text": nestedText("")})

// Content that comes before its tag, level within level, is read where it lies: no level keeps a copy.
func TestUnion_nestedContentFirst(t *testing.T) {
	text := strings.Repeat("x", 64<<10)
	message := `{"data":"` + text + `","type":"Text"}`
	for range 20 {
		message = `{"data":{"Inner":` + message + `},"type":"More"}`
	}
	var v nested
	before := memory().TotalAlloc
	if err := json.Codec.Decode([]byte(message), &v); err != nil {
		t.Fatal(err)
	}
	if used := memory().TotalAlloc - before; used > 4*uint64(len(text)) {
		t.Errorf("%d bytes allocated for a text of %d", used, len(text))
	}
	for range 20 {
		v = v.(nestedMore).Inner
	}
	if v != nested(nestedText(text)) {
		t.Error("another text")
	}
}

func memory() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	return m
}
