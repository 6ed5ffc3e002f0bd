package tandem_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Unions for the tests of one feature each; a type can be declared once only.
type (
	pet      interface{ pet() }
	dog      struct{ Name string }
	cat      struct{}
	fish     string
	otherPet struct{ tandem.Unknown }

	keyed  interface{ keyed() }
	keyedA int
	keyedB struct{}

	undeclared interface{ undeclared() }
)

func (*dog) pet()          {}
func (cat) pet()           {}
func (fish) pet()          {}
func (otherPet) pet()      {}
func (keyedA) keyed()      {}
func (keyedB) keyed()      {}
func (keyedA) undeclared() {}

var (
	petUnion = tandem.UnionWith(map[string]pet{"dog": &dog{}, "cat": cat{}, "fish": fish("")}, &tandem.UnionOptions{Unknown: otherPet{}})
	_        = tandem.UnionWith(map[string]keyed{"a": keyedA(0), "b": keyedB{}}, &tandem.UnionOptions{Adjacent: true, TypeKey: "t", DataKey: "d"})
)

func allCodecs() []tandem.Codec { return []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} }

// recode encodes a value in a codec and decodes it again.
func recode[T any](t testing.TB, codec tandem.Codec, v T) (out T, wire []byte) {
	t.Helper()
	wire, err := codec.Append(nil, &v)
	assert.NoError(t, err, codec.Name())
	assert.NoError(t, codec.Decode(wire, &out), codec.Name())
	return out, wire
}

func TestUnion_comesBackAsItWent(t *testing.T) {
	for _, codec := range allCodecs() {
		for _, want := range []pet{&dog{Name: "Rex"}, cat{}, fish("Wanda")} {
			got, _ := recode(t, codec, want)
			assert.Equal(t, got, want, codec.Name())
		}
	}
}

func TestUnionOptions_Unknown_isTheSameVariantAgain(t *testing.T) {
	for _, codec := range allCodecs() {
		type newer struct { // what a program with a newer table would send
			Bird struct{ Wings int } `json:"bird"`
		}
		var msg newer
		msg.Bird.Wings = 2
		wire, err := codec.Append(nil, &msg)
		assert.NoError(t, err)
		var p pet
		assert.NoError(t, codec.Decode(wire, &p), codec.Name())
		other, ok := p.(otherPet)
		assert.True(t, ok, reflect.TypeOf(p))
		assert.Equal(t, []string{other.Tag, other.Codec}, []string{"bird", codec.Name()})
		again, err := codec.Append(nil, &p)
		assert.NoError(t, err)
		assert.Equal(t, again, wire, codec.Name())
	}
	var p pet = otherPet{tandem.Unknown{Tag: "bird", Codec: "cbor", Data: []byte{0xf6}}}
	_, err := json.Codec.Append(nil, &p)
	assert.True(t, err != nil, "in another codec it cannot be encoded")
}

func TestUnionOptions_Unknown_overAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &tandem.Endpoint[struct{}, pet, pet]{Path: "/pets", Codec: json.Codec}
		c := connectTo(t, e, func(ctx context.Context, _ struct{}, c *tandem.Conn[pet, pet]) error {
			for p, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				if err := c.Send(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(`{"bird": {"wings":2}}`)}))
		f, err := c.Raw().Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, string(f.Data), `{"bird":{"wings":2}}`)
	})
}

func TestUnion_unknownTagIsNamed(t *testing.T) {
	for tag, message := range map[string]string{"c": `{"t":"c"}`, "Run": `"Run"`} {
		var err error
		if tag == "c" {
			err = json.Codec.Decode([]byte(message), new(keyed))
		} else {
			err = json.Codec.Decode([]byte(message), new(PlayerMove))
		}
		assert.True(t, err != nil && strings.Contains(err.Error(), `"`+tag+`"`), err)
	}
}

func TestUnionOptions_Adjacent_TypeKey_DataKey(t *testing.T) {
	for _, row := range []struct {
		v    keyed
		want string
	}{{keyedA(5), `{"t":"a","d":5}`}, {keyedB{}, `{"t":"b"}`}} {
		got, wire := recode(t, json.Codec, row.v)
		assert.Equal(t, string(wire), row.want)
		assert.Equal(t, got, row.v)
	}
}

func TestUnionType_Variants_isTheTable(t *testing.T) {
	variants := petUnion.Variants()
	assert.Equal(t, slices.Sorted(maps.Keys(variants)), []string{"cat", "dog", "fish"})
	assert.Equal(t, variants["dog"], reflect.TypeFor[*dog]())
	variants["dog"] = nil
	assert.Equal(t, petUnion.Variants()["dog"], reflect.TypeFor[*dog](), "the caller's map is a copy")
}

// Every table that cannot work is refused when the program starts, by a panic that names the union.
func TestUnion_badTables(t *testing.T) {
	type fresh = undeclared // not registered, because each call fails
	for says, f := range map[string]func(){
		"no variants":      func() { tandem.Union[fresh](nil) },
		"empty tag":        func() { tandem.Union(map[string]fresh{"": keyedA(0)}) },
		"two tags":         func() { tandem.Union(map[string]fresh{"a": keyedA(0), "b": keyedA(1)}) },
		"nil":              func() { tandem.Union(map[string]fresh{"a": nil}) },
		"not an interface": func() { tandem.Union(map[string]keyedA{"a": 0}) },
		"without methods":  func() { tandem.Union(map[string]any{"a": 0}) },
		"registered twice": func() { tandem.Union(map[string]pet{"cat": cat{}}) },
		"need Adjacent":    func() { tandem.UnionWith(map[string]fresh{"a": keyedA(0)}, &tandem.UnionOptions{TypeKey: "t"}) },
		"are equal": func() {
			tandem.UnionWith(map[string]fresh{"a": keyedA(0)}, &tandem.UnionOptions{Adjacent: true, DataKey: "type"})
		},
		"does not implement": func() { tandem.UnionWith(map[string]fresh{"a": keyedA(0)}, &tandem.UnionOptions{Unknown: 5}) },
		"does not embed":     func() { tandem.UnionWith(map[string]keyed{"a": keyedA(0)}, &tandem.UnionOptions{Unknown: keyedB{}}) },
		"both a variant and": func() { tandem.UnionWith(map[string]keyed{"a": keyedA(0)}, &tandem.UnionOptions{Unknown: keyedA(0)}) },
	} {
		err := panicOf(f)
		assert.True(t, err != nil, says, ": no panic")
		assert.True(t, strings.HasPrefix(err.Error(), "tandem: union"), err)
		assert.True(t, strings.Contains(err.Error(), says), err, " does not say ", says)
	}
}

func TestUnion_undeclaredInterfaceIsACheckError(t *testing.T) {
	err := (&tandem.Endpoint[struct{}, undeclared, string]{Path: "/a", Codec: json.Codec}).Check()
	assert.True(t, err != nil && strings.Contains(err.Error(), "undeclared") && strings.Contains(err.Error(), "union"), err)
}
