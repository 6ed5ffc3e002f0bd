package codectest

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/serde"
)

// event is a union of every kind of variant, tagged from outside.
type event interface{ event() }

type (
	textInput string
	leave     struct{}
	moved     struct {
		X int `json:"x"`
		Y int `json:"y"`
	}
	renamed struct{ From, To string }
	batch   []string
	scores  map[string]int
	size    struct {
		serde.Tuple
		W, H int
	}
	nothing struct{ serde.Tuple }
	count   int64
	wrapped struct{ Events []oneOf[event] }
	other   struct{ serde.Unknown }
)

func (textInput) event() {}
func (*leave) event()    {}
func (moved) event()     {}
func (*renamed) event()  {}
func (batch) event()     {}
func (scores) event()    {}
func (size) event()      {}
func (nothing) event()   {}
func (count) event()     {}
func (wrapped) event()   {}
func (other) event()     {}

// shape is the same from inside, with keys of its own and nothing for unknown tags.
type shape interface{ shape() }

type (
	circle struct{ R float64 }
	point  struct{}
	label  string
)

func (circle) shape() {}
func (point) shape()  {}
func (label) shape()  {}

// fewer knows less than event does, so that messages go through it that it does not understand.
type fewer interface{ fewer() }

type passing struct{ serde.Unknown }

func (count) fewer()    {}
func (*passing) fewer() {}

// oneOf is the root package's OneOf in little.
type oneOf[T any] struct{ Value T }

func (oneOf[T]) TandemTransparent() {}

var (
	_ = union(serde.Union{Unknown: reflect.TypeFor[other]()}, map[string]event{
		"TextInput": textInput(""), "Leave": &leave{}, "Moved": moved{}, "Renamed": &renamed{}, "Batch": batch{}, "Scores": scores{},
		"Size": size{}, "Nothing": nothing{}, "Count": count(0), "Wrapped": wrapped{},
	})
	_ = union(serde.Union{Tagging: serde.Adjacent, TagKey: "kind", ContentKey: "is"},
		map[string]shape{"Circle": circle{}, "Point": point{}, "Label": label("")})
	_ = union(serde.Union{Unknown: reflect.TypeFor[*passing]()}, map[string]fewer{"Count": count(0)})
)

// union registers the variants of T, as the root package's Union does.
func union[T any](u serde.Union, variants map[string]T) struct{} {
	u.Interface = reflect.TypeFor[T]()
	u.Variants = make(map[string]reflect.Type, len(variants))
	for tag, v := range variants {
		u.Variants[tag] = reflect.TypeOf(v)
	}
	if err := serde.Register(u); err != nil {
		panic(err)
	}
	return struct{}{}
}

// drawing holds unions at every place one can be.
type drawing struct {
	Main   shape
	Maybe  *oneOf[shape]
	List   []shape
	ByName map[string]oneOf[shape]
	Array  [2]event
}

func checkUnions(t *testing.T, c tandem.Codec) {
	events := []event{
		textInput("hi"), textInput(""), &leave{}, moved{1, -2}, &renamed{"a", "b"}, batch{"x"}, batch{}, scores{"a": 1}, size{W: 3, H: 4}, nothing{}, count(-7),
		wrapped{[]oneOf[event]{{count(1)}, {&leave{}}, {wrapped{[]oneOf[event]{}}}}},
	}
	for _, e := range events {
		roundTrip(t, c, &e)
	}
	roundTrip(t, c, &events)
	for _, s := range []shape{circle{1.5}, point{}, label("l")} {
		roundTrip(t, c, &s)
	}
	roundTrip(t, c, &drawing{
		circle{1}, &oneOf[shape]{label("x")}, []shape{point{}, circle{2}}, map[string]oneOf[shape]{"a": {point{}}, "b": {label("")}}, [2]event{count(1), &leave{}},
	})

	type bad struct {
		name string
		v    any
	}
	for _, b := range []bad{
		{"nil", new(event)}, {"nil variant", new(event((*renamed)(nil)))}, {"nested nil", &drawing{}},
		{"unknown without a tag", new(event(other{}))},
		{"unknown that is known", new(event(other{serde.Unknown{Tag: "Leave", Codec: c.Name()}}))},
		{"unknown of another codec", new(event(other{serde.Unknown{Tag: "X", Codec: "none"}}))},
		{"unknown with broken data", new(event(other{serde.Unknown{Tag: "X", Codec: c.Name(), Data: []byte("\xff\xff")}}))},
	} {
		if src, err := c.Append(nil, b.v); err == nil {
			t.Errorf("%s was encoded as %q", b.name, src)
		}
	}
	checkUnknown(t, c, events)
}

func checkUnknown(t *testing.T, c tandem.Codec, events []event) {
	for _, e := range events {
		src := mustAppend(t, c, nil, &e)
		var f fewer
		if err := c.Decode(src, &f); err != nil {
			t.Errorf("%T as an unknown variant: %v", e, err)
			continue
		}
		if _, ok := e.(count); !ok {
			if p, ok := f.(*passing); !ok || p.Codec != c.Name() || p.Tag == "" {
				t.Errorf("%T came as %T %+v", e, f, f)
			}
		}
		if again := mustAppend(t, c, nil, &f); string(again) != string(src) {
			t.Errorf("%T came as %q and went on as %q", e, src, again)
		}
	}
	var s shape
	src := mustAppend(t, c, nil, &map[string]any{"kind": strings.Repeat("\x01", 40)})
	err := c.Decode(src, &s)
	if e, ok := errors.AsType[*serde.Error](err); !ok || len(e.Error()) > 123 || strings.Contains(e.Error(), "\x01") {
		t.Errorf("the error of an unknown tag is %q", err)
	}
}
